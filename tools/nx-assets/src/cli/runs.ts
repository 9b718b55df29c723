import { AssetError, partitionName } from '@nx-assets/core';
import type { History, HistoryReader, Run, RunStatus, Step } from '@nx-assets/event-log';
import { describeReasons, type Reason } from '@nx-assets/engine';
import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import { findHistory, findRun } from '@nx-assets/workspace/history';
import type { RunsFlags } from './flags.ts';
import { EXIT } from './exit.ts';
import { bytes, count, duration, table, type TableColumn } from '@nx-assets/workspace/format';
import { contextHere, type ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS: Readonly<Record<RunStatus, string>> = {
  succeeded: pc.green('✔'),
  failed: pc.red('✖'),
  cancelled: pc.yellow('◌'),
  lost: pc.yellow('◌'),
  running: pc.cyan('▸'),
};

/** Opens the history of the workspace, hands it over, and closes it. There is none before the first run. */
export async function withHistory<T>(
  context: ProcessContext,
  use: (history: History | null) => Promise<T>,
): Promise<T> {
  const { root } = contextHere(context);
  const history = await findHistory(root);
  try {
    return await use(history);
  } finally {
    await history?.close();
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
    const only = status === undefined ? {} : { status: statusOf(status) };
    const runs = (await history?.runs({ limit, ...only })) ?? [];
    if (flags.json) printJson(context, { runs });
    else if (runs.length === 0) print(context, await describeNone(history, status));
    else print(context, table(runColumns(context.now()), runs).join('\n'));
    return EXIT.ok;
  });
}

/** That there are none yet, or none that fit. */
async function describeNone(history: HistoryReader | null, status: string | undefined): Promise<string> {
  const isFiltered = status !== undefined && (await history?.runs({ limit: 1 }))?.length === 1;
  return isFiltered ? `No runs match --status ${status}.` : 'No runs yet.';
}

function statusOf(text: string): RunStatus {
  if (Object.hasOwn(SIGNS, text)) return text as RunStatus;
  throw new AssetError('COMMAND_INVALID', `Unknown status "${text}".`, {
    remedy: `Use one of ${Object.keys(SIGNS).join(', ')}.`,
  });
}

const runColumns = (now: Date): readonly TableColumn<Run>[] => [
  { title: '  run', cell: ({ status, runId }) => `${SIGNS[status]} ${runId}` },
  { title: 'status', cell: ({ status }) => status },
  { title: 'started', cell: ({ startedAt }) => ago(startedAt, now) },
  {
    title: 'took',
    align: 'right',
    cell: ({ startedAt, finishedAt }) => (finishedAt === null ? '' : duration(finishedAt - startedAt)),
  },
  { title: 'steps', cell: ({ steps }) => describeSteps(steps) },
  { title: 'command', cell: ({ command }) => `nx ${command.join(' ')}` },
];

const STEP_COLUMNS: readonly TableColumn<Step>[] = [
  { title: 'asset', cell: ({ key, partition }) => partitionName(key, partition) },
  { title: 'status', cell: ({ status }) => wordFor(status) },
  { title: 'why', cell: ({ reasons }) => describeReasons(reasons as unknown as readonly Reason[]) },
  { title: 'rows', align: 'right', cell: ({ rowCount }) => count(rowCount) },
  { title: 'size', align: 'right', cell: (step) => bytes(step.bytes) },
  { title: 'time', align: 'right', cell: (step) => took(step) },
];

/** The word that the table of a run has for it. */
const wordFor = (status: string): string => (status === 'up-to-date' ? 'up to date' : status);

function describeSteps(steps: Run['steps']): string {
  const counts = new Map<string, number>();
  for (const [status, number] of Object.entries(steps))
    counts.set(wordFor(status), (counts.get(wordFor(status)) ?? 0) + number);
  return [...counts].map(([word, number]) => `${number} ${word}`).join(', ');
}

async function showRun(
  context: ProcessContext,
  history: HistoryReader | null,
  text: string,
  flags: RunsFlags,
): Promise<number> {
  const run = await findRun(history, text);
  const steps = (await history?.steps(run.runId)) ?? [];
  if (flags.json) {
    printJson(context, { run, steps });
    return EXIT.ok;
  }
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
    [
      ...table(runColumns(context.now()), [run]),
      '',
      ...table(STEP_COLUMNS, steps),
      ...(failures.length > 0 ? ['', ...failures] : []),
    ].join('\n'),
  );
  return EXIT.ok;
}

const took = ({ status, startedAt, finishedAt }: Step): string =>
  finishedAt !== null && (status === 'materialized' || status === 'failed' || status === 'done')
    ? duration(finishedAt - startedAt)
    : '';
