import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import type { PostTasksExecutionContext, PreTasksExecutionContext } from '@nx/devkit';
import { AssetError, type AssetKey, buildGraph, prerequisitesOf } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { HashCache, readRecord } from '@nx-assets/storage/records';
import pc from 'picocolors';
import { jsonText } from '@nx-assets/workspace/terminal-text';
import { CONCURRENCY, FRESH, GIVEN_RUN, isSubRun, newRunId, ROOT, RUN_ID } from '@nx-assets/runner/run-id';
import { appendReport, forgetOldRuns, readRun } from '@nx-assets/runner/run-file';
import { configFlags, readRunConfig, RUN_CONFIG } from '@nx-assets/workspace/run-config';
import { QUIET, warn } from '@nx-assets/runner/terminal';
import { currentEpoch, endEpoch, taskHashes } from '@nx-assets/workspace/nx-cache';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { describeRemoteCache } from '@nx-assets/runner/remote-cache-problem';
import type { ReportLine } from '@nx-assets/runner/report-line';
import { renderReport } from '@nx-assets/runner/report';
import { renderJob } from '@nx-assets/runner/job/render';
import { RunHistory } from '@nx-assets/runner/run-history';
import type { RunPlan } from '@nx-assets/workspace/run-plan';
import { cacheOf, LOST, verifyRestored } from './restored.ts';
import { JSON_VERSION } from '../json-version.ts';
import { processContext, type RunContext } from '@nx-assets/workspace/run-context';

// Taken before Nx silences the streams, which it does at Ctrl-C.
const here = processContext();
const { env } = here;
let interrupts = 0;

/** At the first Ctrl-C steps are asked to stop, and Nx waits for them a while. At the second nobody waits. */
function onInterrupt(): void {
  const runId = env[RUN_ID] ?? '';
  const { requested, jobs } = readRun(env[ROOT] ?? here.cwd, runId);
  if (requested.size === 0 && jobs.size === 0) return; // a run without assets is none of ours
  interrupts++;
  if (interrupts > 1) here.exit(INTERRUPTED);
  // What runs this part of a job says it.
  if (isSubRun(runId)) return;
  here.stderr.write('\nStopping. What has finished is kept; Ctrl-C again stops at once.\n');
}

const INTERRUPTED = 130;

/** Gives the run its name and its manners, for every process that takes part. Nx hands `process.env` on. */
export function beforeTasks(context: PreTasksExecutionContext): void {
  interrupts = 0;
  process.on('SIGINT', onInterrupt);
  forgetOldRuns(context.workspaceRoot);
  env[RUN_ID] = env[GIVEN_RUN] ?? newRunId(here.now());
  Reflect.deleteProperty(env, GIVEN_RUN);
  env[ROOT] = context.workspaceRoot;
  env[RUN_CONFIG] = JSON.stringify(readRunConfig(configFlags(context.argv), here.cwd));
  env[CONCURRENCY] = String(concurrencyOf(context));
  // Whoever passes by the cache wants to know how things are now. Under its old time, new data would be lost to the
  // cached one at the next run.
  if (skipsCache(context.argv)) env[FRESH] = 'true';
  if (wantsJson(context.argv)) {
    env[QUIET] = 'true';
    // Standard output is the document's alone; what Nx says goes where people can still read it.
    process.stdout.write = process.stderr.write.bind(process.stderr);
  }
  // Nx forces colours on its children even where it shows none itself.
  if (env.FORCE_COLOR === undefined && !pc.isColorSupported) {
    env.FORCE_COLOR = '0';
    env.NO_COLOR = '1';
  }
}

