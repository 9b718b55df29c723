import {
  AssetError,
  type AssetKey,
  type AssetManifest,
  type CustomMapping,
  type Graph,
  type Partition,
} from '@nx-assets/core';
import {
  downstreamKeys,
  type Mapping,
  missingKeys,
  type PartitionScene,
  partitionSet,
  type PartitionSet,
  type PartitionSpec,
  type Sides,
  upstreamKeys,
  type Window,
} from '@nx-assets/core/partitions';

/** A partition of an asset; `null` stands for an asset without partitions. */
export type PartitionKey = string | null;

export interface PartitionSource extends PartitionScene {
  /** The functions of a mapping that is no data. */
  custom(key: AssetKey, alias: string): CustomMapping | null;
}

/** Partitions of an asset that do not exist. */
export interface MissingPartitions {
  readonly key: AssetKey;
  readonly partitions: readonly string[];
}

const NONE: readonly never[] = [];

/** What the steps of an asset read, by alias: its deps, and itself where a partition is made from the one before. */
export const readsOf = ({ key, deps, previous }: AssetManifest): readonly (readonly [string, AssetKey])[] =>
  previous === undefined ? Object.entries(deps) : [...Object.entries(deps), [previous, key]];

/** Which partitions there are at one moment, and which are made from which. */
export class Partitioning {
  readonly #manifests: ReadonlyMap<AssetKey, AssetManifest>;
  readonly #world: PartitionSource;
  readonly #sets = new Map<AssetKey, PartitionSet | null>();
  readonly #incompleteDeps = new WeakMap<AssetManifest, readonly string[]>();
  readonly #bySpec = new Map<string, PartitionSet>();

  constructor(manifests: ReadonlyMap<AssetKey, AssetManifest>, world: PartitionSource) {
    this.#manifests = manifests;
    this.#world = world;
  }

  manifest(key: AssetKey): AssetManifest | undefined {
    return this.#manifests.get(key);
  }

  /** Milliseconds since the epoch. Windows that had ended by then are there. */
  get now(): number {
    return this.#world.now;
  }

  /** `null` for an asset without partitions. */
  set(key: AssetKey): PartitionSet | null {
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const spec = this.#manifests.get(key)?.partitions ?? null;
    const set = spec && this.#setOf(spec);
    this.#sets.set(key, set);
    return set;
  }

  /** Assets that are cut in the same way share the list of their keys. */
  #setOf(spec: PartitionSpec): PartitionSet {
    const id = JSON.stringify(spec);
    const set = this.#bySpec.get(id) ?? partitionSet(spec, this.#world);
    this.#bySpec.set(id, set);
    return set;
  }

  /** Everything that an asset is made of: its partitions, or itself. */
  partitionsOf(key: AssetKey): readonly PartitionKey[] {
    return this.set(key)?.keys ?? [null];
  }

  /** The partitions of a dep that a partition is made from, in order; `null` where the dep has none. */
  upstream(manifest: AssetManifest, alias: string, partition: PartitionKey): readonly string[] | null {
    if (alias === manifest.previous) return this.#before(manifest.key, partition);
    const sides = this.#sides(manifest, alias);
    const mapping = manifest.mappings[alias];
    return sides && mapping ? upstreamKeys(mapping, sides, partition) : null;
  }

  /** The partitions of a dep that a partition cannot be made without, and that do not exist (yet), by key. */
  missing(manifest: AssetManifest, alias: string, partition: PartitionKey): readonly string[] {
    if (!this.#incomplete(manifest).includes(alias)) return NONE;
    const sides = this.#sides(manifest, alias);
    const mapping = manifest.mappings[alias];
    return sides && mapping ? missingKeys(mapping, sides, partition) : NONE;
  }

  /** The same of all deps; those of which nothing is missing are left out. */
  missingOf(manifest: AssetManifest, partition: PartitionKey): readonly MissingPartitions[] {
    const aliases = this.#incomplete(manifest);
    if (aliases.length === 0) return NONE;
    return aliases.flatMap((alias): MissingPartitions[] => {
      const partitions = this.missing(manifest, alias, partition);
      const key = manifest.deps[alias];
      return partitions.length === 0 || key === undefined ? [] : [{ key, partitions }];
    });
  }

  /** The partitions that are made from a partition of a dep. */
  downstream(manifest: AssetManifest, alias: string, partition: PartitionKey): readonly PartitionKey[] {
    const sides = this.#sides(manifest, alias);
    const mapping = manifest.mappings[alias];
    if (!sides || !mapping || partition === null) return this.partitionsOf(manifest.key);
    return downstreamKeys(mapping, sides, partition);
  }

  /** What a function sees of the partitions that it makes. */
  describe(
    key: AssetKey,
    partitions: readonly string[],
  ): Partition & { window?: Window; dimensions?: object } {
    const set = this.set(key);
    const [first = '', last = first] = [partitions[0], partitions.at(-1)];
    const [from, to] = [set?.windowOf(first), set?.windowOf(last)];
    const parts = set?.partsOf(first);
    return {
      key: partitions.length > 1 ? `${first}...${last}` : first,
      keys: partitions,
      ...(from && to ? { window: { start: from.start, end: to.end } } : {}),
      ...(parts && set
        ? {
            dimensions: Object.fromEntries(
              Object.entries(parts).map(([name, part]) => {
                const window = set.dimension(name)?.windowOf(part);
                return [name, { key: part, ...(window ? { window } : {}) }];
              }),
            ),
          }
        : {}),
    };
  }

  /** The deps of which some partition may need what does not exist. Found out once: there may be a hundred thousand. */
  #incomplete(manifest: AssetManifest): readonly string[] {
    const known = this.#incompleteDeps.get(manifest);
    if (known) return known;
    const aliases = Object.entries(manifest.mappings).flatMap(([alias, mapping]) => {
      const sides = mapping.mayBeMissing ? null : this.#sides(manifest, alias);
      return sides && !isComplete(mapping, sides) ? [alias] : [];
    });
    this.#incompleteDeps.set(manifest, aliases);
    return aliases;
  }

  /** The partition before one, where there is one. */
  #before(key: AssetKey, partition: PartitionKey): readonly string[] {
    const set = this.set(key);
    const place = set?.indexOf(partition ?? '') ?? 0;
    return place > 0 ? (set?.keys.slice(place - 1, place) ?? NONE) : NONE;
  }

  #sides(manifest: AssetManifest, alias: string): Sides | null {
    const dep = this.set(manifest.deps[alias] as AssetKey);
    if (!dep) return null;
    const isCustom = manifest.mappings[alias]?.kind === 'custom';
    const custom = isCustom ? this.#world.custom(manifest.key, alias) : null;
    return { own: this.set(manifest.key), dep, custom: custom && guarded(custom, manifest.key) };
  }
}

