import { randomUUID } from 'node:crypto';
import type { Hash, HasherContext, Task, TaskGraph } from '@nx/devkit';
import {
  AssetError,
  type AssetKey,
  assetKey,
  type AssetManifest,
  buildGraph,
  type Graph,
} from '@nx-assets/core';
import { decide, observe, type Partitioning, type PartitionKey, fingerprintsOnDisk } from '@nx-assets/engine';
import { hashText } from '@nx-assets/storage/records';
import { FRESH, ROOT, RUN_ID } from '@nx-assets/runner/run-id';
import { beginEpoch, hasOwnHash, type TaskHashes, taskHashes } from '@nx-assets/workspace/nx-cache';
import { type DiskWorld, worldOf } from '@nx-assets/workspace/disk-state';
import { runConfigOf } from '@nx-assets/workspace/run-config';
import { keepManifest, manifestOfRun, readManifestAsHere } from '@nx-assets/workspace/manifest';
import { type RunPlan, wantedIn } from '@nx-assets/workspace/run-plan';
import { refuseOutputLinks } from '@nx-assets/workspace/output-links';
import { checkConfig } from '@nx-assets/workspace/check-config';
import { guardNx } from './guard-nx.ts';
import { planTasks } from './plan-tasks.ts';
import { type ExpectedResult, LOST, verifyEntry } from './restored.ts';
import { sayError } from '@nx-assets/runner/terminal';
import { appendPlan, appendRemoteCache, appendRequested } from '@nx-assets/runner/run-file';
import { RunHistory } from '@nx-assets/runner/run-history';
import { processContext, type RunContext } from '@nx-assets/workspace/run-context';

const here = processContext();
// Nx hands its root to executors and hooks, but not to hashers.
const context: RunContext = { ...here, root: here.env[ROOT] ?? here.cwd };
const { root, env } = context;

/** What is the same for all tasks of a run. */
interface Run {
  readonly graph: Graph<AssetManifest>;
  /** When it began: what one function makes is asked for at one time. */
  readonly now: Date;
  readonly hashOf: TaskHashes;
  /** One for all tasks: what it parses, it parses once. */
  readonly world: DiskWorld;
  readonly partitioning: Partitioning;
  readonly wanted: ReadonlyMap<string, readonly PartitionKey[]>;
  /** What a forced backfill makes again: no cache may know it. */
  readonly forced: ReadonlySet<AssetKey>;
  /** What Nx may ask a remote cache for, by hash. */
  readonly expected: Map<string, ExpectedResult>;
}

let run: Promise<Run> | undefined;

/**
 * Nx's hash of an asset is the action key (`nx-cache.ts` says when it is not): code, inputs' data, declared environment and observation. Nx asks
 * level by level, when the records of what a task depends on are on disk.
 */
export default async function hashAsset(task: Task, given?: Pick<HasherContext, 'taskGraph'>): Promise<Hash> {
  run ??= begin(given?.taskGraph);
  const { graph, now, hashOf, world, partitioning, wanted, forced, expected } = await run;
  const key = assetKey(task.target.project, task.target.target);
  const manifest = graph.nodes.get(key);
  if (!manifest) throw new Error(`${task.id} is not an asset.`);
  const overrides = task.overrides as { refresh?: boolean; partition?: unknown } | undefined;
  const refresh = overrides?.refresh === true || env[FRESH] === 'true';
  const parts = wanted.get(key) ?? partitioning.partitionsOf(key);
  const [part = null] = parts;
  const isOne =
    !manifest.partitions || (parts.length === 1 && part !== null && hasOwnHash(part, overrides?.partition));
  // Between two levels a batch may have written records.
  world.forget();
  const observedAt = observe(root, manifest, now, refresh);
  const value = forced.has(key)
    ? hashText(randomUUID())
    : isOne
      ? hashOf(fingerprintsOnDisk(manifest, world, observedAt).of(part).actionKey())
      : hashOf(hashOfMany(manifest, parts, world));
  if (isOne) expected.set(value, { manifest, part, hashOf });
  return { value, details: { command: value, nodes: {}, implicitDeps: {}, runtime: {} } };
}

