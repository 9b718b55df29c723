import type { Task, TaskGraph } from '@nx/devkit';
import { suggest } from '@nx-assets/core/selection';
import { AssetError, assetKey, type AssetKey, type AssetManifest, buildGraph } from '@nx-assets/core';
import { factsOf, leftOf, type RunPlan } from '@nx-assets/workspace/run-plan';
import { AS_OF } from '@nx-assets/runner/run-id';
import {
  askedAssets,
  askedPartitions,
  hasPartitionFlags,
  noPartitions,
  type PartitionFlags,
  readBackfill,
  readFlags,
  typedFlag,
} from '@nx-assets/workspace/partition-request';
import { partitioningOf } from '@nx-assets/workspace/partitioning';
import { withUpstream } from '@nx-assets/engine';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** Which partitions the assets of a run are about. Throws `PARTITION_UNKNOWN`. */
export async function planTasks(
  context: Pick<RunContext, 'root' | 'env' | 'now'>,
  taskGraph: Pick<TaskGraph, 'tasks' | 'dependencies'>,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
  argv: readonly string[],
): Promise<RunPlan> {
  const { root, env } = context;
  const now = Number(env[AS_OF]) || context.now().getTime();
  const tasks = Object.values(taskGraph.tasks);
  const run = new Set(tasks.map(keyOfTask).filter((key) => manifests.has(key)));
  const nothing: RunPlan = { now, wanted: {}, forced: [] };
  const flags = readFlags(root, flagsOf(tasks, argv));
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
    : await askedPartitions(asked, flags, partitioning, factsOf(context, graph, asked, partitioning));
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
