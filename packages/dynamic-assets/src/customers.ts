import { daily_events } from '@acme/events';
import { multiAsset, sql } from '@nx-assets/core';
import { z } from 'zod';

/** Two tables of one look at all events. */
export const { buyers, visitors } = multiAsset({
  description: 'Who came to the shop in the month.',
  kind: 'duckdb',
  deps: { daily_events },
  outputs: {
    buyers: {
      description: 'Customers who bought something, and for how much.',
      schema: z.object({ customer: z.int(), purchases: z.int(), cents: z.int() }),
      orderBy: ['customer'],
    },
    visitors: {
      description: 'Customers who only looked.',
      schema: z.object({ customer: z.int(), views: z.int() }),
      orderBy: ['customer'],
    },
  },
  async materialize({ daily_events: events }, { query }) {
    await query(sql`
      CREATE TEMP TABLE customers AS
      SELECT customer,
             count(*) FILTER (kind = 'purchase') AS purchases,
             count(*) FILTER (kind = 'view') AS views,
             CAST(sum(cents) AS BIGINT) AS cents
      FROM ${events} GROUP BY customer`);
    return {
      buyers: sql`SELECT customer, purchases, cents FROM customers WHERE purchases > 0`,
      visitors: sql`SELECT customer, views FROM customers WHERE purchases = 0`,
    };
  },
});
