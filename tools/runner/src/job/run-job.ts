import {
  AssetError,
  type AssetManifest,
  ASSETS,
  buildGraph,
  type DefinitionKey,
  groupOf,
  type Job,
  type JobFacts,
  nameOf,
  type OpFacts,
} from '@nx-assets/core';
import { mergeRunConfigs, type RunConfig } from '@nx-assets/core/config';
import type { OpOutcome, RunEvent } from '@nx-assets/engine';
import {
  loadGroups,
  runOps,
  secretsIn,
  takeSlot,
  toFailure,
  type Workshop,
} from '@nx-assets/engine/execution';
import type { JobReport, JobStepReport } from './report.ts';
import { runSelected } from './selected.ts';
import { AS_OF, GIVEN_JOB_RUN, newRunId, RUN_ID } from '../run-context.ts';
import { type Hooks, openHooks } from './job-hooks.ts';
import { withWorkshop } from '../step-environment.ts';
import { runConfig } from '@nx-assets/workspace/run-config';
import { say } from '../terminal.ts';
import { lastManifest, lastOthers, lastSources } from '@nx-assets/workspace/manifest';
import { checkConfig } from '@nx-assets/workspace/check-config';
import { partitioningOf } from '@nx-assets/workspace/partitioning';
import { askedAssets, askedPartitions } from '@nx-assets/workspace/partition-request';
import type { RunHistory } from '../run-history.ts';
import { reportProgress } from '../report.ts';

/** After this, milliseconds, one who waits is told for what. */
const PATIENCE = 500;

export interface RunJobOptions {
  readonly root: string;
  readonly key: DefinitionKey;
  readonly refresh: boolean;
  readonly partition: string | null;
  /** Called as soon as the run has a name, and again when it has ended, before anybody is told. */
  onReport(runId: string, report: JobReport | null): void;
}

/** Runs a job: ops, assets, ops; then it tells hooks. What fails is in the report; only bugs reject. */
export async function runJob(options: RunJobOptions): Promise<JobReport> {
  const { root, key, refresh, partition, onReport } = options;
  const startedAt = Date.now();
  const runId = process.env[GIVEN_JOB_RUN] ?? newRunId(new Date(startedAt));
  Reflect.deleteProperty(process.env, GIVEN_JOB_RUN);
  // A run of its own: one nx command may run several jobs.
  process.env[RUN_ID] = runId;
  onReport(runId, null);
  let hooks: Hooks | undefined;
  const report = await withWorkshop(root, async (workshop, history) => {
    const flags = refresh ? ['--refresh'] : [];
    const command = ['run', `${groupOf(key)}:${nameOf(key)}`, ...flags];
    let result: Pick<JobReport, 'steps' | 'assets'> & { error?: JobReport['error'] };
    try {
      const { definition, facts, others } = await find(root, key);
      await history.begin(command, facts.assets ?? [], startedAt);
      hooks = openHooks({
        root,
        job: { key, definition },
        jobs: others,
        secrets: secretsOf(root, facts),
      });
      const config = mergeRunConfigs([facts.config, runConfig()]);
      await checkAll(root, facts, config);
      const chosen = partition ?? facts.partition;
      if (chosen !== null) await checkPartition(root, facts, chosen);
      const passedOn = [...flags, ...asFlags(config)];
      const waiting = setTimeout(() => say(`${key} waits for another run of it.`), PATIENCE);
      const slot = await takeSlot(root, `job ${key}`, 1, workshop.signal).finally(() =>
        clearTimeout(waiting),
      );
      try {
        const found = { root, key, definition, facts };
        result = await inOrder({ ...found, partition: chosen, flags: passedOn, workshop, history });
      } finally {
        slot.release();
      }
    } catch (error) {
      if (!workshop.signal.aborted) result = { steps: [], assets: [], error: toFailure(error) };
      else result = { steps: [], assets: [] };
    }
    const { steps, assets, error = null } = result;
    const isFailed = error !== null || steps.some(({ status }) => status === 'failed');
    const isCancelled = workshop.signal.aborted;
    const status = isCancelled ? 'cancelled' : isFailed ? 'failed' : 'succeeded';
    const finishedAt = Date.now();
    await history.end(status, [], finishedAt);
    await history.forget(finishedAt);
    return { job: key, runId, status, startedAt, finishedAt, steps, assets, error } as const;
  });
  onReport(runId, report);
  await hooks?.tell(report);
  return report;
}

/** Checks the configs of all assets that may run. Here, and not where they run: ops come before them. */
async function checkAll(root: string, { assets }: JobFacts, config: RunConfig): Promise<void> {
  const manifests = lastManifest(root);
  const keys = new Set(assets ?? manifests.keys());
  const { order, nodes } = buildGraph(manifests.values());
  for (const key of [...order].reverse()) {
    const { deps, gates } = nodes.get(key) as AssetManifest;
    if (keys.has(key)) for (const dep of [...Object.values(deps), ...gates]) keys.add(dep);
  }
  await checkConfig({ root, keys: [...keys], manifests, env: process.env, runConfig: config });
}

