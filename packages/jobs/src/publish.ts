import { copyFile, mkdir, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { posts_enriched_csv, top_authors_csv, user_stats_csv, users_csv } from '@acme/exports';
import { op } from '@nx-assets/core';
import { z } from 'zod';

export const publish = op({
  name: 'publish',
  description: 'Copies the exports to output/published, each as a whole or not at all.',
  inputs: z.object({ free_bytes: z.int() }),
  output: z.object({ files: z.array(z.string()), bytes: z.int() }),
  deps: { users_csv, posts_enriched_csv, user_stats_csv, top_authors_csv },
  retry: { attempts: 3 },
  timeout: '1m',
  async run({ free_bytes, ...exports }, { root, log }) {
    const folder = join(root, 'output/published');
    const all = Object.values(exports);
    const bytes = all.reduce((sum, file) => sum + file.bytes, 0);
    if (bytes > free_bytes) throw new Error(`the copies need ${bytes} bytes, and ${free_bytes} are free`);
    await mkdir(folder, { recursive: true });
    for (const { path } of all) {
      const place = join(folder, basename(path));
      await copyFile(path, `${place}.new`);
      await rename(`${place}.new`, place);
    }
    log.info(`${all.length} files published`);
    return { files: all.map(({ path }) => basename(path)), bytes };
  },
});
