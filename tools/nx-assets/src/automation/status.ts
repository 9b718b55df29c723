import { nextTime, type WatchFacts } from '@nx-assets/core/automation';
import { type Automations, automationsOf, timeText } from '@nx-assets/daemon';
import type { Request, Tick } from '@nx-assets/event-log';
import pc from 'picocolors';
import { EXIT, type JsonFlag } from '../cli/main.ts';
import { ago, print, printJson } from '../cli/output.ts';
import { Workspace } from '../cli/workspace.ts';
import { table } from '../format.ts';
import { findLedger } from '../history.ts';
import { describeCondition } from './describe-condition.ts';
import { signOf } from './narrator.ts';

export interface Line {
  readonly name: string;
  readonly kind: Tick['kind'];
  readonly description: string;
  /** When it is asked. */
  readonly when: string;
  /** When it is due next, ISO 8601; `null` where that is not a matter of the clock. */
  readonly nextAt: string | null;
  readonly last: Tick | null;
  /** What became of what it asked for. */
  readonly request: Pick<Request, 'status' | 'problem'> | null;
}

/** Lists what runs by itself, with what it came to last. */
export async function statusCommand(flags: JsonFlag): Promise<number> {
  const workspace = await Workspace.open();
  const ledger = await findLedger(workspace.root);
  const { isGone } = await import('@nx-assets/event-log');
  try {
    const holder = ledger?.holder() ?? null;
    const leads = holder !== null && holder.expiresAt > Date.now() && !isGone(holder);
    const leader = leads ? { pid: holder.pid, host: holder.host, since: holder.since } : null;
    const open = ledger?.openRequests() ?? [];
    const lines = linesOf(
      automationsOf(workspace.groups),
      ledger?.lastTicks() ?? new Map<string, Tick>(),
      (id) => ledger?.request(id) ?? null,
      Date.now(),
    );
    if (flags.json) {
      printJson({ leader, automations: lines, open });
      return EXIT.ok;
    }
    if (lines.length === 0) print('Nothing runs by itself yet.');
    else print(render(lines));
    const running = open.map(({ name, status }) => `${name} (${status})`).join(', ');
    if (running !== '') print(`\nUnder way: ${running}`);
    print(
      leader
        ? `\nServed by process ${leader.pid} on ${leader.host}, ${ago(leader.since)} begun.`
        : `\nNobody serves it: ${pc.bold('npx nx-assets automation serve')}`,
    );
    return EXIT.ok;
  } finally {
    ledger?.close();
  }
}

/** Everything that runs by itself, with what it came to last. */
export function linesOf(
  { schedules, sensors, conditions }: Automations,
  last: Map<string, Tick>,
  requestOf: (id: string) => Request | null,
  now: number,
): Line[] {
  const line = (
    { name, description = '' }: { readonly name: string; readonly description?: string },
    kind: Tick['kind'],
    when: string,
    next: number | null,
  ): Line => {
    const tick = last.get(name) ?? null;
    const request = tick?.request ? requestOf(tick.request) : null;
    return {
      name,
      kind,
      description,
      when,
      nextAt: next === null || next === Infinity ? null : new Date(next).toISOString(),
      last: tick,
      request: request && { status: request.status, problem: request.problem },
    };
  };
  return [
    ...schedules.map((one) => line(one, 'schedule', `${one.cron} ${one.timeZone}`, nextTime(one, now))),
    ...sensors.map((one) =>
      line(one, 'sensor', `${describeWatch(one.watch)}, every ${span(one.every)}`, null),
    ),
    ...conditions.map((one) => line(one, 'condition', describeCondition(one.condition), null)),
  ];
}

function describeWatch(watch: WatchFacts | null): string {
  switch (watch?.kind) {
    case undefined:
      return 'a function';
    case 'files':
      return `files ${watch.pattern}`;
    case 'url':
      return watch.address;
    case 'asset':
      return `${watch.each === 'change' ? 'changes' : 'materializations'} of ${watch.asset}`;
    case 'runs':
      return `runs${watch.job ? ` of ${watch.job}` : ''}: ${watch.status.join(', ')}`;
  }
}

/** `10s`, `15m`: as it is written in the definition. */
function span(milliseconds: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
  ] as const;
  const unit = units.find(([size]) => milliseconds % size === 0);
  return unit ? `${milliseconds / unit[0]}${unit[1]}` : `${milliseconds / 1_000}s`;
}

function render(lines: readonly Line[]): string {
  const rows = lines.map(({ name, kind, when, nextAt, last, request }) => [
    `${last ? signOf(request?.status ?? last.outcome) : pc.dim('·')} ${name}`,
    kind,
    when,
    nextAt === null ? '' : timeText(Date.parse(nextAt), 'UTC'),
    last === null ? 'never' : ago(last.lastAt),
    request?.problem ? `${last?.because} (${request.problem})` : (last?.because ?? ''),
  ]);
  const titles = ['  name', 'kind', 'when', 'next', 'last tick', 'why'];
  const [head = '', ...body] = table(
    titles.map((title) => ({ title })),
    rows,
  );
  return [pc.dim(head), ...body].join('\n');
}
