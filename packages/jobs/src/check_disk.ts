import { statfs } from 'node:fs/promises';
import { op } from '@nx-assets/core';
import { z } from 'zod';

/** Less would not take the exports twice. */
const LEAST = 50_000_000;

export const check_disk = op({
  name: 'check_disk',
  description: 'Sees that there is room for the exports and their copies, before anything is computed.',
  output: z.object({ free_bytes: z.int() }),
  async run(_inputs, { root, log }) {
    const { bavail, bsize } = await statfs(root);
    const free_bytes = bavail * bsize;
    if (free_bytes < LEAST) throw new Error(`only ${free_bytes} bytes are free, and ${LEAST} are needed`);
    log.debug(`${free_bytes} bytes are free`);
    return { free_bytes };
  },
});
