import { AssetError } from '@nx-assets/core';
import { suggest } from '@nx-assets/core/selection';
import { type Automations, automationsOf, type Evaluation } from '@nx-assets/daemon';
import type { RunRequest, Tick } from '@nx-assets/event-log';
import { colours as pc } from '@nx-assets/workspace/colours';
import { signOf } from './narrator.ts';
import type { HistoryFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { findHistory } from '@nx-assets/workspace/history';
import { ago, print, printJson } from './output.ts';
import { EXIT } from './exit.ts';
import { table, type TableColumn } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Lists ticks, the newest first, with what became of what they asked for. */
export async function historyCommand(
  context: ProcessContext,
  word: string | undefined,
  flags: HistoryFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const name = word === undefined ? undefined : chooseName(automationsOf(workspace.groups), word);
  const history = await findHistory(workspace.root);
  const ledger = history?.ledger;
  try {
    const ticks =
      (await ledger?.ticks({ limit: flags.limit, ...(name === undefined ? {} : { name }) })) ?? [];
    const asked = ticks.flatMap(({ request }) => request ?? []);
    const requests = (await ledger?.requestsById(asked)) ?? new Map<string, RunRequest>();
    if (flags.json) {
      const known = ticks.map((tick) => ({ ...tick, request: requests.get(tick.request ?? '') ?? null }));
      printJson(context, { ticks: known });
    } else
      print(
        context,
        ticks.length === 0
          ? `No ticks${name === undefined ? '' : ` of ${name}`} yet.`
          : render(ticks, columnsOf(requests, context.now()), flags.tree === true),
      );
    return EXIT.ok;
  } finally {
    await history?.close();
  }
}

function chooseName({ schedules, sensors, conditions }: Automations, word: string): string {
  const names = [...schedules, ...sensors, ...conditions].map(({ name }) => name as string);
  const found = names.filter((name) => name === word.replace(':', '/') || name.endsWith(`/${word}`));
  const [only] = found;
  if (only && found.length === 1) return only;
  const meant = suggest(word, [...names, ...names.map((name) => name.split('/')[1] ?? name)]);
  const facts =
    found.length > 1
      ? `${word} is ambiguous: ${found.join(', ')}.`
      : `There is no schedule, sensor or condition called ${word}${meant ? ` (did you mean ${meant}?)` : ''}.`;
  throw new AssetError('COMMAND_INVALID', facts, {
    remedy: 'See what there is with `nx-assets automation status`.',
  });
}

function columnsOf(requests: ReadonlyMap<string, RunRequest>, now: Date): readonly TableColumn<Tick>[] {
  const requestOf = ({ request }: Tick) => requests.get(request ?? '');
  return [
    {
      title: '  when',
      cell: (tick) =>
        `${signOf(requestOf(tick)?.status ?? tick.outcome)} ${ago(tick.lastAt, now)}${tick.times > 1 ? ` (${tick.times} times)` : ''}`,
    },
    { title: 'name', cell: ({ name }) => name },
    {
      title: 'outcome',
      cell: (tick) => [tick.outcome, requestOf(tick)?.status].filter(Boolean).join(', '),
    },
    { title: 'run', cell: (tick) => requestOf(tick)?.runs.join(', ') ?? '' },
    {
      title: 'why',
      cell: (tick) => {
        const problem = requestOf(tick)?.problem;
        return problem ? `${tick.because} (${problem})` : tick.because;
      },
    },
  ];
}

function render(ticks: readonly Tick[], columns: readonly TableColumn<Tick>[], withTree: boolean): string {
  const [head, ...body] = table(columns, ticks);
  const lines = body.flatMap((line, index) => {
    const detail = ticks[index]?.detail as Evaluation | null | undefined;
    return withTree && detail ? [line, ...tree(detail, 2)] : [line];
  });
  return [head, ...lines].join('\n');
}

function tree({ kind, held, because, of = [] }: Evaluation, depth: number): string[] {
  const isJoint = kind === 'and' || kind === 'or' || kind === 'not';
  const text = isJoint ? kind : `${kind.replaceAll('-', ' ')}: ${because}`;
  const line = `${'  '.repeat(depth)}${held ? pc.green('✔') : pc.dim('·')} ${text}`;
  return [line, ...of.flatMap((part) => tree(part, depth + 1))];
}
