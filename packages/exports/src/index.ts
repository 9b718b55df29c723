export { export_summary } from './export_summary.ts';
export { posts_enriched_csv } from './posts_enriched_csv.ts';
export { top_authors_csv } from './top_authors_csv.ts';
export { user_stats_csv } from './user_stats_csv.ts';
export { users_csv } from './users_csv.ts';
