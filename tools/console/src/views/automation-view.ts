import { automationsOf, type Evaluation } from '@nx-assets/daemon';
import type { Ledger, Tick } from '@nx-assets/event-log';
import { findLedger } from '@nx-assets/workspace/history';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { AutomationView, TickTree, TickView } from '../wire/index.ts';
import { linesOf } from '@nx-assets/daemon/runtime/describe-automation';

async function withLedger<T>(root: string, use: (ledger: Ledger | null) => T): Promise<T> {
  const ledger = await findLedger(root);
  try {
    return use(ledger);
  } finally {
    ledger?.close();
  }
}

/** What runs by itself, as `nx-assets automation status` says it. */
export async function automationView(workspace: Workspace): Promise<AutomationView> {
  const { isGone } = await import('@nx-assets/event-log');
  return withLedger(workspace.root, (ledger) => {
    const holder = ledger?.holder() ?? null;
    const leads = holder !== null && holder.expiresAt > Date.now() && !isGone(holder);
    const last = ledger?.lastTicks() ?? new Map<string, Tick>();
    return {
      leader: leads ? { pid: holder.pid, host: holder.host, since: holder.since } : null,
      automations: linesOf(
        automationsOf(workspace.groups),
        last,
        (id) => ledger?.request(id) ?? null,
        Date.now(),
      ).map((line) => ({
        ...line,
        nextAt: line.nextAt === null ? null : Date.parse(line.nextAt),
        last: line.last && tickView(line.last, ledger),
      })),
      underWay: (ledger?.openRequests() ?? []).map(({ id, name, status }) => ({ id, name, status })),
      command: 'npx nx-assets automation serve',
    };
  });
}

/** The last ticks, the newest first. */
export const ticksView = (root: string, name: string | null, limit: number): Promise<TickView[]> =>
  withLedger(root, (ledger) =>
    (ledger?.ticks({ limit, ...(name === null ? {} : { name }) }) ?? []).map((tick) =>
      tickView(tick, ledger),
    ),
  );

function tickView(tick: Tick, ledger: Ledger | null): TickView {
  const request = tick.request === null ? null : (ledger?.request(tick.request) ?? null);
  const { id, name, at, lastAt, times, outcome, because } = tick;
  return {
    id,
    name,
    firstAt: at,
    lastAt,
    times,
    outcome,
    because,
    request: request && {
      id: request.id,
      status: request.status,
      runs: request.runs,
      problem: request.problem,
    },
    tree: treeOf(tick.detail as unknown as Evaluation | null),
  };
}

function treeOf(found: Evaluation | null): TickTree | null {
  if (found === null || typeof found.kind !== 'string' || typeof found.held !== 'boolean') return null;
  const { kind, held, because, of = [] } = found;
  return { kind, held, because, of: of.flatMap((part) => treeOf(part) ?? []) };
}
