import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AssetError, type AssetKey } from '@nx-assets/core';
import type { HistoryReader } from '@nx-assets/event-log';
import { absolute, requestLogPath, requestPartitionsPath } from '@nx-assets/storage/records';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { RunRequest, RunStarted, AssetStatus } from '../wire/index.ts';
import { GIVEN_JOB_RUN, GIVEN_RUN, newRunId } from '@nx-assets/runner/run-id';
import { findRun } from '@nx-assets/workspace/history';
import { planOf } from '@nx-assets/workspace/asset-status';
import { partitionArgument } from '@nx-assets/workspace/partition-request';
import { lastOtherTargets } from '@nx-assets/workspace/manifest';
import { commandsFor, passedOn } from '@nx-assets/runner/nx-commands';
import { ownEnv, runNx } from '@nx-assets/runner/nx-process';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** One nx command, and the id that its run will have. */
interface PlannedCommand {
  readonly args: readonly string[];
  readonly runId: string;
  readonly isJob: boolean;
}

/** What a request comes to: the commands that a person would type. Throws `COMMAND_INVALID` for what is not there. */
export async function planRequest(
  workspace: Workspace,
  statuses: Readonly<Record<string, AssetStatus>>,
  request: RunRequest,
  history: HistoryReader,
): Promise<{ readonly planned: readonly PlannedCommand[]; readonly started: RunStarted }> {
  const argsList =
    request.again === undefined
      ? await commandsOf(workspace, statuses, request)
      : [await commandOf(history, request.again)];
  const jobs = jobsOf(workspace);
  const now = workspace.context.now().getTime();
  // A millisecond apart, so that ids differ.
  const planned = argsList.map((args, index) => ({
    args,
    runId: newRunId(new Date(now + index)),
    isJob: args[0] === 'run' && jobs.has(args[1]?.replace(':', '/') ?? ''),
  }));
  const commands = planned.map(({ args }) => ['npx', 'nx', ...args].map(quoted).join(' '));
  const runs = planned.map(({ runId }) => runId);
  return { planned, started: { runs, commands, isUpToDate: planned.length === 0 } };
}

/** As it can be pasted into a shell. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

const jobsOf = (workspace: Workspace): ReadonlySet<string> =>
  new Set(
    workspace.groups
      .flatMap(({ others }) => others.filter(({ type }) => type === 'job'))
      .map(({ key }) => key),
  );

const RUNS = new Set(['run', 'run-many', 'affected']);

/** What a person typed for an earlier run. */
async function commandOf(history: HistoryReader, id: string): Promise<readonly string[]> {
  const { command } = await findRun(history, id);
  if (!RUNS.has(command[0] ?? '')) throw unknown(`run that begins with "nx ${command[0] ?? ''}"`);
  return command;
}

async function commandsOf(
  workspace: Workspace,
  statuses: Readonly<Record<string, AssetStatus>>,
  { assets, job, partition, only, force = false, refresh = false }: RunRequest,
): Promise<readonly (readonly string[])[]> {
  if (job !== undefined) {
    if (!jobsOf(workspace).has(job)) throw unknown(`job ${job}`);
    return [['run', job.replace('/', ':')]];
  }
  const chosen = chosenOf(workspace, statuses, assets);
  if (chosen.length === 0) return [];
  const flags = {
    force,
    refresh,
    ...(partition === undefined ? {} : { partition }),
    ...(only === undefined ? {} : { [only]: true }),
  };
  const steps = await planOf(workspace, chosen, flags);
  // A run that finds everything as it should be takes back that the last one failed.
  const hasFailed = chosen.some((key) => statuses[key]?.statuses.includes('failed'));
  if (!force && !hasFailed && steps.every(({ action }) => action === 'keep')) return [];
  const more = passedOn(flags);
  const others = lastOtherTargets(workspace.root);
  const path = requestPartitionsPath(`console ${newRunId(workspace.context.now())}`);
  const given =
    partition === undefined ? {} : { partition: partitionArgument(workspace.root, path, partition) };
  const commands = commandsFor(chosen, workspace.graph.nodes, { ...flags, ...given }, others);
  return commands.map((command) => [...command, ...more]);
}

const unknown = (what: string) =>
  new AssetError('COMMAND_INVALID', `There is no ${what}.`, {
    remedy: 'Definitions may have changed: reload the page.',
  });

function chosenOf(
  { graph }: Workspace,
  statuses: Readonly<Record<string, AssetStatus>>,
  assets: RunRequest['assets'],
): AssetKey[] {
  if (assets === 'all') return [...graph.order];
  if (assets === 'stale') return graph.order.filter((key) => statuses[key]?.statuses[0] !== 'fresh');
  const wanted = new Set(assets);
  const lost = assets.find((key) => !graph.nodes.has(key as AssetKey));
  if (lost !== undefined) throw unknown(`asset ${lost}`);
  return graph.order.filter((key) => wanted.has(key));
}

/** Starts the runs, one after the other, in a process of `command` (the file of nx-assets) that outlives this one. `onEnd` hears when it has ended. */
export function startRuns(
  { root, env }: RunContext,
  command: string,
  planned: readonly PlannedCommand[],
  onEnd: (code: number, said: string) => void,
): void {
  const [first] = planned;
  if (!first) return;
  const path = absolute(root, requestLogPath(`console ${first.runId}`));
  mkdirSync(dirname(path), { recursive: true });
  const output = openSync(path, 'w');
  const child = spawn(process.execPath, [command, 'console', 'run', JSON.stringify(planned)], {
    cwd: root,
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...ownEnv(env), NO_COLOR: '1' },
  });
  closeSync(output);
  child.on('error', (error) => onEnd(1, error.message));
  child.on('exit', (code) => onEnd(code ?? 1, saidIn(path)));
  child.unref();
}

/** What the process has said; nothing where somebody has removed the file meanwhile, as who deletes `.nx` does. */
function saidIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** What the process does that `startRuns` starts. */
export async function runPlanned(context: RunContext, text: string): Promise<number> {
  const planned = JSON.parse(text) as readonly PlannedCommand[];
  for (const { args, runId, isJob } of planned) {
    const code = await runNx(context, args, {
      ...ownEnv(context.env),
      [isJob ? GIVEN_JOB_RUN : GIVEN_RUN]: runId,
    });
    if (code !== 0) return code;
  }
  return 0;
}
