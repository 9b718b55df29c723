// What Nx loads at every command. Everything else is imported when it is needed, after the compile cache is on.
import type { CreateNodesV2, PostTasksExecution, PreTasksExecution } from '@nx/devkit';
import { nodeProblem, useCompileCache } from './compile-cache.ts';

const problem = nodeProblem();
if (problem !== null) throw new Error(problem);
useCompileCache();

export const name = 'nx-assets';

export const createNodes: CreateNodesV2 = [
  '**/package.json',
  async (files, _options, context) => (await import('./nx/create-nodes.ts')).nodesOf(files, context),
];

export const preTasksExecution: PreTasksExecution = async (_options, context) =>
  (await import('./nx/nx-hooks.ts')).beforeTasks(context);

export const postTasksExecution: PostTasksExecution = async (_options, context) =>
  (await import('./nx/nx-hooks.ts')).afterTasks(context);
