import type { AssetKey, AssetManifest, Graph } from '@nx-assets/core';
import { readBackfill } from './partition-request.ts';
import { Partitioning, plan, type Wanted, withUpstream } from '@nx-assets/engine';
import { readRecord } from '@nx-assets/storage/records';
import { worldOf } from './disk-state.ts';
import { runConfigOf } from './run-config.ts';
import type { HistoryReader, Step } from '@nx-assets/event-log';
import { fromHistory } from './history.ts';
import { partitioningOf } from './partitioning.ts';
import type { RunContext } from './run-context.ts';

/** What a run is to do, found out once and kept for all of its processes. */
export interface RunPlan {
  /** Windows that had ended by then are part of it, however long it takes. Milliseconds since the epoch. */
  readonly now: number;
  /** The partitions of each asset that has some. */
  readonly wanted: Readonly<Record<AssetKey, readonly string[] | 'all'>>;
  /** Assets that are made again though they are up to date. */
  readonly forced: readonly AssetKey[];
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
  context: Pick<RunContext, 'root' | 'env'>,
  graph: Graph<AssetManifest>,
  keys: readonly AssetKey[],
  partitioning: Partitioning,
) => ({
  plan: () => {
    const world = worldOf(context, graph, partitioning, runConfigOf(context.env));
    const all = withUpstream(graph, partitioning, new Map(keys.map((key) => [key, 'all' as const])));
    const steps = plan(graph, all, world, { force: false, refresh: false });
    world.save();
    return Promise.resolve(steps);
  },
  failed: async () => {
    const read = async (history: HistoryReader) => {
      const found = await Promise.all(keys.map((key) => history.lastPartitionSteps(key)));
      return found.flat().filter(({ status }) => status === 'failed');
    };
    const steps = await fromHistory<readonly Step[]>(context.root, read, []);
    return new Set(steps.map(({ key, partition }) => `${key} ${partition}`));
  },
});

/** The partitions of a run, as a step of it needs them. */
export async function wantedIn(
  { root, now }: Pick<RunContext, 'root' | 'now'>,
  runPlan: RunPlan | null,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
): Promise<{ readonly partitioning: Partitioning; readonly wanted: Wanted }> {
  const partitioning = await partitioningOf(root, manifests, runPlan?.now ?? now().getTime());
  const wanted = Object.entries(runPlan?.wanted ?? {}).map(([name, parts]) => {
    const key = name as AssetKey;
    return [key, parts === 'all' ? partitioning.partitionsOf(key) : parts] as const;
  });
  return { partitioning, wanted: new Map(wanted) };
}
