import { asset, notNull, rowCount, sql } from '@nx-assets/core';
import { z } from 'zod';
import { days } from './partitions.ts';

const Event = z.object({
  day: z.string(),
  id: z.string(),
  at: z.string(),
  customer: z.int(),
  kind: z.enum(['view', 'cart', 'purchase']),
  cents: z.int(),
});

/** 8 000 a day are three million a year. */
const A_DAY = 8_000;

/**
 * A source that is computed: the same numbers on every machine, since each comes from a hash of the day and its place in
 * it. Many days cost little more than one, so a backfill makes them with one query.
 */
export const daily_events = asset({
  description: 'What visitors of the shop did, for each day: views, carts and purchases.',
  kind: 'duckdb',
  partitions: days,
  backfill: 'single-run',
  partitionColumn: 'day',
  schema: Event,
  orderBy: ['day', 'id'],
  checks: [rowCount({ min: 1 }), notNull('customer')],
  materialize: (_inputs, { partition }) => {
    const { start, end } = partition.window;
    return sql`
      WITH events AS (
        SELECT day, place, hash(day, place) AS seed
        FROM range(CAST(${start.toISOString().slice(0, 10)} AS DATE), CAST(${end.toISOString().slice(0, 10)} AS DATE), INTERVAL 1 DAY) AS days(day),
             range(${A_DAY}) AS places(place)
      )
      SELECT strftime(day, '%Y-%m-%d') AS day,
             format('{}-{:05d}', strftime(day, '%Y%m%d'), place) AS id,
             strftime(day + to_seconds(CAST(seed % 86400 AS BIGINT)), '%Y-%m-%dT%H:%M:%SZ') AS at,
             CAST(hash(seed) % 5000 AS BIGINT) AS customer,
             CASE WHEN seed % 100 < 80 THEN 'view' WHEN seed % 100 < 95 THEN 'cart' ELSE 'purchase' END AS kind,
             CAST(CASE WHEN seed % 100 >= 95 THEN 500 + hash(seed, 'cents') % 20000 ELSE 0 END AS BIGINT) AS cents
      FROM events`;
  },
});