/**
 * Of many partitions Nx keeps nothing but that they are up to date: then the hash is over all of their action keys. As
 * long as one is not, it is one that no cache knows.
 */
function hashOfMany(manifest: AssetManifest, parts: readonly PartitionKey[], world: DiskWorld): string {
  const keys: string[] = [];
  const fingerprints = fingerprintsOnDisk(manifest, world, null);
  for (const part of parts) {
    const fingerprint = fingerprints.of(part);
    const decision = decide({
      manifest,
      reading: world.reading(manifest.key, part),
      fingerprint,
      force: false,
      refresh: false,
      bytesOnDisk: (record) => world.bytesOnDisk(manifest.key, part, record),
    });
    if (decision.action === 'run') return hashText(randomUUID());
    keys.push(decision.record.actionKey);
  }
  world.save();
  return hashText(JSON.stringify(['partitions', manifest.key, keys]));
}

async function begin(taskGraph: TaskGraph | undefined): Promise<Run> {
  const runId = env[RUN_ID] ?? '';
  await readManifestAsHere(root, context.conditions);
  if (taskGraph && runId !== '') keepManifest(root, runId);
  const manifests = manifestOfRun(root, runId);
  const runPlan = taskGraph ? await planOrExit(taskGraph, manifests) : null;
  if (taskGraph && runPlan && runId !== '') await beginRun(taskGraph, manifests, runPlan, runId);
  const { partitioning, wanted } = await wantedIn(context, runPlan, manifests);
  const graph = buildGraph(manifests.values());
  const forced = new Set(runPlan?.forced);
  const expected = new Map<string, ExpectedResult>();
  if (runId !== '') guardRemoteCache(runId, expected);
  const hashOf = taskHashes(context, beginEpoch(context));
  const world = worldOf(context, graph, partitioning, runConfigOf(env));
  return { graph, now: context.now(), hashOf, world, partitioning, wanted, forced, expected };
}

/** Milliseconds that a remote cache may take for one result. */
const REMOTE_LIMIT = 120_000;

/** This is the process that asks remote caches, whatever process the hooks are in. */
function guardRemoteCache(runId: string, expected: ReadonlyMap<string, ExpectedResult>): void {
  guardNx(root, {
    problemOf: (hash, folder) => {
      const result = expected.get(hash);
      const state = result ? verifyEntry(folder, hash, result) : 'intact';
      return state === 'intact' ? null : LOST[state];
    },
    onProblem: (problem) => {
      const key = expected.get(problem.hash)?.manifest.key ?? null;
      appendRemoteCache(root, runId, { ...problem, key });
    },
    patience: {
      limit: Number(env.NX_ASSETS_REMOTE_CACHE_TIMEOUT) * 1_000 || REMOTE_LIMIT,
      pause: 500,
      failures: 3,
    },
  });
}

/** Nx shows what a hasher throws with a stack, and goes on to other tasks. Nothing has begun yet: end here. */
async function planOrExit(
  taskGraph: TaskGraph,
  manifests: ReadonlyMap<AssetKey, AssetManifest>,
): Promise<RunPlan> {
  try {
    const keys = Object.values(taskGraph.tasks)
      .map(({ target }) => assetKey(target.project, target.target))
      .filter((key) => manifests.has(key));
    // Here, and not where steps run: nothing may start, in any process, nor come from a cache.
    refuseOutputLinks(
      root,
      keys.flatMap((key) => manifests.get(key) ?? []),
    );
    await checkConfig({ root, keys, manifests, env, runConfig: runConfigOf(env) });
    return await planTasks(context, taskGraph, manifests, context.argv);
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    sayError(context, error);
    return context.exit(1);
  }
}

/** The first graph that Nx shows has every task of the run. */
async function beginRun(
  { tasks }: TaskGraph,
  known: ReadonlyMap<AssetKey, AssetManifest>,
  runPlan: RunPlan,
  runId: string,
): Promise<void> {
  const requested = Object.values(tasks)
    .map(({ target }) => assetKey(target.project, target.target))
    .filter((key) => known.has(key));
  appendRequested(root, runId, requested);
  appendPlan(root, runId, runPlan);
  const history = await RunHistory.open(context, runId);
  await history.begin(context.argv, requested, context.now().getTime());
  await history.close();
}
