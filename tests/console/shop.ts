/** A small shop: an asset of each kind of trouble, and names and texts that try to be markup. */
export const SHOP = `
import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync } from 'node:fs';
import { asset, daily, rowCount, unique } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ id: z.int(), name: z.string() });
export const raw = asset({
  description: 'Rows <b>from outside</b>.',
  schema: Row,
  env: ['ROWS'],
  checks: [unique('id'), rowCount({ min: 2 }, { severity: 'warn' })],
  materialize: (_inputs, { log }) => {
    log.info('\\u001b[31mred\\u001b[0m <script>alert(1)</script>');
    return Array.from({ length: Number(process.env.ROWS ?? 3) }, (_, id) => ({ id, name: 'row <i>' + id }));
  },
});
export const names = asset({
  description: 'Their names.',
  deps: { raw },
  schema: z.object({ name: z.string() }),
  materialize: async ({ raw }, { log }) => {
    log.info('a line\\nof two');
    log.info('a long line '.repeat(40));
    log.info('the last line');
    if (existsSync('broken')) throw new Error('the shelf fell down');
    return (await raw.rows()).map(({ name }) => ({ name }));
  },
});
export const after = asset({ description: 'After them.', deps: { names }, value: z.int(), materialize: async ({ names }) => (await names.rows()).length });
export const hidden = asset({ description: 'Nobody looks.', preview: false, schema: Row, materialize: () => [{ id: 1, name: 'secret' }] });
export const days = asset({
  description: 'A number for each day.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-11' }),
  value: z.string(),
  materialize: (_inputs, { partition }) => partition.key,
});
export const slow = asset({
  description: 'It takes its time.',
  value: z.int(),
  materialize: async (_inputs, { signal, log }) => {
    for (let line = 0; line < (existsSync('quick') ? 3 : 600); line++) { log.info('line ' + line); await sleep(100, undefined, { signal }); }
    return 1;
  },
});
`;