/** Whether all partitions have what they are made from, as far as that is seen without asking each. */
function isComplete(mapping: Mapping, { own, dep }: Sides): boolean {
  if (mapping.kind === 'all') return true;
  if (mapping.kind === 'identity') return own === dep;
  if (!own || (mapping.kind !== 'windows' && mapping.kind !== 'trailing')) return false;
  const [first, last] = [own.windowOf(own.keys[0] ?? ''), own.windowOf(own.keys.at(-1) ?? '')];
  return first !== null && last !== null && dep.absent({ start: first.start, end: last.end }).length === 0;
}

/** The functions of an author, which may throw. Throws `PARTITION_MAPPING_THREW`. */
function guarded({ upstream, downstream }: CustomMapping, asset: AssetKey): CustomMapping {
  const caught = (map: (key: string) => readonly string[]) => (key: string) => {
    try {
      return map(key);
    } catch (error) {
      const facts = `The mapping of ${asset} threw for "${key}": ${error instanceof Error ? error.message : String(error)}.`;
      throw new AssetError('PARTITION_MAPPING_THREW', facts, { cause: error });
    }
  };
  return { upstream: caught(upstream), ...(downstream ? { downstream: caught(downstream) } : {}) };
}

/** What is to be brought up to date: for each asset its partitions, in order. */
export type Wanted = ReadonlyMap<AssetKey, readonly PartitionKey[]>;

/**
 * What was asked for and everything that it is made from, deps first. `asked` has the partitions of assets, or `all`.
 */
export function withUpstream(
  graph: Graph<AssetManifest>,
  partitioning: Partitioning,
  asked: ReadonlyMap<AssetKey, readonly PartitionKey[] | 'all'>,
): Wanted {
  const wanted = new Map<AssetKey, Set<PartitionKey> | 'all'>(
    [...asked].map(([key, parts]) => [key, parts === 'all' ? 'all' : new Set(parts)]),
  );
  for (const key of [...graph.order].reverse()) {
    const manifest = graph.nodes.get(key);
    if (!manifest || !wanted.has(key)) continue;
    const parts = withEarlier(manifest, partitioning, wanted.get(key) ?? 'all');
    wanted.set(key, parts);
    for (const gate of manifest.blockingChecks) if (!wanted.has(gate)) wanted.set(gate, 'all');
    for (const [alias, dep] of Object.entries(manifest.deps)) {
      const before = wanted.get(dep);
      if (before === 'all') continue;
      const set = partitioning.set(dep);
      const mapping = manifest.mappings[alias];
      // What most mappings come to, without asking for each partition.
      const isWhole = !set || (parts === 'all' && (mapping?.kind === 'all' || mapping?.kind === 'identity'));
      if (isWhole) {
        wanted.set(dep, 'all');
        continue;
      }
      const needed = new Set(before);
      for (const part of parts === 'all' ? partitioning.partitionsOf(key) : parts) {
        for (const one of partitioning.upstream(manifest, alias, part) ?? []) needed.add(one);
      }
      wanted.set(dep, needed);
    }
  }
  return new Map(
    graph.order.flatMap((key) => {
      const parts = wanted.get(key);
      if (!parts) return [];
      const all = partitioning.partitionsOf(key);
      return [[key, parts === 'all' ? all : all.filter((part) => parts.has(part))] as const];
    }),
  );
}

/** Where a partition is made from the one before, all before the last one that is asked for. */
function withEarlier(
  { key, previous }: AssetManifest,
  partitioning: Partitioning,
  parts: Set<PartitionKey> | 'all',
): Set<PartitionKey> | 'all' {
  if (previous === undefined || parts === 'all') return parts;
  const keys = partitioning.partitionsOf(key);
  return new Set(keys.slice(0, keys.findLastIndex((part) => parts.has(part)) + 1));
}
