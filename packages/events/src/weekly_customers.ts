import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
import { daily_events } from './daily_events.ts';
import { weeks } from './partitions.ts';

/** A week is made from its seven days. */
export const weekly_customers = asset({
  description: 'How many customers came, and how many of them bought, for each week.',
  kind: 'duckdb',
  partitions: weeks,
  deps: { daily_events },
  schema: z.object({ week: z.string(), customers: z.int(), buyers: z.int() }),
  orderBy: ['week'],
  materialize: (inputs, { partition }) => sql`
    SELECT ${partition.key} AS week,
           count(DISTINCT customer) AS customers,
           count(DISTINCT customer) FILTER (WHERE kind = 'purchase') AS buyers
    FROM ${inputs.daily_events}`,
});
