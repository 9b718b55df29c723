import { type AssetKey, type AssetManifest, toControl } from '@nx-assets/core';
import { defaultMapping, type Mapping, type PartitionSpec } from '@nx-assets/core/partitions';

const DAY = 86_400_000;

/** Days from the first of March 2026, UTC, as an asset without an end has them. */
export const DAYS: PartitionSpec = {
  kind: 'time',
  every: 'day',
  cron: null,
  weekStart: 1,
  start: Date.UTC(2026, 2, 1),
  end: null,
  timeZone: 'UTC',
};
export const WEEKS: PartitionSpec = { ...DAYS, every: 'week', start: Date.UTC(2026, 2, 2) };
export const REGIONS: PartitionSpec = { kind: 'static', keys: ['eu', 'us'] };
export const BOTH: PartitionSpec = {
  kind: 'product',
  dimensions: [
    { name: 'day', spec: DAYS },
    { name: 'region', spec: REGIONS },
  ],
};

/** A moment at which so many days have ended. */
export const afterDays = (count: number): number => Date.UTC(2026, 2, 1) + count * DAY;

/** A manifest as `describe` makes it of an asset with partitions; each dep has the mapping that is its default. */
export function partitioned(
  key: string,
  partitions: PartitionSpec | null,
  deps: Readonly<Record<string, AssetManifest>> = {},
  mappings: Readonly<Record<string, Mapping>> = {},
): AssetManifest {
  const byDefault = Object.entries(deps).flatMap(([alias, dep]) => {
    const mapping = dep.partitions && defaultMapping(partitions, dep.partitions);
    return mapping ? [[alias, mapping] as const] : [];
  });
  return {
    key: key as AssetKey,
    description: 'd',
    kind: 'node',
    deps: Object.fromEntries(Object.entries(deps).map(([alias, dep]) => [alias, dep.key])),
    output: { type: 'json', path: `output/${key}.json` },
    owners: [],
    tags: [],
    metadata: {},
    env: [],
    freshness: null,
    secrets: [],
    isExternal: false,
    checked: null,
    blockingChecks: [],
    partitions,
    mappings: { ...Object.fromEntries(byDefault), ...mappings },
    backfill: null,
    preview: true,
    checks: [],
    control: toControl({}),
    code: { version: 'v', file: 'f.ts', files: {}, packages: {}, definition: 'd', runtime: 'r' },
  };
}
