import { AssetError } from '@nx-assets/core';

/** A failure with the place where it happened. What it is, who can fix it and where it was thrown stay as they are. */
export function located(place: string, error: unknown): AssetError {
  if (error instanceof AssetError) {
    const { code, facts, remedy, cause } = error;
    return new AssetError(code, `${place}: ${facts}`, { remedy, ...(cause === undefined ? {} : { cause }) });
  }
  const thrown = error instanceof Error ? error : new Error(String(error));
  return new AssetError('MATERIALIZE_THREW', `${place}: ${thrown.name}: ${thrown.message}.`, {
    cause: thrown,
  });
}
