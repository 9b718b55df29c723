import { asset, sql } from '@nx-assets/core';
import { compose } from '@nx-assets/flow';
import { z } from 'zod';
import { buyers, visitors } from './customers.ts';

/** One asset of small functions. Those that need nothing of each other run side by side. */
export const newsletter = asset({
  description: 'What to write to the customers of the month.',
  kind: 'json',
  deps: { buyers, visitors },
  value: z.object({ to: z.int(), headline: z.string() }),
  materialize: ({ buyers: some, visitors: others }, context) =>
    compose(context, (fn) => {
      const best = fn('best customer', async () => {
        const [first] = await context.query<{ customer: number }>(
          sql`SELECT customer FROM ${some} ORDER BY cents DESC, customer LIMIT 1`,
        );
        return first?.customer ?? null;
      });
      const counts = fn('counts', async () => {
        const [row] = await context.query<{ buyers: number; visitors: number }>(
          sql`SELECT (SELECT count(*) FROM ${some}) AS buyers, (SELECT count(*) FROM ${others}) AS visitors`,
        );
        return row ?? { buyers: 0, visitors: 0 };
      });
      return fn('headline', { best, counts }, ({ best: customer, counts: of }) => ({
        to: of.buyers + of.visitors,
        headline: `${of.buyers} of you found something. Number ${customer}, thank you!`,
      }));
    }),
});
