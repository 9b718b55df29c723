import { asset } from '@nx-assets/core';
import { z } from 'zod';
import { daily_revenue } from './daily_revenue.ts';

/** Without partitions: made from all days. */
export const month_summary = asset({
  description: 'The month in a few numbers.',
  kind: 'json',
  deps: { daily_revenue },
  value: z.object({ days: z.int(), purchases: z.int(), cents: z.int(), best_day: z.string() }),
  materialize: async ({ daily_revenue: revenue }) => {
    const rows = await revenue.rows();
    const best = rows.reduce((a, b) => (b.cents > a.cents ? b : a));
    const sum = (column: 'purchases' | 'cents') => rows.reduce((total, row) => total + row[column], 0);
    return { days: rows.length, purchases: sum('purchases'), cents: sum('cents'), best_day: best.day };
  },
});
