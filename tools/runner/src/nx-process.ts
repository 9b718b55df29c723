import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { RunContext } from '@nx-assets/workspace/run-context';

const INTERRUPTED = 130;

/** Runs the nx of the workspace; gives its exit code. */
export function runNx(
  { root, env: given }: Pick<RunContext, 'root' | 'env'>,
  args: readonly string[],
  env: NodeJS.ProcessEnv = given,
): Promise<number> {
  const nx = createRequire(join(root, 'package.json')).resolve('nx/bin/nx.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [nx, ...args], { cwd: root, stdio: 'inherit', env });
    let isInterrupted = false;
    // Ctrl-C reaches nx by itself: this process waits for what it makes of it.
    const onInterrupt = () => void (isInterrupted = true);
    // What ends this process alone has to be passed on; as Ctrl-C, so that what has finished is kept and said.
    const onEnd = () => {
      if (!isInterrupted) child.kill('SIGINT');
      isInterrupted = true;
    };
    process.on('SIGINT', onInterrupt).on('SIGTERM', onEnd).on('disconnect', onEnd);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onEnd).off('disconnect', onEnd);
      resolve(code ?? (signal === 'SIGINT' ? INTERRUPTED : 1));
    });
  });
}

/** The environment without what nx tells a task of itself: an nx that is started inside of one has tasks of its own. */
export const ownEnv = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^NX_(TASK|TERMINAL|STREAM|FORKED|INVOKED|PSEUDO|BATCH|PREFIX)/.test(name),
    ),
  );
