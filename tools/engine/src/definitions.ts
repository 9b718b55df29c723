import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnyAsset, AssetError, assetKey, type AssetKey, isAsset } from '@nx-assets/core';

/** Where a group's definitions are. */
export interface GroupSource {
  readonly name: string;
  /** Folder from the workspace root. */
  readonly root: string;
  /** File from the folder. */
  readonly entry: string;
  readonly description: string;
  readonly owner: string | null;
  /** Names that its assets may not have: the package's own Nx targets. */
  readonly reserved: readonly string[];
}

/** An asset under the name that its group exports it by. */
export interface NamedAsset {
  readonly key: AssetKey;
  readonly group: GroupSource;
  readonly entry: string;
  readonly definition: AnyAsset;
}

/** Absolute path of a group's entry. */
export const entryPath = (root: string, group: GroupSource): string => join(root, group.root, group.entry);

/**
 * Imports the entries of groups and names what they export. The export name is the asset's name; an asset
 * that a group passes on from another one keeps the name of the group that is loaded first, so owners come
 * before users. Throws `ASSET_DUPLICATE`, `ASSET_NAME_INVALID`, `ASSET_NAME_RESERVED`, or what an entry throws.
 */
export async function loadDefinitions(
  root: string,
  groups: readonly GroupSource[],
  onGroup: (group: GroupSource) => void = () => undefined,
): Promise<NamedAsset[]> {
  const named: NamedAsset[] = [];
  const keys = new Map<AnyAsset, AssetKey>();
  for (const group of groups) {
    onGroup(group);
    const entry = entryPath(root, group);
    const exports = (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>;
    for (const [name, definition] of Object.entries(exports)) {
      if (!isAsset(definition)) continue;
      const key = assetKey(group.name, name);
      const other = keys.get(definition);
      if (other)
        throw new AssetError('ASSET_DUPLICATE', `${other} and ${key} are one asset under two names.`);
      if (group.reserved.includes(name))
        throw new AssetError('ASSET_NAME_RESERVED', `"${key}" cannot be a target.`);
      keys.set(definition, key);
      named.push({ key, group, entry, definition });
    }
  }
  return named;
}
