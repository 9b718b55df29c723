import { join } from 'node:path';
import {
  type AssetKey,
  type AssetManifest,
  buildGraph,
  type Graph,
  type GroupManifest,
} from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import {
  type PartitionKey,
  type Partitioning,
  plan,
  type PlannedStep,
  type PlanOptions,
  withUpstream,
} from '@nx-assets/engine';
import {
  type AssetRecord,
  hashFile,
  LocalValueStore,
  readRecord,
  RecordIndex,
  type RecordReading,
  type ValueStore,
} from '@nx-assets/storage/records';
import { type DiskWorld, worldOf } from './disk-state.ts';
import { readGroups } from './groups.ts';
import { findPackageFiles } from './package-files.ts';
import { lastGroups, readManifest } from './manifest.ts';
import { cacheFolder, currentEpoch, taskHashes } from './nx-cache.ts';
import type { Asked } from './partition-request.ts';
import { checkConfig } from './check-config.ts';
import { partitioningOf } from './partitioning.ts';
import { contextHere, type ProcessContext, type RunContext } from './run-context.ts';

export interface ValueSummary {
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly checks: AssetRecord['checks'];
  /** When the newest part of it was made. */
  readonly finishedAt: string | null;
}

const NOTHING: ValueSummary = { rowCount: null, bytes: null, checks: [], finishedAt: null };

/** A workspace as a command sees it: definitions, and a look at what is on disk. Starts no Nx. */
export class Workspace {
  readonly context: RunContext;
  readonly groups: readonly GroupManifest[];
  readonly graph: Graph<AssetManifest>;
  readonly store: ValueStore;
  #partitioning: Promise<Partitioning> | undefined;
  #world: DiskWorld | undefined;
  readonly #readings = new Map<AssetKey, RecordReading>();

  /** Throws `WORKSPACE_MISSING` outside of a workspace, and the errors of definitions. */
  static async open(given: ProcessContext): Promise<Workspace> {
    const context = contextHere(given);
    const { root } = context;
    const sources = readGroups(root, findPackageFiles(root));
    return new Workspace(context, await readManifest(root, sources, context.conditions));
  }

  /** The groups as they are, with what they defined when that last loaded: for who must go on while it does not. */
  static known(context: RunContext): Workspace {
    const { root } = context;
    const known = new Map(lastGroups(root).map((group) => [group.name, group]));
    const sources = readGroups(root, findPackageFiles(root));
    return new Workspace(
      context,
      sources.map((source) => known.get(source.name) ?? { ...source, assets: [], others: [] }),
    );
  }

  private constructor(context: RunContext, groups: readonly GroupManifest[]) {
    this.context = context;
    this.store = new LocalValueStore(context.root);
    this.groups = groups;
    this.graph = buildGraph(groups.flatMap((group) => group.assets));
  }

  /** The same definitions, and a new look at what is on disk. */
  again(): Workspace {
    return new Workspace(this.context, this.groups);
  }

  get root(): string {
    return this.context.root;
  }

  get assets(): AssetManifest[] {
    return this.graph.order.flatMap((key) => this.graph.nodes.get(key) ?? []);
  }

  reading(key: AssetKey): RecordReading {
    const known = this.#readings.get(key);
    if (known) return known;
    const reading = readRecord(this.root, key);
    this.#readings.set(key, reading);
    return reading;
  }

  /** Where the value of a record can be read: in output/, or in Nx's cache; `null` where it is gone. */
  async valueOf(record: AssetRecord): Promise<string | null> {
    const { actionKey, dataVersion, value } = record;
    if ((await this.store.state(record)) === 'intact') return this.store.locate(record);
    const cached = join(
      cacheFolder(this.context),
      taskHashes(this.context, currentEpoch(this.context))(actionKey),
      value.path,
    );
    return hashFile(cached) === dataVersion ? cached : null;
  }

  /** Files at which the value of an asset can be read, or those of some of its partitions: of those that there are. */
  async filesOf(manifest: AssetManifest, partitions: readonly PartitionKey[]): Promise<readonly string[]> {
    const index = manifest.partitions ? new RecordIndex(this.root, manifest) : null;
    const files = partitions.map(async (partition) => {
      const reading =
        index && partition !== null ? index.reading(partition) : readRecord(this.root, manifest.key);
      return reading.status === 'found' ? this.store.locate(reading.record) : null;
    });
    return (await Promise.all(files)).filter((file) => file !== null);
  }

  /** What a run of these assets would do, with what they need. Without `asked`, of all their partitions. */
  async plan(
    keys: Iterable<AssetKey>,
    options: PlanOptions,
    asked?: Asked,
    runConfig: RunConfig = {},
  ): Promise<PlannedStep[]> {
    const partitioning = await this.partitioning();
    const all = new Map([...keys].map((key) => [key, 'all' as const]));
    const world = await this.world();
    const steps = plan(
      this.graph,
      withUpstream(this.graph, partitioning, asked ?? all),
      { ...world, runConfig },
      options,
    );
    world.save();
    return steps;
  }

  /** Throws `CONFIG_INVALID` as a run of these assets would that gives `runConfig`. */
  checkConfig(keys: readonly AssetKey[], runConfig: RunConfig): Promise<void> {
    const { root, env } = this.context;
    return checkConfig({ root, manifests: this.graph.nodes, env, runConfig, keys });
  }

  /** The partitions as they are now. */
  partitioning(): Promise<Partitioning> {
    this.#partitioning ??= partitioningOf(this.root, this.graph.nodes, this.context.now().getTime());
    return this.#partitioning;
  }

  /** What an asset holds: its value, or those of all its partitions. */
  async holds(key: AssetKey): Promise<ValueSummary> {
    if (!this.graph.nodes.get(key)?.partitions) {
      const reading = this.reading(key);
      if (reading.status !== 'found') return NOTHING;
      const { value, checks, finishedAt } = reading.record;
      return { rowCount: value.rowCount, bytes: value.bytes, checks, finishedAt };
    }
    const parts = (await this.partitioning()).partitionsOf(key).filter((part) => part !== null);
    const { finishedAt, ...sum } = (await this.world()).sum(key, parts);
    return {
      ...sum,
      checks: [],
      finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    };
  }

  async world(): Promise<DiskWorld> {
    this.#world ??= worldOf(this.context, this.graph, await this.partitioning(), {});
    return this.#world;
  }
}
