import { asset, membersOf } from '@nx-assets/core';
import { z } from 'zod';
import { revenue_in } from './revenue_in.ts';

export const revenue_by_currency = asset({
  description: 'The revenue of the month, a row for each currency of the list.',
  deps: membersOf(revenue_in),
  schema: z.object({ code: z.string(), amount: z.number() }),
  orderBy: ['code'],
  materialize: (all) => Object.values(all),
});
