import { user_activity_stats } from '@acme/analytics';
import { csv } from '@nx-assets/csv';

export const user_stats_csv = csv({
  description: 'The activity of every user, for a spreadsheet or another system.',
  from: user_activity_stats,
  file: 'modular_user_stats.csv',
});
