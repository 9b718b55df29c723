import { colours as pc } from '@nx-assets/workspace/colours';
import type { AssetError } from '@nx-assets/core/data';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Set in a run whose standard output belongs to one JSON document. */
export const QUIET = 'NX_ASSETS_QUIET';

/** Where a process says things. */
export type Speaker = Pick<ProcessContext, 'env' | 'stdout' | 'stderr'>;

export function say({ env, stdout, stderr }: Speaker, text: string): void {
  const stream = env[QUIET] === 'true' ? stderr : stdout;
  stream.write(`${text}\n`);
}

/** What does not stop anything, but should be known. */
export const warn = (speaker: Speaker, text: string): void => say(speaker, `${pc.yellow('▲')} ${text}`);

/** An error that stops a command before anything ran. */
export function sayError({ stderr }: Pick<Speaker, 'stderr'>, error: AssetError): void {
  stderr.write(`\n${pc.red('✖')} ${pc.bold(error.code)}: ${error.facts}\n  ${error.remedy}\n`);
}
