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
import { loadGroups, runOps, secretsIn, toFailure, type StepEnvironment } from '@nx-assets/engine/execution';
import type { JobReport, JobStepReport } from './report.ts';
import { runSelected } from './selected.ts';
import { AS_OF, GIVEN_JOB_RUN, newRunId, RUN_ID } from '../run-id.ts';
import { type Hooks, openHooks } from './job-hooks.ts';
import { withStepEnvironment } from '../step-environment.ts';
import { runConfigOf } from '@nx-assets/workspace/run-config';
import { say } from '../terminal.ts';
import { lastManifest, lastOthers, lastSources } from '@nx-assets/workspace/manifest';
import { checkConfig } from '@nx-assets/workspace/check-config';
import { partitioningOf } from '@nx-assets/workspace/partitioning';
import { askedAssets, askedPartitions, readFlags } from '@nx-assets/workspace/partition-request';
import type { RunHistory } from '../run-history.ts';
import { reportProgress } from '../report.ts';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** After this, milliseconds, one who waits is told for what. */
const PATIENCE = 500;

export interface RunJobOptions {
  readonly context: RunContext;
  readonly key: DefinitionKey;
  readonly refresh: boolean;
  readonly partition: string | null;
  /** Called as soon as the run has a name, and again when it has ended, before anybody is told. */
  onReport(runId: string, report: JobReport | null): void;
}

/** Runs a job: ops, assets, ops; then it tells hooks. What fails is in the report; only bugs reject. */
export async function runJob(options: RunJobOptions): Promise<JobReport> {
  const { context, key, refresh, partition, onReport } = options;
  const { root, env, now } = context;
  const startedAt = now().getTime();
  const runId = env[GIVEN_JOB_RUN] ?? newRunId(new Date(startedAt));
  Reflect.deleteProperty(env, GIVEN_JOB_RUN);
  // A run of its own: one nx command may run several jobs.
  env[RUN_ID] = runId;
  onReport(runId, null);
  let hooks: Hooks | undefined;
  const report = await withStepEnvironment(context, async (environment, history) => {
    const flags = refresh ? ['--refresh'] : [];
    const command = ['run', `${groupOf(key)}:${nameOf(key)}`, ...flags];
    let result: Pick<JobReport, 'steps' | 'assets'> & { error?: JobReport['error'] };
    try {
      const { definition, facts, others } = await find(root, key);
      await history.begin(command, facts.assets ?? [], startedAt);
      hooks = openHooks({
        context,
        job: { key, definition },
        jobs: others,
        secrets: secretsOf(context, facts),
      });
      const config = mergeRunConfigs([facts.config, runConfigOf(env)]);
      await checkAll(context, facts, config);
      const chosen = partition ?? facts.partition;
      if (chosen !== null) await checkPartition(context, facts, chosen);
      const passedOn = [...flags, ...asFlags(config)];
      const waiting = setTimeout(() => say(context, `${key} waits for another run of it.`), PATIENCE);
      const { locks, signal } = environment;
      const lock = await locks.take(`job ${key}`, 1, signal).finally(() => clearTimeout(waiting));
      try {
        const found = { context, key, definition, facts };
        result = await inOrder({ ...found, partition: chosen, flags: passedOn, environment, history });
      } finally {
        lock.release();
      }
    } catch (error) {
      if (!environment.signal.aborted) result = { steps: [], assets: [], error: toFailure(error) };
      else result = { steps: [], assets: [] };
    }
    const { steps, assets, error = null } = result;
    const isFailed = error !== null || steps.some(({ status }) => status === 'failed');
    const isCancelled = environment.signal.aborted;
    const status = isCancelled ? 'cancelled' : isFailed ? 'failed' : 'succeeded';
    const finishedAt = now().getTime();
    await history.end(status, [], finishedAt);
    await history.forget(finishedAt);
    return { job: key, runId, status, startedAt, finishedAt, steps, assets, error } as const;
  });
  onReport(runId, report);
  await hooks?.tell(report);
  return report;
}

/** Checks the configs of all assets that may run. Here, and not where they run: ops come before them. */
async function checkAll({ root, env }: RunContext, { assets }: JobFacts, config: RunConfig): Promise<void> {
  const manifests = lastManifest(root);
  const keys = new Set(assets ?? manifests.keys());
  const { order, nodes } = buildGraph(manifests.values());
  for (const key of [...order].reverse()) {
    const { deps, blockingChecks } = nodes.get(key) as AssetManifest;
    if (keys.has(key)) for (const dep of [...Object.values(deps), ...blockingChecks]) keys.add(dep);
  }
  await checkConfig({ root, keys: [...keys], manifests, env, runConfig: config });
}

/** Throws `PARTITION_UNKNOWN` where no asset has it. Also here: what ops have done is not undone. */
async function checkPartition(
  { root, env, now }: RunContext,
  { assets }: JobFacts,
  partition: string,
): Promise<void> {
  // Which assets they are may depend on how they stand when the ops have run.
  if (assets === null || assets.length === 0) return;
  const manifests = lastManifest(root);
  const partitioning = await partitioningOf(root, manifests, Number(env[AS_OF]) || now().getTime());
  const chosen = new Set(assets);
  const asked = askedAssets(buildGraph(manifests.values()), chosen, chosen);
  await askedPartitions(asked, readFlags(root, { partition }), partitioning, {
    plan: () => Promise.resolve([]),
    failed: () => Promise.resolve(new Set()),
  });
}

/** What ops and assets may have told a hook. */
const secretsOf = ({ root, env }: RunContext, job: Pick<JobFacts, 'secrets'>): string[] =>
  secretsIn([job, ...lastManifest(root).values()], env);

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
  readonly context: RunContext;
  readonly key: DefinitionKey;
  readonly definition: Job;
  readonly facts: JobFacts;
  readonly partition: string | null;
  readonly flags: readonly string[];
  readonly environment: StepEnvironment;
  readonly history: RunHistory;
}

/** The parts of a job one after another. Where one does not get done, those after it are not run. */
async function inOrder(parts: Parts): Promise<Pick<JobReport, 'steps' | 'assets'>> {
  const { context, key, definition, facts, partition, flags, environment, history } = parts;
  const { root, now } = context;
  const emit = (event: RunEvent) => {
    reportProgress(context, event);
    history.record(event);
  };
  const steps: JobStepReport[] = [];
  // Also those of hooks: an op may say what it found in the environment.
  const secrets = secretsOf(context, facts);
  const ops = async (given: Readonly<Record<string, unknown>>, which: 'before' | 'after') => {
    const pairs = definition[which].map((op, at) => ({ op, facts: facts[which][at] as OpFacts }));
    // Anew each time: the job itself may have added partitions.
    const partitioning = await partitioningOf(root, lastManifest(root), Date.now());
    const result = await runOps({ job: key, ops: pairs, given, environment, partitioning, secrets, emit });
    steps.push(...result.outcomes.map(stepOf));
    return result.given;
  };
  const isStopped = () => environment.signal.aborted || steps.some(({ status }) => status !== 'done');
  const given = await ops({}, 'before');
  let assets: JobReport['assets'] = [];
  if (!isStopped() && facts.select !== '') {
    const startedAt = now().getTime();
    const { succeeded, lines } = await runSelected({
      context,
      runId: environment.runId,
      facts,
      partition,
      flags,
    });
    const status = succeeded ? 'done' : environment.signal.aborted ? 'cancelled' : 'failed';
    assets = lines;
    steps.push({ name: ASSETS, status, milliseconds: now().getTime() - startedAt, error: null });
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
