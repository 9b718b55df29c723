import { dirname } from 'node:path';
import { AssetError } from '@nx-assets/core';
import type { Failure } from './events.ts';

/** A thrown thing as a failure: expected ones as they are, anything else as the author's. */
export function toFailure(error: unknown): Failure {
  if (error instanceof AssetError) {
    const { code, blame, message } = error;
    return { code, blame, message, stack: error.cause instanceof Error ? authorStack(error.cause) : null };
  }
  const thrown = error instanceof Error ? error : new Error(String(error));
  const wrapped = new AssetError('MATERIALIZE_THREW', `${thrown.name}: ${thrown.message}.`, {
    cause: thrown,
  });
  return { code: wrapped.code, blame: wrapped.blame, message: wrapped.message, stack: authorStack(thrown) };
}

/** The folder of the framework's packages: its frames say nothing to an author. */
const FRAMEWORK = dirname(dirname(import.meta.dirname));

/** Frames of Node, of libraries and of the language itself, such as `at JSON.parse (<anonymous>)`. */
const FOREIGN = /node:|\/node_modules\/|\((<anonymous>|index \d+)\)$/;

/** The frames of a stack that are not Node's, a library's or ours. */
export function authorStack(error: Error): string | null {
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => line.trim().startsWith('at '))
    .filter((line) => !FOREIGN.test(line) && !line.includes(`${FRAMEWORK}/`));
  return frames.length > 0 ? frames.slice(0, 6).join('\n') : null;
}
