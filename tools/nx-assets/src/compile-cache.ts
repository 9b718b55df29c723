import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * Compiled code is kept in the workspace, for this process and for those that it starts. Without it each command
 * spends 0.1 s of CPU on compiling the same files.
 */
export function useCompileCache(): void {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  const folder = join(findRoot(process.cwd()) ?? process.cwd(), '.nx/nx-assets/compile-cache');
  process.env.NODE_COMPILE_CACHE = folder;
  enableCompileCache(folder);
}

/** The nearest folder upwards that is an Nx workspace. */
export function findRoot(from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'nx.json'))) return folder;
    if (folder === dirname(folder)) return null;
  }
}
