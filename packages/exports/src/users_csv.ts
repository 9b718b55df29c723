import { users_cleaned } from '@acme/transforms';
import { csv } from '@nx-assets/csv';

export const users_csv = csv({
  description: 'The cleaned users, for a spreadsheet or another system.',
  from: users_cleaned,
  file: 'modular_users.csv',
});
