// Not by name: an older Node has none, and should hear in words that it is too old.
import * as modules from 'node:module';
import { join } from 'node:path';
import { findRoot } from '@nx-assets/workspace/root';

/**
 * Compiled code is kept in the workspace, for this process and for those that it starts. Without it each command
 * spends 0.1 s of CPU on compiling the same files.
 */
export function useCompileCache(): void {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  const folder = join(findRoot(process.cwd()) ?? process.cwd(), '.nx/nx-assets/compile-cache');
  process.env.NODE_COMPILE_CACHE = folder;
  modules.enableCompileCache(folder);
}

const NODE = 24;

/** Why this Node cannot run it; `null` where it can. */
export function nodeProblem(version = process.versions.node): string | null {
  if (Number(version.split('.')[0]) >= NODE) return null;
  return `Nx Assets needs Node ${NODE} or later, and this is ${version}. \`npm install --save-dev node@${NODE}\` puts one into node_modules/.bin, where npx finds it.`;
}
