import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AssetError } from '@nx-assets/core';
import type { Source } from './source.ts';

/** A file that something else writes: by its bytes. The path is absolute, or from the root of the workspace. */
export function file(path: string): Source {
  return {
    async observe({ root, signal }) {
      const hash = createHash('sha256');
      let bytes = 0;
      try {
        await pipeline(
          createReadStream(resolve(root, path), { signal }),
          async (chunks: AsyncIterable<Buffer>) => {
            for await (const chunk of chunks) {
              bytes += chunk.length;
              hash.update(chunk);
            }
          },
        );
      } catch (error) {
        signal.throwIfAborted();
        throw new AssetError('SOURCE_UNREADABLE', `${path} cannot be read (${(error as Error).message}).`, {
          cause: error,
        });
      }
      return { source: path, version: hash.digest('hex'), by: 'content', bytes };
    },
  };
}
