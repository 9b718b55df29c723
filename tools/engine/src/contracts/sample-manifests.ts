// Manifests for tests, made without loading a definition.
import { type AssetKey, type AssetManifest, toControl } from '@nx-assets/core';
import { defaultMapping, type PartitionSpec } from '@nx-assets/core/partitions';

const DAY = 86_400_000;

/** Days from the first of March 2026, a Sunday, UTC, as an asset without an end has them. */
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
export const DAYS_AND_REGIONS: PartitionSpec = {
  kind: 'product',
  dimensions: [
    { name: 'day', spec: DAYS },
    { name: 'region', spec: REGIONS },
  ],
};

/** A moment at which so many days have ended. */
export const afterDays = (count: number): number => Date.UTC(2026, 2, 1) + count * DAY;

interface Facts extends Partial<Omit<AssetManifest, 'key' | 'deps'>> {
  readonly deps?: Readonly<Record<string, AssetManifest>>;
}

/** A manifest as `describe` makes it; each dep has the mapping that is its default. */
export function manifestOf(
  name: string,
  { deps = {}, partitions = null, mappings = {}, ...fields }: Facts = {},
): AssetManifest {
  const byDefault = Object.entries(deps).flatMap(([alias, dep]) => {
    const mapping = dep.partitions && defaultMapping(partitions, dep.partitions);
    return mapping ? [[alias, mapping] as const] : [];
  });
  return {
    key: name as AssetKey,
    description: 'd',
    kind: 'node',
    deps: Object.fromEntries(Object.entries(deps).map(([alias, dep]) => [alias, dep.key])),
    output: { type: 'json', path: `output/${name}.json` },
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
    code: { version: 'v1', file: 'f.ts', files: {}, packages: {}, definition: 'd', runtime: 'r' },
    ...fields,
  };
}
