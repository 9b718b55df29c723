import pc from 'picocolors';
import type { AssetError } from '@nx-assets/core';

/** Set in a run whose standard output belongs to one JSON document. */
export const QUIET = 'NX_ASSETS_QUIET';

export function say(text: string): void {
  const stream = process.env[QUIET] === 'true' ? process.stderr : process.stdout;
  stream.write(`${text}\n`);
}

/** What does not stop anything, but should be known. */
export const warn = (text: string): void => say(`${pc.yellow('▲')} ${text}`);

/** An error that stops a command before anything ran. */
export function sayError(error: AssetError): void {
  process.stderr.write(`\n${pc.red('✖')} ${pc.bold(error.code)}: ${error.facts}\n  ${error.remedy}\n`);
}
