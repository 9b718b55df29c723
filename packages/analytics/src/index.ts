export { data_summary } from './data_summary.ts';
export { top_authors } from './top_authors.ts';
export { user_activity_stats } from './user_activity_stats.ts';
export { DataSummary } from './summary.ts';
