import { posts_with_user_info } from '@acme/transforms';
import { csv } from '@nx-assets/csv';

export const posts_enriched_csv = csv({
  description: 'The posts with their authors, for a spreadsheet or another system.',
  from: posts_with_user_info,
  file: 'modular_posts_enriched.csv',
});
