#!/usr/bin/env node
// The `nx-assets` command. Each verb is loaded when it is called, so that short answers stay short.
import { nodeProblem, useCompileCache } from './compile-cache.ts';

const problem = nodeProblem();
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

useCompileCache();
// From here on, and with `import()`: what is imported above is compiled anew by every command.
// `| head` has read enough: nobody is left to be told.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});
const { main } = await import('./cli/main.ts');
const { processContext } = await import('@nx-assets/workspace/run-context');
const context = processContext();
try {
  process.exitCode = await main(context);
} catch (error) {
  // A bug of ours: with its stack, but what it quotes is shown only.
  const { inspect } = await import('node:util');
  context.stderr.write(`${inspect(error)}\n`);
  process.exitCode = 1;
}
