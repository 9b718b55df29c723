import type { DatabaseSync } from 'node:sqlite';
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
import { transaction } from './database.ts';
import { writeFailure } from './failures.ts';
import { type LeaseRow, type RequestRow, type TickRow, toLease, toRequest, toTick } from './ledger-rows.ts';
import { prepare, type Statements } from './ledger-statements.ts';

/** What automation has decided, in tables beside those of the history. */
export class SqliteLedger implements AutomationLedger {
  readonly #path: string;
  readonly #database: DatabaseSync;
  #prepared: Statements | undefined;

  constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
  }

  get #statements(): Statements {
    return (this.#prepared ??= prepare(this.#database));
  }

  async acquireLease(owner: string, me: ProcessIdentity, now: number, ttl: number): Promise<Lease | null> {
    return this.#write(() => {
      const held = this.#lease();
      if (held?.owner === owner) {
        this.#statements.renew.run(now + ttl, held.epoch, owner);
        return { epoch: held.epoch, owner };
      }
      if (isHeld(held, now, ttl)) return null;
      const epoch = (held?.epoch ?? 0) + 1;
      this.#statements.take.run(epoch, owner, me.pid, me.host, me.start, now, now + ttl);
      return { epoch, owner };
    });
  }

  async currentLease(): Promise<HeldLease | null> {
    return this.#lease();
  }

  #lease(): HeldLease | null {
    const row = this.#statements.lease.get() as unknown as LeaseRow | undefined;
    return row ? toLease(row) : null;
  }

  async releaseLease({ epoch, owner }: Lease): Promise<void> {
    this.#write(() => this.#statements.expire.run(epoch, owner));
  }

  async states(): Promise<Map<string, Json>> {
    const rows = this.#statements.states.all() as unknown as { name: string; state: string }[];
    return new Map(rows.map(({ name, state }) => [name, JSON.parse(state) as Json]));
  }

  async commit({ epoch, owner }: Lease, decisions: Decisions, now: number, ttl: number): Promise<boolean> {
    return this.#write(() => {
      if (!this.#statements.renew.get(now + ttl, epoch, owner)) return false;
      for (const [name, state] of decisions.states)
        this.#statements.setState.run(name, JSON.stringify(state));
      for (const { id, name, at, because, target } of decisions.requests) {
        this.#statements.addRequest.run(id, name, at, now, because, JSON.stringify(target));
      }
      for (const tick of decisions.ticks) this.#addTick(tick);
      return true;
    });
  }

  #addTick(tick: NewTick): void {
    const last = this.#statements.lastTick.get(tick.name) as unknown as
      Pick<Tick, 'id' | 'outcome' | 'because'> | undefined;
    if (last && isRepeated(last, tick)) this.#statements.repeatTick.run(tick.at, last.id);
    else {
      const { name, kind, at, outcome, because, detail, request } = tick;
      const text = detail === null ? null : JSON.stringify(detail);
      this.#statements.addTick.run(name, kind, at, at, outcome, because, text, request);
    }
  }

  async ticks({ name, limit, before = Number.MAX_SAFE_INTEGER }: TicksOptions): Promise<Tick[]> {
    const rows =
      name === undefined
        ? this.#statements.ticks.all(before, limit)
        : this.#statements.ticksOf.all(name, before, limit);
    return (rows as unknown as TickRow[]).map(toTick);
  }

  async lastTicks(): Promise<Map<string, Tick>> {
    const rows = this.#statements.lastTicks.all() as unknown as TickRow[];
    return new Map(rows.map((row) => [row.name, toTick(row)]));
  }

  async openRequests(): Promise<RunRequest[]> {
    return (this.#statements.openRequests.all() as unknown as RequestRow[]).map(toRequest);
  }

  async requests({ name, limit }: RequestsOptions): Promise<RunRequest[]> {
    const rows =
      name === undefined
        ? this.#statements.lastRequests.all(limit)
        : this.#statements.lastRequestsOf.all(name, limit);
    return (rows as unknown as RequestRow[]).map(toRequest);
  }

  async request(id: string): Promise<RunRequest | null> {
    const row = this.#statements.request.get(id) as unknown as RequestRow | undefined;
    return row ? toRequest(row) : null;
  }

  async requestsById(ids: readonly string[]): Promise<Map<string, RunRequest>> {
    const rows = this.#statements.requestsById.all(JSON.stringify(ids)) as unknown as RequestRow[];
    return new Map(rows.map((row) => [row.id, toRequest(row)]));
  }

  async claim(id: string, me: ProcessIdentity, now: number): Promise<RunRequest | null> {
    const row = this.#write(() => this.#statements.claim.get(me.pid, me.host, me.start, now, id));
    return row ? toRequest(row as unknown as RequestRow) : null;
  }

  async addRun(id: string, runId: string): Promise<void> {
    this.#write(() => this.#statements.addRun.run(runId, id));
  }

  async finish(id: string, status: RequestResult, problem: string | null, now: number): Promise<void> {
    this.#write(() => this.#statements.finish.run(status, problem, now, id));
  }

  async prune(now: number): Promise<void> {
    this.#write(() => {
      this.#statements.forgetTicks.run(KEPT_TICKS);
      this.#statements.forgetRequests.run(now - KEPT_REQUESTS);
    });
  }

  #write<T>(work: () => T): T {
    try {
      return transaction(this.#database, work);
    } catch (error) {
      throw error instanceof AssetError ? error : writeFailure(this.#path, error as Error);
    }
  }
}
