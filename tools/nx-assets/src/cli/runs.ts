import { AssetError, partitionName } from '@nx-assets/core';
import type { History, HistoryReader, Run, RunStatus, Step } from '@nx-assets/event-log';
import { describeReasons, type Reason } from '@nx-assets/engine';
import pc from 'picocolors';
import { ago, print, printJson } from './output.ts';
import { findRun, openHistory } from '@nx-assets/workspace/history';
import type { RunsFlags } from './flags.ts';
import { EXIT } from './exit.ts';
import { bytes, count, duration, table } from '@nx-assets/workspace/format';
import { contextHere, type ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS: Readonly<Record<RunStatus, string>> = {
  succeeded: pc.green('✔'),
  failed: pc.red('✖'),
  cancelled: pc.yellow('◌'),
  lost: pc.yellow('◌'),
  running: pc.cyan('▸'),
};

/** Opens the history of the workspace, hands it over, and closes it. */
export async function withHistory<T>(
  context: ProcessContext,
  use: (history: History, root: string) => Promise<T>,
): Promise<T> {
  const { root } = contextHere(context);
  const history = await openHistory(root);
  try {
    return await use(history, root);
  } finally {
    await history.close();
  }
}

/** Lists runs, the newest first; or the steps of one. */
export async function runsCommand(
  context: ProcessContext,
  runId: string | undefined,
  flags: RunsFlags,
): Promise<number> {
  return withHistory(context, async (history) => {
    if (runId !== undefined) return showRun(context, history, runId, flags);
    const { limit, status } = flags;
    const runs = await history.runs({ limit, ...(status === undefined ? {} : { status: statusOf(status) }) });
    if (flags.json) printJson(context, { runs });
    else if (runs.length === 0) print(context, 'No runs yet.');
    else print(context, renderRuns(runs));
    return EXIT.ok;
  });
}

function statusOf(text: string): RunStatus {
  if (Object.hasOwn(SIGNS, text)) return text as RunStatus;
  throw new AssetError('COMMAND_INVALID', `There is no status ${text}.`, {
    remedy: `Use one of ${Object.keys(SIGNS).join(', ')}.`,
  });
}

function renderRuns(runs: readonly Run[]): string {
  const rows = runs.map((run) => [
    `${SIGNS[run.status]} ${run.runId}`,
    run.status,
    ago(run.startedAt),
    run.finishedAt === null ? '' : duration(run.finishedAt - run.startedAt),
    Object.entries(run.steps)
      .map(([status, number]) => `${number} ${status}`)
      .join(', '),
    `nx ${run.command.join(' ')}`,
  ]);
  const titles = ['  run', 'status', 'started', 'took', 'steps', 'command'];
  const [head = '', ...body] = table(
    titles.map((title) => ({ title, ...(title === 'took' ? { align: 'right' as const } : {}) })),
    rows,
  );
  return [pc.dim(head), ...body].join('\n');
}

async function showRun(
  context: ProcessContext,
  history: HistoryReader,
  text: string,
  flags: RunsFlags,
): Promise<number> {
  const run = await findRun(history, text);
  const steps = await history.steps(run.runId);
  if (flags.json) {
    printJson(context, { run, steps });
    return EXIT.ok;
  }
  const rows = steps.map((step) => [
    partitionName(step.key, step.partition),
    step.status,
    describeReasons(step.reasons as unknown as readonly Reason[]),
    count(step.rowCount),
    bytes(step.bytes),
    took(step),
  ]);
  const [head = '', ...body] = table(
    [
      { title: 'asset' },
      { title: 'status' },
      { title: 'why' },
      { title: 'rows', align: 'right' },
      { title: 'size', align: 'right' },
      { title: 'time', align: 'right' },
    ],
    rows,
  );
  const failures = steps.flatMap(({ key, partition, error }) =>
    error === null
      ? []
      : [
          `${pc.red('✖')} ${partitionName(key, partition)}`,
          `    ${String((error as { message?: string }).message)}`,
        ],
  );
  print(
    context,
    [renderRuns([run]), '', pc.dim(head), ...body, ...(failures.length > 0 ? ['', ...failures] : [])].join(
      '\n',
    ),
  );
  return EXIT.ok;
}

const took = ({ status, startedAt, finishedAt }: Step): string =>
  finishedAt !== null && (status === 'materialized' || status === 'failed' || status === 'done')
    ? duration(finishedAt - startedAt)
    : '';
