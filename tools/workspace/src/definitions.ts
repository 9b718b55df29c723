import type { AnyAsset, AssetKey } from '@nx-assets/core';
import { loadDefinitions, watchLoading } from '@nx-assets/engine/execution';
import { lastSources } from './manifest.ts';

/** The definitions of all groups, as the last nx command found them. */
export async function definitionsOf(root: string): Promise<ReadonlyMap<AssetKey, AnyAsset>> {
  const named = await loadDefinitions(root, lastSources(root));
  watchLoading().definitionsAreThere();
  return new Map(named.map(({ key, definition }) => [key, definition]));
}
