import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';

import { defaultMapping, type Mapping, type PartitionSpec } from '@nx-assets/core/partitions';
import { inputsOf, Partitioning, type PartitionKey } from '@nx-assets/engine';
import type { RequestStatus } from '@nx-assets/event-log';
import type { Made, View } from './view.ts';

export const key = (text: string) => text as AssetKey;
const DAY = 86_400_000;

/** Days from the first of March 2026, a Sunday, and weeks from the Monday after it; UTC. */
export const DAYS: PartitionSpec = {
  ...{ kind: 'time', every: 'day', cron: null, weekStart: 1, start: Date.UTC(2026, 2, 1), end: null },
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

interface Facts {
  readonly partitions?: PartitionSpec;
  readonly deps?: Readonly<Record<string, AssetManifest>>;
  readonly mappings?: Readonly<Record<string, Mapping>>;
}

/** What conditions look at of a definition; a dep has the mapping that is its default. */
export function manifestOf(
  name: string,
  { partitions, deps = {}, mappings = {} }: Facts = {},
): AssetManifest {
  const byDefault = Object.entries(deps).flatMap(([alias, dep]) => {
    const mapping = dep.partitions && defaultMapping(partitions ?? null, dep.partitions);
    return mapping ? [[alias, mapping] as const] : [];
  });
  return {
    key: key(name),
    deps: Object.fromEntries(Object.entries(deps).map(([alias, dep]) => [alias, dep.key])),
    partitions: partitions ?? null,
    mappings: { ...Object.fromEntries(byDefault), ...mappings },
    code: { version: 'v1' },
  } as unknown as AssetManifest;
}

/** How things are, in memory. */
export class MemoryState implements View {
  readonly partitioning: Partitioning;
  readonly #manifests: Map<AssetKey, AssetManifest>;
  readonly #made = new Map<string, Made>();
  readonly #makers = new Map<string, string>();
  readonly #requests = new Map<string, RequestStatus>();

  constructor(manifests: readonly AssetManifest[], now: number) {
    this.#manifests = new Map(manifests.map((manifest) => [manifest.key, manifest]));
    const world = { now, dynamicKeys: () => [], custom: () => null };
    this.partitioning = new Partitioning(this.#manifests, world);
  }

  manifest = (asset: AssetKey) => this.#manifests.get(asset);
  made = (asset: AssetKey, partition: PartitionKey) => this.#made.get(`${asset} ${partition ?? ''}`) ?? null;
  maker = (asset: AssetKey, partition: PartitionKey) =>
    this.#makers.get(`${asset} ${partition ?? ''}`) ?? null;
  requested = (id: string) => this.#requests.get(id) ?? null;

  /** Makes it of what its deps are now, with the code that it has now. */
  make(name: string, partition: PartitionKey = null, data = 'one'): this {
    const manifest = this.#manifests.get(key(name)) as AssetManifest;
    const versionOf = (dep: AssetKey, part: PartitionKey) => this.made(dep, part)?.dataVersion ?? null;
    const inputs = Object.entries(inputsOf(manifest, partition, this.partitioning, versionOf)).flatMap(
      ([alias, { key: dep, dataVersion }]) =>
        dataVersion === null ? [] : [[alias, { key: dep, dataVersion }] as const],
    );
    const made = { codeVersion: manifest.code.version, inputs: Object.fromEntries(inputs) };
    this.#made.set(`${name} ${partition ?? ''}`, { ...made, dataVersion: data as DataVersion });
    return this;
  }

  lose(name: string, partition: PartitionKey = null): this {
    this.#made.delete(`${name} ${partition ?? ''}`);
    return this;
  }

  /** Edits its code. */
  edit(name: string, version: string): this {
    const manifest = this.#manifests.get(key(name)) as AssetManifest;
    this.#manifests.set(key(name), { ...manifest, code: { ...manifest.code, version } });
    return this;
  }

  /** Somebody is about to make it, or nobody any more. */
  making(name: string, partition: PartitionKey, maker: string | null): this {
    if (maker === null) this.#makers.delete(`${name} ${partition ?? ''}`);
    else this.#makers.set(`${name} ${partition ?? ''}`, maker);
    return this;
  }

  /** What became of a request. */
  became(id: string, status: RequestStatus): this {
    this.#requests.set(id, status);
    return this;
  }
}
