import { automationsOf, type Evaluation } from '@nx-assets/daemon';
import { type AutomationLedger, isGone, type RunRequest, type Tick } from '@nx-assets/event-log';
import { findHistory } from '@nx-assets/workspace/history';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { AutomationView, TickTree, TickView } from '../wire/index.ts';
import { linesOf } from '@nx-assets/daemon/runtime/describe-automation';

async function withLedger<T>(root: string, use: (ledger: AutomationLedger | null) => Promise<T>): Promise<T> {
  const history = await findHistory(root);
  try {
    return await use(history?.ledger ?? null);
  } finally {
    await history?.close();
  }
}

/** What runs by itself, as `nx-assets automation status` says it. */
export async function automationView(workspace: Workspace): Promise<AutomationView> {
  const now = workspace.context.now().getTime();
  return withLedger(workspace.root, async (ledger) => {
    const lease = (await ledger?.currentLease()) ?? null;
    const leads = lease !== null && lease.expiresAt > now && !isGone(lease);
    const last = (await ledger?.lastTicks()) ?? new Map<string, Tick>();
    const requests = await requestsOf([...last.values()], ledger);
    return {
      leader: leads ? { pid: lease.pid, host: lease.host, since: lease.since } : null,
      automations: linesOf(automationsOf(workspace.groups), last, requests, now).map((line) => ({
        ...line,
        nextAt: line.nextAt === null ? null : Date.parse(line.nextAt),
        last: line.last && tickView(line.last, requests),
      })),
      underWay: ((await ledger?.openRequests()) ?? []).map(({ id, name, status }) => ({ id, name, status })),
      command: 'npx nx-assets automation serve',
    };
  });
}

/** The last ticks, the newest first. */
export const ticksView = (root: string, name: string | null, limit: number): Promise<TickView[]> =>
  withLedger(root, async (ledger) => {
    const ticks = (await ledger?.ticks({ limit, ...(name === null ? {} : { name }) })) ?? [];
    const requests = await requestsOf(ticks, ledger);
    return ticks.map((tick) => tickView(tick, requests));
  });

/** What ticks asked for, by id. */
async function requestsOf(
  ticks: readonly Tick[],
  ledger: AutomationLedger | null,
): Promise<ReadonlyMap<string, RunRequest>> {
  return (await ledger?.requestsById(ticks.flatMap(({ request }) => request ?? []))) ?? new Map();
}

function tickView(tick: Tick, requests: ReadonlyMap<string, RunRequest>): TickView {
  const request = tick.request === null ? null : (requests.get(tick.request) ?? null);
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
