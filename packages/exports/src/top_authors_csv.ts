import { top_authors } from '@acme/analytics';
import { csv } from '@nx-assets/csv';

export const top_authors_csv = csv({
  description: 'The five users who wrote most, for a spreadsheet or another system.',
  from: top_authors,
  file: 'modular_top_authors.csv',
});
