import { month_summary } from '@acme/events';
import { asset, assets } from '@nx-assets/core';
import { z } from 'zod';
import currencies from './currencies.json' with { type: 'json' };

/** An asset for each entry of the list: `revenue_in_jpy` and so on. Another entry is another asset, and runs alone. */
export const revenue_in = assets(currencies, ({ code, perEuro }) => [
  code.toLowerCase(),
  asset({
    description: `The revenue of the month in ${code}.`,
    kind: 'json',
    deps: { month_summary },
    value: z.object({ code: z.string(), amount: z.number() }),
    materialize: ({ month_summary: { cents } }) => ({ code, amount: Math.round(cents * perEuro) / 100 }),
  }),
]);
