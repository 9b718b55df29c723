import { AssetError } from '@nx-assets/core';

/** A key is a path of plain names, so that each is one file in a folder and one object in S3. Else throws. */
export function checkKey(key: string): string {
  const isPlain = key.split('/').every((part) => !['', '.', '..'].includes(part));
  const isText = [...key].every((char) => char >= ' ' && char !== '\\') && key.isWellFormed();
  if (isPlain && isText) return key;
  throw new AssetError('ASSET_OPTION_INVALID', `${JSON.stringify(key)} is no key of an object.`, {
    remedy: 'A key is names with a slash between them: no empty one, no "." or "..", no backslash.',
  });
}

/** By bytes, as S3 lists. */
export const byKey = (a: { readonly key: string }, b: { readonly key: string }): number =>
  Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
