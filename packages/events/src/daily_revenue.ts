import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
import { daily_events } from './daily_events.ts';
import { days } from './partitions.ts';

/** The same days on both sides, so each day is made from the events of that day: nobody has to say it. */
export const daily_revenue = asset({
  description: 'Purchases and revenue of each day.',
  kind: 'duckdb',
  partitions: days,
  deps: { daily_events },
  schema: z.object({ day: z.string(), purchases: z.int(), customers: z.int(), cents: z.int() }),
  orderBy: ['day'],
  materialize: (inputs) => sql`
    SELECT day, count(*) AS purchases, count(DISTINCT customer) AS customers, CAST(sum(cents) AS BIGINT) AS cents
    FROM ${inputs.daily_events} WHERE kind = 'purchase' GROUP BY day`,
});
