import { AssetError } from '@nx-assets/core';
import { isBusy } from './database.ts';

/** Says which file could not be written, and why. */
export function writeFailure(path: string, error: Error): AssetError {
  const hint = isBusy(error)
    ? ' Another process has been writing it for ten seconds: end it if it hangs.'
    : '';
  const facts = `The history ${path} cannot be written (${error.message}).${hint}`;
  return new AssetError('STORAGE_WRITE_FAILED', facts, { cause: error });
}
