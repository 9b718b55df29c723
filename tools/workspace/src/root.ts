import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';

/** The nearest folder upwards that is an Nx workspace. */
export function findRoot(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return null;
  }
}