/** Throws `PARTITION_UNKNOWN` where no asset has it. Also here: what ops have done is not undone. */
async function checkPartition(root: string, { assets }: JobFacts, partition: string): Promise<void> {
  // Which assets they are may depend on how they stand when the ops have run.
  if (assets === null || assets.length === 0) return;
  const manifests = lastManifest(root);
  const partitioning = await partitioningOf(root, manifests, Number(process.env[AS_OF]) || Date.now());
  const chosen = new Set(assets);
  const asked = askedAssets(buildGraph(manifests.values()), chosen, chosen);
  await askedPartitions(asked, { partition }, partitioning, {
    plan: () => Promise.resolve([]),
    failed: () => Promise.resolve(new Set()),
  });
}

/** What ops and assets may have told a hook. */
const secretsOf = (root: string, job: Pick<JobFacts, 'secrets'>): string[] =>
  secretsIn([job, ...lastManifest(root).values()], process.env);

/** A run config as a command line gives it. */
const asFlags = (config: RunConfig): string[] =>
  Object.entries(config).flatMap(([key, fields]) =>
    Object.entries(fields).map(([field, value]) => `--config=${key}.${field}=${JSON.stringify(value)}`),
  );

/** The job as its package defines it, what the manifest says of it, and all other jobs. */
async function find(root: string, key: DefinitionKey) {
  const facts = lastOthers(root)
    .filter((other) => other.type === 'job')
    .find((job) => job.key === key);
  const { others } = await loadGroups(root, lastSources(root));
  const jobs = others.flatMap(({ key, definition }) =>
    definition.type === 'job' ? [{ key, definition: definition as Job }] : [],
  );
  const found = jobs.find((job) => job.key === key);
  if (!facts || !found) throw new AssetError('FRAMEWORK_BUG', `The definition of ${key} did not load.`);
  return { definition: found.definition, facts, others: jobs };
}

interface Parts {
  readonly root: string;
  readonly key: DefinitionKey;
  readonly definition: Job;
  readonly facts: JobFacts;
  readonly partition: string | null;
  readonly flags: readonly string[];
  readonly workshop: Workshop;
  readonly history: RunHistory;
}

/** The parts of a job one after another. Where one does not get done, those after it are not run. */
async function inOrder(parts: Parts): Promise<Pick<JobReport, 'steps' | 'assets'>> {
  const { root, key, definition, facts, partition, flags, workshop, history } = parts;
  const emit = (event: RunEvent) => {
    reportProgress(event);
    history.record(event);
  };
  const steps: JobStepReport[] = [];
  // Also those of hooks: an op may say what it found in the environment.
  const secrets = secretsOf(root, facts);
  const ops = async (given: Readonly<Record<string, unknown>>, which: 'before' | 'after') => {
    const pairs = definition[which].map((op, at) => ({ op, facts: facts[which][at] as OpFacts }));
    // Anew each time: the job itself may have added partitions.
    const partitioning = await partitioningOf(root, lastManifest(root), Date.now());
    const result = await runOps({ job: key, ops: pairs, given, workshop, partitioning, secrets, emit });
    steps.push(...result.outcomes.map(stepOf));
    return result.given;
  };
  const isStopped = () => workshop.signal.aborted || steps.some(({ status }) => status !== 'done');
  const given = await ops({}, 'before');
  let assets: JobReport['assets'] = [];
  if (!isStopped() && facts.select !== '') {
    const startedAt = Date.now();
    const { succeeded, lines } = await runSelected({
      root,
      runId: workshop.runId,
      facts,
      partition,
      flags,
    });
    const status = succeeded ? 'done' : workshop.signal.aborted ? 'cancelled' : 'failed';
    assets = lines;
    steps.push({ name: ASSETS, status, milliseconds: Date.now() - startedAt, error: null });
  }
  if (!isStopped()) await ops(given, 'after');
  const names = [
    ...definition.before.map(({ name }) => name),
    ...(facts.select === '' ? [] : [ASSETS]),
    ...definition.after.map(({ name }) => name),
  ];
  return { assets, steps: names.map((name) => steps.find((step) => step.name === name) ?? blocked(name)) };
}

const stepOf = ({ name, status, startedAt, finishedAt, error }: OpOutcome): JobStepReport => ({
  name,
  status,
  milliseconds: Math.max(0, finishedAt - startedAt),
  error,
});

const blocked = (name: string): JobStepReport => ({
  name,
  status: 'blocked',
  milliseconds: null,
  error: null,
});
