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
process.exitCode = await main(processContext());