/** Ends a run with one table: what Nx took from its cache, and what the executor did. */
export async function afterTasks(context: PostTasksExecutionContext): Promise<void> {
  process.off('SIGINT', onInterrupt);
  const { workspaceRoot, taskResults, argv } = context;
  const run: RunContext = { ...here, root: workspaceRoot };
  const runId = env[RUN_ID] ?? '';
  const { requested, outcomes, plan, jobs, remoteCache } = readRun(workspaceRoot, runId);
  const results = new Map(
    Object.values(taskResults).map((result) => {
      const { project, target } = result.task.target;
      return [`${project}/${target}`, result];
    }),
  );
  const hashOf = taskHashes(run, currentEpoch(run));
  const hashes = new HashCache(workspaceRoot);
  const manifests = lastManifest(workspaceRoot);
  const lines: ReportLine[] = [];
  const causes = new Map<AssetKey, AssetKey>();
  for (const key of buildGraph(manifests.values()).order) {
    const outcome = outcomes.get(key);
    const { status, task, terminalOutput } = results.get(key) ?? {};
    if (status === undefined && !outcome && !requested.has(key)) continue;
    // Nx leaves what it skipped out of its results.
    const manifest = manifests.get(key);
    const before = manifest ? prerequisitesOf(manifest) : [];
    const cause = before.map((dep) => causes.get(dep)).find((found) => found !== undefined);
    const isCached = !outcome && (status?.includes('cache') ?? false);
    const part = onlyPart(plan, key);
    const restored =
      isCached && manifest && task
        ? await verifyRestored({ root: workspaceRoot, manifest, part, task, status, hashOf, hashes })
        : 'intact';
    const line =
      restored !== 'intact'
        ? lostLine(key, restored)
        : lineOf(workspaceRoot, key, part, status, outcome, cause, terminalOutput);
    if (line.status === 'failed') causes.set(key, key);
    else if (line.status === 'blocked' && cause) causes.set(key, cause);
    lines.push({ ...line, isExternal: manifest?.isExternal ?? false });
  }
  hashes.save();
  if (lines.length > 0) {
    const milliseconds = context.endTime - context.startTime;
    if (!wantsJson(argv)) here.stdout.write(`${renderReport(lines, milliseconds, argv.slice(2))}\n`);
    if (isSubRun(runId)) appendReport(workspaceRoot, runId, lines);
  }
  const reports = [...jobs.values()].flatMap(({ report }) => report ?? []);
  if (!wantsJson(argv)) for (const report of reports) here.stdout.write(`${renderJob(report)}\n`);
  else if (lines.length > 0 || reports.length > 0) {
    const milliseconds = context.endTime - context.startTime;
    const document = { version: JSON_VERSION, runId, milliseconds, assets: lines };
    here.stdout.write(`${jsonText(jobs.size > 0 ? { ...document, jobs: reports } : document)}\n`);
  }
  for (const message of describeRemoteCache(remoteCache)) warn(here, message);
  const isCacheBroken = lines.some(({ error }) => error?.code === 'CACHE_INCOMPLETE');
  if (lines.length > 0) {
    endEpoch(run, isCacheBroken);
    const unheard = lines.filter(({ key }) => !outcomes.has(key));
    await endRun(run, runId, lines, unheard, context.endTime);
  }
  const statuses = Object.values(taskResults).map(({ status }) => status);
  failWithOne(isCacheBroken ? ['failure'] : statuses);
}

async function endRun(
  run: RunContext,
  runId: string,
  lines: readonly ReportLine[],
  unheard: readonly ReportLine[],
  at: number,
): Promise<void> {
  const history = await RunHistory.open(run, runId);
  const has = (status: ReportLine['status']) => lines.some((line) => line.status === status);
  const others = unheard.map((line) => ({ ...line, partition: null, startedAt: at, finishedAt: at }));
  await history.end(has('failed') ? 'failed' : has('cancelled') ? 'cancelled' : 'succeeded', others, at);
  await history.forget(at);
  await history.close();
}

/** The partition that a run is about, where that is one. */
function onlyPart(plan: RunPlan | null, key: AssetKey): string | null {
  const parts = plan?.wanted[key];
  return parts && parts !== 'all' && parts.length === 1 ? (parts[0] ?? null) : null;
}

const lostLine = (key: AssetKey, what: keyof typeof LOST): ReportLine =>
  failedLine(key, new AssetError('CACHE_INCOMPLETE', `Nx restored ${key} from its cache, ${LOST[what]}.`));

