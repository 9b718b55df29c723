import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type AnyAsset,
  AssetError,
  assetKey,
  type AssetKey,
  definitionKey,
  type DefinitionKey,
  entriesOf,
  isAsset,
  isOtherDefinition,
  nameOf,
  type OtherDefinition,
} from '@nx-assets/core';

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
  /** Where it is one of a set: the export that has it, its name there, and the entry that it was made from, as JSON. */
  readonly member?: { readonly set: string; readonly name: string; readonly entry: string };
}

/** The export that has an asset. */
export const exportOf = ({ key, member }: Pick<NamedAsset, 'key' | 'member'>): string =>
  member?.set ?? nameOf(key);
/** A definition that is no asset, under the name that its group exports it by. */
export interface NamedDefinition {
  readonly key: DefinitionKey;
  readonly group: GroupSource;
  readonly entry: string;
  readonly definition: OtherDefinition;
}

/** What groups export. */
export interface Definitions {
  readonly assets: readonly NamedAsset[];
  readonly others: readonly NamedDefinition[];
}

/** Absolute path of a group's entry. */
export const entryPath = (root: string, group: GroupSource): string => join(root, group.root, group.entry);

/**
 * Imports the entries of groups and names what they export. The export name is the name of a definition, and in a set of
 * assets its first part; one that a group passes on from another keeps the name of the group that is loaded first, so
 * owners come before users. Throws `ASSET_DUPLICATE`, `DEFINITION_DUPLICATE`, `ASSET_NAME_INVALID`,
 * `ASSET_NAME_RESERVED`, `DEFINITION_NAME_RESERVED`, or what an entry throws.
 */
export async function loadGroups(
  root: string,
  groups: readonly GroupSource[],
  onGroup: (group: GroupSource) => void = () => undefined,
): Promise<Definitions> {
  const assets: NamedAsset[] = [];
  const others: NamedDefinition[] = [];
  const keys = new Map<AnyAsset | OtherDefinition, AssetKey | DefinitionKey>();
  for (const group of groups) {
    onGroup(group);
    const entry = entryPath(root, group);
    const exports = (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>;
    for (const [name, value] of Object.entries(exports)) {
      for (const { name: own, definition, member } of assetsIn(name, value)) {
        const key = assetKey(group.name, own);
        claim(keys, group, definition, key);
        assets.push({ key, group, entry, definition, ...(member ? { member } : {}) });
      }
      if (!isOtherDefinition(value)) continue;
      const key = definitionKey(group.name, name);
      claim(keys, group, value, key);
      others.push({ key, group, entry, definition: value });
    }
  }
  return { assets, others };
}

/** Gives a definition its name. Throws where it has one already, or where an Nx target has that name. */
function claim(
  keys: Map<AnyAsset | OtherDefinition, AssetKey | DefinitionKey>,
  group: GroupSource,
  definition: AnyAsset | OtherDefinition,
  key: AssetKey | DefinitionKey,
): void {
  const kind = isAsset(definition) ? 'ASSET' : 'DEFINITION';
  const other = keys.get(definition);
  if (other)
    throw new AssetError(
      `${kind}_DUPLICATE`,
      `${other} and ${key} are one ${definition.type} under two names.`,
    );
  if (group.reserved.includes(nameOf(key)))
    throw new AssetError(`${kind}_NAME_RESERVED`, `"${key}" cannot be a target.`);
  keys.set(definition, key);
}

/** The assets of groups alone. Throws as `loadGroups` does. */
export async function loadDefinitions(root: string, groups: readonly GroupSource[]): Promise<NamedAsset[]> {
  return [...(await loadGroups(root, groups)).assets];
}

/** The assets that an export has, and the name of each: its own; in a set, that of the export and of the entry. */
function assetsIn(
  name: string,
  value: unknown,
): (Pick<NamedAsset, 'definition' | 'member'> & { readonly name: string })[] {
  // As a dep of another one it has been given a mapping; it is exported where it is made.
  if (isAsset(value)) return value.mapped ? [] : [{ name, definition: value }];
  return (entriesOf(value) ?? []).map(({ name: own, entry, asset }) => ({
    name: `${name}_${own}`,
    definition: asset,
    member: { set: name, name: own, entry },
  }));
}
