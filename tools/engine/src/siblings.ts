import { type AnyAsset, AssetError, type AssetKey, type AssetManifest, groupOf } from '@nx-assets/core';
import type { NamedAsset } from './definitions.ts';

/** The assets that its function makes, where it makes several. Throws `ASSET_OUTPUT_NOT_EXPORTED`. */
export function siblingsOf(
  { key, definition }: NamedAsset,
  keys: ReadonlyMap<AnyAsset, AssetKey>,
): Pick<AssetManifest, 'siblings'> {
  if (!definition.siblings) return {};
  const siblings = Object.entries(definition.siblings.outputs).map(([name, output]) => {
    const found = keys.get(output);
    if (found && groupOf(found) === groupOf(key)) return found;
    const where = found ? `exported by ${groupOf(found)}` : 'exported by no group';
    throw new AssetError('ASSET_OUTPUT_NOT_EXPORTED', `"${name}", which is made with ${key}, is ${where}.`);
  });
  return { siblings: siblings.sort() };
}
