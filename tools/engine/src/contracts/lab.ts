// The assets that runners are tried with. Nothing but the public API: some runners load this file in another process.
import { asset, daily, multiAsset } from '@nx-assets/core';
import { z } from 'zod';

const Row = z.object({ day: z.string(), n: z.int() });

export const fine = asset({
  description: 'Says hello and gives a number.',
  value: z.int(),
  materialize: (_inputs, { log }) => {
    log.info('hello');
    return 1;
  },
});

export const broken = asset({
  description: 'Throws.',
  value: z.int(),
  materialize: () => {
    throw new Error('no number today');
  },
});

/** Four partitions, which one call makes. */
export const days = asset({
  description: 'A number for each of four days.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-05', timeZone: 'UTC' }),
  backfill: 'single-run',
  partitionColumn: 'day',
  schema: Row,
  materialize: (_inputs, { partition }) => partition.keys.map((day, n) => ({ day, n })),
});

export const { left, right } = multiAsset({
  description: 'Two values of one call.',
  outputs: {
    left: { description: 'One.', value: z.int() },
    right: { description: 'Two.', value: z.int() },
  },
  materialize: () => ({ left: 1, right: 2 }),
});

export const endless = asset({
  description: 'Ends when it is told to.',
  value: z.int(),
  materialize: (_inputs, { signal, log }) =>
    new Promise<number>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('told to end')), { once: true });
      log.info('begins');
    }),
});
