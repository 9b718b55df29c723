import { AssetError } from '@nx-assets/core';

/** What stands for itself in a query, apart from its text. */
export type Scalar = string | number | bigint | boolean | null;

/** The engine would read another character in their place. */
export function refuseHalves(values: readonly Scalar[]): void {
  const half = values.find((value) => typeof value === 'string' && !value.isWellFormed());
  if (half === undefined) return;
  const facts = `The text ${JSON.stringify(half)} of a query has half of a character (a lone surrogate).`;
  throw new AssetError('SQL_FAILED', facts, {
    remedy: 'Cut texts between characters: see String.toWellFormed().',
  });
}
