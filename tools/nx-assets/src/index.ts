// What Nx loads at every command. Everything else is imported when it is needed, after the compile cache is on.
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { dirname, join } from 'node:path';
import type { CreateNodesV2, PostTasksExecution, PreTasksExecution } from '@nx/devkit';

useCompileCache();

export const name = 'nx-assets';

export const createNodes: CreateNodesV2 = [
  '**/package.json',
  async (files, _options, context) => (await import('./create-nodes.ts')).nodesOf(files, context),
];

export const preTasksExecution: PreTasksExecution = async (_options, context) =>
  (await import('./hooks.ts')).beforeTasks(context);

export const postTasksExecution: PostTasksExecution = async (_options, context) =>
  (await import('./hooks.ts')).afterTasks(context);

/**
 * Compiled code is kept in the workspace, for this process and for those that it starts. Without it each nx
 * command spends 0.1 s of CPU on compiling the same files.
 */
function useCompileCache(): void {
  if (process.env.NODE_COMPILE_CACHE !== undefined) return;
  let root = process.cwd();
  while (!existsSync(join(root, 'nx.json')) && root !== dirname(root)) root = dirname(root);
  const folder = join(root, '.nx/nx-assets/compile-cache');
  process.env.NODE_COMPILE_CACHE = folder;
  enableCompileCache(folder);
}
