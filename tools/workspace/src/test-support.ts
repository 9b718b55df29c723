import type { ProcessContext } from './run-context.ts';

/** The moment at which tests run. */
export const NOW = new Date('2026-03-05T12:00:00.000Z');

/** What a process in `cwd` would be given, with nothing of this one. */
export const processHere = (
  cwd: string,
  given: Partial<Pick<ProcessContext, 'env' | 'argv'>> = {},
): ProcessContext => ({
  cwd,
  env: {},
  argv: [],
  stdout: { write: () => true },
  stderr: { write: () => true },
  now: () => NOW,
  exit: (code) => {
    throw new Error(`exit ${code}`);
  },
  ...given,
});
