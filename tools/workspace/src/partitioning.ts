import type { AssetKey, AssetManifest, CustomMapping } from '@nx-assets/core';
import { Partitioning } from '@nx-assets/engine';
import { readDynamicKeys } from '@nx-assets/storage/records';

/** The partitions of a workspace at a moment. Loads the definitions only where a mapping is a function. */
export async function partitioningOf(
  root: string,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
  now: number,
): Promise<Partitioning> {
  const isCustom = [...manifests.values()].some(({ mappings }) =>
    Object.values(mappings).some(({ kind }) => kind === 'custom'),
  );
  const mappings = new Map<string, CustomMapping | null>();
  if (isCustom) {
    const { definitionsOf } = await import('./definitions.ts');
    for (const [key, { deps }] of await definitionsOf(root)) {
      for (const [alias, dep] of Object.entries(deps))
        mappings.set(`${key} ${alias}`, dep.mapped?.custom ?? null);
    }
  }
  return new Partitioning(manifests, {
    now,
    dynamicKeys: (name) => readDynamicKeys(root, name),
    custom: (key, alias) => mappings.get(`${key} ${alias}`) ?? null,
  });
}
