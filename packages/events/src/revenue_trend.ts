import { asset, sql, trailing } from '@nx-assets/core';
import { eager } from '@nx-assets/core/automation';
import { z } from 'zod';
import { daily_revenue } from './daily_revenue.ts';
import { days } from './partitions.ts';

/** Seven days back: when one day changes, the seven that look at it run again and no others. */
export const revenue_trend = asset({
  description: 'Revenue of the seven days up to each day.',
  kind: 'duckdb',
  partitions: days,
  // While automation is served, the last day runs as soon as the data of one of its seven has changed.
  automation: eager(),
  deps: { last_week: trailing(daily_revenue, 7) },
  schema: z.object({ day: z.string(), days: z.int(), cents: z.int() }),
  orderBy: ['day'],
  materialize: (inputs, { partition }) => sql`
    SELECT ${partition.key} AS day, count(*) AS days, CAST(sum(cents) AS BIGINT) AS cents
    FROM ${inputs.last_week}`,
});
