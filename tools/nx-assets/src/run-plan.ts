import type { Task, TaskGraph } from '@nx/devkit';
import {
  AssetError,
  type AssetKey,
  assetKey,
  type AssetManifest,
  buildGraph,
  type Graph,
} from '@nx-assets/core';
import { suggest } from '@nx-assets/core/selection';
import { Partitioning, plan, withUpstream, type Wanted } from '@nx-assets/engine';
import type { EventLog, Step } from '@nx-assets/event-log';
import { readRecord } from '@nx-assets/storage/records';
import { fromHistory } from './history.ts';
import {
  askedAssets,
  askedPartitions,
  hasPartitionFlags,
  noPartitions,
  type PartitionFlags,
  readBackfill,
  typedFlag,
} from './partition-request.ts';
import { AS_OF } from './outcomes.ts';
import { partitioningOf } from './partitioning.ts';
import { runConfig } from './run-config.ts';
import { worldOf } from './world.ts';

/** What a run is to do, found out once and kept for all of its processes. */
export interface RunPlan {
  /** Windows that had ended by then are part of it, however long it takes. Milliseconds since the epoch. */
  readonly now: number;
  /** The partitions of each asset that has some. */
  readonly wanted: Readonly<Record<AssetKey, readonly string[] | 'all'>>;
  /** Assets that are made again though they are up to date. */
  readonly forced: readonly AssetKey[];
}

/** Which partitions the assets of a run are about. Throws `PARTITION_UNKNOWN`. */
export async function planRun(
  root: string,
  taskGraph: Pick<TaskGraph, 'tasks' | 'dependencies'>,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
  argv: readonly string[],
): Promise<RunPlan> {
  const now = Number(process.env[AS_OF]) || Date.now();
  const tasks = Object.values(taskGraph.tasks);
  const run = new Set(tasks.map(keyOfTask).filter((key) => manifests.has(key)));
  const nothing: RunPlan = { now, wanted: {}, forced: [] };
  const flags = flagsOf(tasks, argv);
  if (![...run].some((key) => manifests.get(key)?.partitions)) {
    if (run.size > 0 && hasPartitionFlags(flags)) throw noPartitions([...run]);
    return nothing;
  }
  const graph = buildGraph(manifests.values());
  const partitioning = await partitioningOf(root, manifests, now);
  const named = new Set(
    tasks
      .filter((task) => !manifests.has(keyOfTask(task)))
      .flatMap(({ id }) => (taskGraph.dependencies[id] ?? []).map((dep) => taskGraph.tasks[dep]))
      .flatMap((task) => (task ? [keyOfTask(task)] : [])),
  );
  const asked = askedAssets(graph, run, named);
  const backfill = flags.backfill === undefined ? null : readBackfill(root, flags.backfill);
  const parts = backfill
    ? new Map([[backfill.key, leftOf(root, backfill, partitioning)]])
    : await askedPartitions(asked, flags, partitioning, factsOf(root, graph, asked, partitioning));
  const wanted = withUpstream(graph, partitioning, parts);
  return {
    now,
    wanted: Object.fromEntries<readonly string[] | 'all'>(
      [...wanted].flatMap(([key, own]) => {
        const all = partitioning.set(key)?.keys;
        if (!all) return [];
        const parts = own.filter((part) => part !== null);
        return [[key, parts.length === all.length ? ('all' as const) : parts] as const];
      }),
    ),
    forced: backfill?.force ? [backfill.key] : [],
  };
}

const keyOfTask = ({ target }: Task): AssetKey => assetKey(target.project, target.target);

const FLAGS = ['refresh', 'partition', 'missing', 'stale', 'failed', 'backfill', 'json', 'config'];

/**
 * Nx hands on flags that it does not know, also those of other targets. One that is almost ours was meant to be it, and
 * would run more than was asked for. Throws `COMMAND_INVALID`.
 */
function checkFlags(given: readonly string[]): void {
  for (const name of given) {
    const meant = FLAGS.includes(name) ? null : suggest(name, FLAGS);
    if (meant === null) continue;
    throw new AssetError('COMMAND_INVALID', `There is no flag --${name}.`, {
      remedy: `Do you mean --${meant}? Nothing was run.`,
    });
  }
}

function flagsOf(tasks: readonly Task[], argv: readonly string[]): PartitionFlags {
  const given = Object.assign({}, ...tasks.map(({ overrides }) => overrides as object)) as Record<
    string,
    unknown
  >;
  checkFlags(Object.keys(given));
  const text = (name: string) =>
    typedFlag(argv, name) ?? (given[name] === undefined ? undefined : String(given[name]));
  const partition = text('partition');
  const backfill = text('backfill');
  return {
    ...(partition === undefined ? {} : { partition }),
    ...(backfill === undefined ? {} : { backfill }),
    missing: given.missing === true,
    stale: given.stale === true,
    failed: given.failed === true,
  };
}

/** The partitions of a backfill that are not done. Those that are up to date cost nothing; forced ones would. */
export function leftOf(
  root: string,
  { key, partitions, force, createdAt }: ReturnType<typeof readBackfill>,
  partitioning: Partitioning,
): readonly string[] {
  const there = partitions.filter((partition) => partitioning.set(key)?.has(partition));
  if (!force) return there;
  return there.filter((partition) => {
    const reading = readRecord(root, key, partition);
    return reading.status !== 'found' || reading.record.startedAt < createdAt;
  });
}

/** What the flags --missing, --stale and --failed look at. */
export const factsOf = (
  root: string,
  graph: Graph<AssetManifest>,
  keys: readonly AssetKey[],
  partitioning: Partitioning,
) => ({
  plan: () => {
    const world = worldOf(root, graph, partitioning, runConfig());
    const all = withUpstream(graph, partitioning, new Map(keys.map((key) => [key, 'all' as const])));
    const steps = plan(graph, all, world, { force: false, refresh: false });
    world.save();
    return Promise.resolve(steps);
  },
  failed: async () => {
    const read = async (history: EventLog) => {
      const found = await Promise.all(keys.map((key) => history.lastPartitionSteps(key)));
      return found.flat().filter(({ status }) => status === 'failed');
    };
    const steps = await fromHistory<readonly Step[]>(root, read, []);
    return new Set(steps.map(({ key, partition }) => `${key} ${partition}`));
  },
});

/** The partitions of a run, as a step of it needs them. */
export async function wantedIn(
  root: string,
  runPlan: RunPlan | null,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
): Promise<{ readonly partitioning: Partitioning; readonly wanted: Wanted }> {
  const partitioning = await partitioningOf(root, manifests, runPlan?.now ?? Date.now());
  const wanted = Object.entries(runPlan?.wanted ?? {}).map(([name, parts]) => {
    const key = name as AssetKey;
    return [key, parts === 'all' ? partitioning.parts(key) : parts] as const;
  });
  return { partitioning, wanted: new Map(wanted) };
}
