import { readFileSync } from 'node:fs';
import type { AssetKey } from '@nx-assets/core';
import { type AutomationLedger, type RunRequest, thisProcess } from '@nx-assets/event-log';
import { absolute, requestLogPath, requestPartitionsPath } from '@nx-assets/storage/records';
import { fromHistory, openHistory } from '@nx-assets/workspace/history';
import { AS_OF, GIVEN_JOB_RUN, GIVEN_RUN, newRunId } from '@nx-assets/runner/run-id';
import { ownEnv, runNx } from '@nx-assets/runner/nx-process';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseAssets } from '@nx-assets/workspace/choose-assets';
import { lastOtherTargets } from '@nx-assets/workspace/manifest';
import { commandsFor } from '@nx-assets/runner/nx-commands';
import { partitionArgument } from '@nx-assets/workspace/partition-request';
import type { RunContext } from '@nx-assets/workspace/run-context';

const INTERRUPTED = 130;

/** Claims a request and runs it, by the nx commands that a person would type. Gives the exit code. */
export async function runRequest(context: RunContext, id: string): Promise<number> {
  const { root, now } = context;
  const history = await openHistory(root);
  const { ledger } = history;
  try {
    // Somebody else has it: that is none of anybody's business.
    const request = await ledger.claim(id, thisProcess(), now().getTime());
    if (!request) return 0;
    try {
      const { code, isRefused } = await runAll(context, request, ledger);
      const status = code === 0 ? 'succeeded' : code === INTERRUPTED ? 'cancelled' : 'failed';
      await ledger.finish(id, status, isRefused ? refusal(root, id) : null, now().getTime());
      return code;
    } catch (error) {
      await ledger.finish(
        id,
        'failed',
        error instanceof Error ? error.message : String(error),
        now().getTime(),
      );
      throw error;
    }
  } finally {
    await history.close();
  }
}

interface Ended {
  readonly code: number;
  /** Whether nx ended before the first step of a run: history knows nothing of it. */
  readonly isRefused: boolean;
}

/** Longest text that is kept of what stopped a run. */
const LONGEST = 400;

/** What stopped a run before its first step, as this process has said it. */
function refusal(root: string, id: string): string | null {
  const said = readFileSync(absolute(root, requestLogPath(id)), { encoding: 'utf8', flag: 'a+' }).trim();
  const error = /^✖ ([\s\S]*?)(?:\n\n|$(?![\s\S]))/m.exec(said)?.[1];
  const words = (error ?? said.split('\n').at(-1) ?? '').replaceAll(/\s+/g, ' ');
  return words === '' ? null : `before its first step: ${words.slice(0, LONGEST)}`;
}

async function runAll(context: RunContext, request: RunRequest, ledger: AutomationLedger): Promise<Ended> {
  const { root, env, now } = context;
  const { id, at, target } = request;
  for (const command of await commandsOf(context, request)) {
    const runId = newRunId(now());
    // Written down before it begins: whoever looks for it knows where.
    await ledger.addRun(id, runId);
    const code = await runNx(context, [...command, ...flagsOf(request)], {
      ...ownEnv(env),
      [target.job === null ? GIVEN_RUN : GIVEN_JOB_RUN]: runId,
      [AS_OF]: String(at),
    });
    if (code === 0) continue;
    const isRefused = (await fromHistory(root, (history) => history.run(runId), null)) === null;
    const { assets } = target;
    if (isRefused && code !== INTERRUPTED && assets && assets.length > 1)
      return runEach(context, request, assets, ledger);
    return { code, isRefused };
  }
  return { code: 0, isRefused: false };
}

/** What is wrong with one asset, its config for example, stops no other. */
async function runEach(
  context: RunContext,
  request: RunRequest,
  assets: readonly AssetKey[],
  ledger: AutomationLedger,
): Promise<Ended> {
  let all: Ended = { code: 0, isRefused: false };
  for (const key of assets) {
    const { code, isRefused } = await runAll(
      context,
      { ...request, target: { ...request.target, assets: [key], select: key } },
      ledger,
    );
    if (code === INTERRUPTED) return { code, isRefused };
    all = { code: Math.max(all.code, code), isRefused: all.isRefused || isRefused };
  }
  return all;
}

async function commandsOf(context: RunContext, { id, target }: RunRequest): Promise<string[][]> {
  const { job, assets, select } = target;
  const partition =
    target.partition && partitionArgument(context.root, requestPartitionsPath(id), target.partition);
  const flags = partition === null ? {} : { partition };
  if (job !== null)
    return [['run', job.replace('/', ':'), ...(partition === null ? [] : [`--partition=${partition}`])]];
  const workspace = await Workspace.open({ ...context, cwd: context.root });
  const keys: readonly AssetKey[] = assets ?? (await chooseAssets(workspace, [select]));
  return commandsFor(keys, workspace.graph.nodes, flags, lastOtherTargets(context.root));
}

const flagsOf = ({ target: { config } }: RunRequest): string[] =>
  Object.entries(config).flatMap(([key, fields]) =>
    Object.entries(fields).map(([field, value]) => `--config=${key}.${field}=${JSON.stringify(value)}`),
  );
