import { AssetError, type Json } from '@nx-assets/core';
import type {
  Decisions,
  HeldLease,
  Lease,
  NewTick,
  RunRequest,
  RequestResult,
  RequestsOptions,
  Tick,
  TicksOptions,
} from '../automation.ts';
import { isHeld } from '../lease.ts';
import { KEPT_REQUESTS, KEPT_TICKS } from '../limits.ts';
import type { AutomationLedger } from '../ports/automation-ledger.ts';
import type { ProcessIdentity } from '../process.ts';
import { isRepeated } from '../ticks.ts';

/** A ledger that lives as long as the object: for tests that make many turns. */
export class MemoryLedger implements AutomationLedger {
  #lease: HeldLease | null = null;
  readonly #states = new Map<string, Json>();
  /** By name, oldest first. */
  readonly #ticks = new Map<string, Tick[]>();
  /** Oldest first. */
  readonly #requests = new Map<string, RunRequest>();
  readonly #openIds = new Set<string>();
  #nextTick = 1;

  async acquireLease(owner: string, me: ProcessIdentity, now: number, ttl: number): Promise<Lease | null> {
    const held = this.#lease;
    const isMine = held?.owner === owner;
    if (!isMine && isHeld(held, now, ttl)) return null;
    const epoch = (held?.epoch ?? 0) + 1;
    this.#lease = isMine
      ? { ...held, expiresAt: now + ttl }
      : { ...me, epoch, owner, since: now, expiresAt: now + ttl };
    return { epoch: this.#lease.epoch, owner };
  }

  async releaseLease({ epoch, owner }: Lease): Promise<void> {
    const held = this.#lease;
    if (held?.epoch === epoch && held.owner === owner) this.#lease = { ...held, expiresAt: 0 };
  }

  async currentLease(): Promise<HeldLease | null> {
    return this.#lease;
  }

  async states(): Promise<Map<string, Json>> {
    return new Map(structuredClone(this.#states));
  }

  async commit(lease: Lease, given: Decisions, now: number, ttl: number): Promise<boolean> {
    const held = this.#lease;
    if (held?.epoch !== lease.epoch || held.owner !== lease.owner) return false;
    const { states, ticks, requests } = plain(given);
    this.#lease = { ...held, expiresAt: now + ttl };
    for (const [name, state] of states) this.#states.set(name, state);
    for (const request of requests) {
      if (this.#requests.has(request.id)) continue;
      const open = { status: 'pending', process: null, startedAt: null, finishedAt: null } as const;
      this.#openIds.add(request.id);
      this.#requests.set(request.id, { ...request, ...open, createdAt: now, runs: [], problem: null });
    }
    for (const tick of ticks) this.#addTick(tick);
    return true;
  }

  #addTick(tick: NewTick): void {
    const own = this.#ticks.get(tick.name) ?? [];
    this.#ticks.set(tick.name, own);
    const last = own.at(-1);
    if (last && isRepeated(last, tick))
      own[own.length - 1] = { ...last, times: last.times + 1, lastAt: tick.at };
    else own.push({ ...tick, id: this.#nextTick++, lastAt: tick.at, times: 1 });
  }

  async ticks({ name, limit, before = Infinity }: TicksOptions): Promise<Tick[]> {
    const found = name === undefined ? [...this.#ticks.values()].flat() : (this.#ticks.get(name) ?? []);
    return found
      .filter(({ id }) => id < before)
      .sort((a, b) => b.id - a.id)
      .slice(0, limit);
  }

  async lastTicks(): Promise<Map<string, Tick>> {
    return new Map(
      [...this.#ticks.values()].flatMap((own) => own.slice(-1)).map((tick) => [tick.name, tick]),
    );
  }

  async request(id: string): Promise<RunRequest | null> {
    return this.#requests.get(id) ?? null;
  }

  async requestsById(ids: readonly string[]): Promise<Map<string, RunRequest>> {
    return new Map(ids.flatMap((id) => this.#requests.get(id) ?? []).map((request) => [request.id, request]));
  }

  async openRequests(): Promise<RunRequest[]> {
    return [...this.#openIds].flatMap((id) => this.#requests.get(id) ?? []);
  }

  async requests({ name, limit }: RequestsOptions): Promise<RunRequest[]> {
    const found = [...this.#requests.values()].filter((request) => (name ?? request.name) === request.name);
    return found.reverse().slice(0, limit);
  }

  async claim(id: string, process: ProcessIdentity, now: number): Promise<RunRequest | null> {
    return this.#change(id, 'pending', () => ({ status: 'running', process, startedAt: now }));
  }

  async addRun(id: string, runId: string): Promise<void> {
    this.#change(id, 'running', ({ runs }) => ({ runs: [...runs, runId] }));
  }

  async finish(id: string, status: RequestResult, problem: string | null, now: number): Promise<void> {
    this.#change(id, 'running', () => ({ status, problem, finishedAt: now }));
  }

  #change(
    id: string,
    from: 'pending' | 'running',
    change: (request: RunRequest) => Partial<RunRequest>,
  ): RunRequest | null {
    const request = this.#requests.get(id);
    if (request?.status !== from) return null;
    const changed = { ...request, ...change(request) };
    this.#requests.set(id, changed);
    if (changed.finishedAt !== null) this.#openIds.delete(id);
    return changed;
  }

  async prune(now: number): Promise<void> {
    for (const own of this.#ticks.values()) own.splice(0, Math.max(0, own.length - KEPT_TICKS));
    const named = new Set([...this.#ticks.values()].flat().map(({ request }) => request));
    for (const { id, name, finishedAt } of this.#requests.values()) {
      const isOld = finishedAt !== null && finishedAt < now - KEPT_REQUESTS;
      if (isOld && !named.has(id) && !id.startsWith(`${name}:`)) this.#requests.delete(id);
    }
  }
}

/** Decisions as another process would read them: JSON, and nobody else's objects. */
function plain({ states, ticks, requests }: Decisions): Decisions {
  try {
    const text = JSON.stringify({ states: [...states], ticks, requests });
    const copy = JSON.parse(text) as Pick<Decisions, 'ticks' | 'requests'> & { states: [string, Json][] };
    return { ...copy, states: new Map(copy.states) };
  } catch (error) {
    throw new AssetError('STORAGE_WRITE_FAILED', (error as Error).message, { cause: error });
  }
}
