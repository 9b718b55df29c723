/** Assets of which some fail, to be made in two runs. */
export const SOURCE = `
import { asset, daily, job, rowCount, unique } from '@nx-assets/core';
import { z } from 'zod';

export const numbers = asset({
  description: 'Some numbers.',
  isolated: true,
  schema: z.object({ id: z.int(), n: z.int() }),
  checks: [unique('id'), rowCount({ min: 1 })],
  metadata: { source: 'nowhere' },
  materialize: (_inputs, { log }) => {
    log.info('counts');
    log.info('has counted');
    return [{ id: 1, n: 10 }, { id: 2, n: 20 }];
  },
});
export const sum = asset({
  description: 'Their sum.',
  deps: { numbers },
  value: z.int(),
  materialize: async ({ numbers }) => (await numbers.rows()).reduce((all, { n }) => all + n, 0),
});
export const broken = asset({
  description: 'Throws.',
  value: z.int(),
  materialize: () => {
    throw new Error('no number today');
  },
});
export const after = asset({
  description: 'Waits for it.',
  deps: { broken },
  value: z.int(),
  materialize: () => 1,
});
export const days = asset({
  description: 'A number for each of three days.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-04', timeZone: 'UTC' }),
  value: z.int(),
  materialize: (_inputs, { partition }) => {
    if (partition.key === '2026-03-02') throw new Error('no day');
    return 1;
  },
});
export const nightly = job({ description: 'Every night.', select: sum });
`;