const failedLine = (key: AssetKey, { code, blame, message }: AssetError): ReportLine => ({
  ...EMPTY_LINE,
  key,
  status: 'failed',
  source: 'run',
  error: { code, blame, message, stack: null },
});

const EMPTY_LINE = {
  source: null,
  reasons: [],
  changed: null,
  rowCount: null,
  bytes: null,
  error: null,
  announcements: [],
  checks: [],
  isExternal: false,
  milliseconds: null,
} as const;

const SOURCES = {
  materialized: 'run',
  failed: 'run',
  'up-to-date': 'output',
  blocked: null,
  cancelled: null,
} as const;

/**
 * Nx leaves tasks out of its results that it skips after a failure, takes the run for an interrupted one and
 * exits with 130. A run that failed exits with 1; 130 stays for Ctrl-C.
 */
function failWithOne(statuses: readonly string[]): void {
  if (interrupts > 0 || !statuses.includes('failure') || statuses.includes('stopped')) return;
  process.once('exit', () => (process.exitCode = 1));
}

/**
 * What the executor said of an asset; otherwise Nx took it from its cache, or did not get to it: because of the
 * failure of `cause`, or because the run was stopped.
 */
function lineOf(
  root: string,
  key: AssetKey,
  part: string | null,
  status: string | undefined,
  outcome: Outcome | undefined,
  cause: AssetKey | undefined,
  told: string | undefined,
): ReportLine {
  if (outcome) {
    const { startedAt, finishedAt, ...rest } = outcome;
    // A clock may be set back meanwhile.
    const milliseconds = Math.max(0, finishedAt - startedAt);
    return { ...EMPTY_LINE, ...rest, source: SOURCES[rest.status], milliseconds };
  }
  const line = { ...EMPTY_LINE, key };
  const isCached = status?.includes('cache') ?? false;
  if (isCached || status === 'success') {
    const reading = readRecord(root, key, part);
    const record = reading.status === 'found' ? reading.record : null;
    const { rowCount = null, bytes = null } = record?.value ?? {};
    const facts = { rowCount, bytes, checks: record?.checks ?? [] };
    // The run file could not be written: the record says what is there.
    if (!isCached) return { ...line, status: 'materialized', source: 'run', ...facts };
    const reasons = [{ kind: 'restored', from: cacheOf(status ?? '') }] as const;
    return { ...line, status: 'up-to-date', source: 'cache', changed: false, reasons, ...facts };
  }
  if (status === 'failure') {
    // Said to Nx, and lost on its way into the run file.
    const text = stripVTControlCharacters(told ?? '').trim();
    if (text.startsWith(`✖ ${key} `))
      return failedLine(
        key,
        new AssetError('LISTENER_FAILED', `The run file does not say how ${key} failed:\n${text}\n`),
      );
    return failedLine(key, new AssetError('PROCESS_ENDED', `${key} has no outcome.`));
  }
  if (cause) return { ...line, status: 'blocked', reasons: [{ kind: 'upstream-failed', key: cause }] };
  return { ...line, status: 'cancelled' };
}

/** How many steps may run at the same time, as Nx decides it for tasks; by default, as many as there are cores. */
function concurrencyOf({ argv, nxJsonConfiguration }: PreTasksExecutionContext): number {
  const flag = argv.findIndex((argument) => argument.startsWith('--parallel'));
  const given = flag < 0 ? undefined : (argv[flag]?.split('=')[1] ?? argv[flag + 1]);
  const wanted = [given, env.NX_PARALLEL, nxJsonConfiguration?.parallel].map(Number);
  return wanted.find((count) => Number.isInteger(count) && count > 0) ?? availableParallelism();
}

const wantsJson = (argv: readonly string[]): boolean =>
  argv.includes('--json') || argv.includes('--json=true');

const skipsCache = (argv: readonly string[]): boolean =>
  env.NX_SKIP_NX_CACHE === 'true' ||
  env.NX_DISABLE_NX_CACHE === 'true' ||
  argv.some((argument) => /^--(skip-?nx-?cache|disable-?nx-?cache)(=true)?$/i.test(argument));
