import { AssetError } from './diagnostics.ts';

declare const brand: unique symbol;

/** `group/name`, for example `transforms/users_cleaned`. */
export type AssetKey = string & { readonly [brand]: 'AssetKey' };

/** `group/name` of what a group exports next to its assets, for example `jobs/daily_refresh`. */
export type DefinitionKey = string & { readonly [brand]: 'DefinitionKey' };

/** The sha256 (hex) of the bytes that were produced. */
export type DataVersion = string & { readonly [brand]: 'DataVersion' };

const NAME = /^[a-z][a-z0-9_]*$/;
const GROUP = /^[a-z0-9][a-z0-9_-]*$/;

/** Puts a group and an export name together. Throws `ASSET_NAME_INVALID` for a name that is not snake_case. */
export function assetKey(group: string, name: string): AssetKey {
  if (!GROUP.test(group)) throw new AssetError('ASSET_NAME_INVALID', `"${group}" is not a name for a group.`);
  if (!NAME.test(name)) {
    throw new AssetError('ASSET_NAME_INVALID', `"${name}" in group "${group}" is not a name for an asset.`);
  }
  return `${group}/${name}` as AssetKey;
}

/** The same for what is no asset. */
export const definitionKey = (group: string, name: string): DefinitionKey =>
  assetKey(group, name) as string as DefinitionKey;

/** What an op is called in events and in the history: in three parts, so that no asset is called so. */
export const opKey = (job: DefinitionKey, op: string): AssetKey => `${job}/${op}` as string as AssetKey;

/** Parses `group/name`, for what comes from outside: records, command lines, Nx task ids. */
export function parseAssetKey(text: string): AssetKey {
  const [group = '', name = '', ...rest] = text.split('/');
  if (rest.length > 0) throw new AssetError('ASSET_NAME_INVALID', `"${text}" is not a key like group/name.`);
  return assetKey(group, name);
}

export const groupOf = (key: AssetKey | DefinitionKey): string => key.slice(0, key.indexOf('/'));
export const nameOf = (key: AssetKey | DefinitionKey): string => key.slice(key.indexOf('/') + 1);
