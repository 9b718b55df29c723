import { colours as pc } from '@nx-assets/workspace/colours';
import { signOf } from './narrator.ts';
import type { JsonFlag } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { findHistory } from '@nx-assets/workspace/history';
import { type Line, linesOf } from '@nx-assets/daemon/runtime/describe-automation';
import { automationsOf, timeText } from '@nx-assets/daemon';
import { isGone, type Tick } from '@nx-assets/event-log';
import { ago, print, printJson } from './output.ts';
import { EXIT } from './exit.ts';
import { table, type TableColumn } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Lists what runs by itself, with what it came to last. */
export async function statusCommand(context: ProcessContext, flags: JsonFlag): Promise<number> {
  const workspace = await Workspace.open(context);
  const history = await findHistory(workspace.root);
  const ledger = history?.ledger;
  try {
    const lease = (await ledger?.currentLease()) ?? null;
    const leads = lease !== null && lease.expiresAt > context.now().getTime() && !isGone(lease);
    const leader = leads ? { pid: lease.pid, host: lease.host, since: lease.since } : null;
    const open = (await ledger?.openRequests()) ?? [];
    const last = (await ledger?.lastTicks()) ?? new Map<string, Tick>();
    const asked = [...last.values()].flatMap(({ request }) => request ?? []);
    const lines = linesOf(
      automationsOf(workspace.groups),
      last,
      (await ledger?.requestsById(asked)) ?? new Map(),
      context.now().getTime(),
    );
    if (flags.json) {
      printJson(context, { leader, automations: lines, open });
      return EXIT.ok;
    }
    if (lines.length === 0) print(context, 'There are no schedules, sensors or conditions yet.');
    else print(context, table(columnsOf(context.now()), lines).join('\n'));
    const running = open.map(({ name, status }) => `${name} (${status})`).join(', ');
    if (running !== '') print(context, `\nRunning: ${running}`);
    print(
      context,
      leader
        ? `\nThe automation daemon runs as process ${leader.pid} on ${leader.host}, started ${ago(leader.since, context.now())}.`
        : `\nThe automation daemon is not running. Start it: ${pc.bold('npx nx-assets automation serve')}`,
    );
    return EXIT.ok;
  } finally {
    await history?.close();
  }
}

const columnsOf = (now: Date): readonly TableColumn<Line>[] => [
  {
    title: '  name',
    cell: ({ name, last, request }) =>
      `${last ? signOf(request?.status ?? last.outcome) : pc.dim('·')} ${name}`,
  },
  { title: 'kind', cell: ({ kind }) => kind },
  { title: 'when', cell: ({ when }) => when },
  { title: 'next', cell: ({ nextAt }) => (nextAt === null ? '' : timeText(Date.parse(nextAt), 'UTC')) },
  { title: 'last tick', cell: ({ last }) => (last === null ? 'never' : ago(last.lastAt, now)) },
  {
    title: 'why',
    cell: ({ last, request }) =>
      request?.problem ? `${last?.because} (${request.problem})` : (last?.because ?? ''),
  },
];
