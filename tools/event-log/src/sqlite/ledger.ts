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
import type { Connection } from './connection.ts';
import { transaction } from './database.ts';
import { writeFailure } from './failures.ts';
import { type LeaseRow, type RequestRow, type TickRow, toLease, toRequest, toTick } from './ledger-rows.ts';
import type { Statements } from './ledger-statements.ts';

/** What automation has decided, in tables beside those of the history. */
export class SqliteLedger implements AutomationLedger {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async acquireLease(owner: string, me: ProcessIdentity, now: number, ttl: number): Promise<Lease | null> {
    return this.#write((statements) => {
      const held = leaseOf(statements);
      if (held?.owner === owner) {
        statements.renew.run(now + ttl, held.epoch, owner);
        return { epoch: held.epoch, owner };
      }
      if (isHeld(held, now, ttl)) return null;
      const epoch = (held?.epoch ?? 0) + 1;
      statements.take.run(epoch, owner, me.pid, me.host, me.start, now, now + ttl);
      return { epoch, owner };
    });
  }

  async currentLease(): Promise<HeldLease | null> {
    return leaseOf(await this.#statements());
  }

  async releaseLease({ epoch, owner }: Lease): Promise<void> {
    await this.#write((statements) => statements.expire.run(epoch, owner));
  }

  async states(): Promise<Map<string, Json>> {
    const statements = await this.#statements();
    const rows = statements.states.all() as unknown as { name: string; state: string }[];
    return new Map(rows.map(({ name, state }) => [name, JSON.parse(state) as Json]));
  }

  async commit({ epoch, owner }: Lease, decisions: Decisions, now: number, ttl: number): Promise<boolean> {
    return this.#write((statements) => {
      if (!statements.renew.get(now + ttl, epoch, owner)) return false;
      for (const [name, state] of decisions.states) statements.setState.run(name, JSON.stringify(state));
      for (const { id, name, at, because, target } of decisions.requests) {
        statements.addRequest.run(id, name, at, now, because, JSON.stringify(target));
      }
      for (const tick of decisions.ticks) addTick(statements, tick);
      return true;
    });
  }

  async ticks({ name, limit, before = Number.MAX_SAFE_INTEGER }: TicksOptions): Promise<Tick[]> {
    const statements = await this.#statements();
    const rows =
      name === undefined ? statements.ticks.all(before, limit) : statements.ticksOf.all(name, before, limit);
    return (rows as unknown as TickRow[]).map(toTick);
  }

  async lastTicks(): Promise<Map<string, Tick>> {
    const statements = await this.#statements();
    const rows = statements.lastTicks.all() as unknown as TickRow[];
    return new Map(rows.map((row) => [row.name, toTick(row)]));
  }

  async openRequests(): Promise<RunRequest[]> {
    const statements = await this.#statements();
    return (statements.openRequests.all() as unknown as RequestRow[]).map(toRequest);
  }

  async requests({ name, limit }: RequestsOptions): Promise<RunRequest[]> {
    const statements = await this.#statements();
    const rows =
      name === undefined ? statements.lastRequests.all(limit) : statements.lastRequestsOf.all(name, limit);
    return (rows as unknown as RequestRow[]).map(toRequest);
  }

  async request(id: string): Promise<RunRequest | null> {
    const statements = await this.#statements();
    const row = statements.request.get(id) as unknown as RequestRow | undefined;
    return row ? toRequest(row) : null;
  }

  async requestsById(ids: readonly string[]): Promise<Map<string, RunRequest>> {
    const statements = await this.#statements();
    const rows = statements.requestsById.all(JSON.stringify(ids)) as unknown as RequestRow[];
    return new Map(rows.map((row) => [row.id, toRequest(row)]));
  }

  async claim(id: string, me: ProcessIdentity, now: number): Promise<RunRequest | null> {
    const row = await this.#write((statements) => statements.claim.get(me.pid, me.host, me.start, now, id));
    return row ? toRequest(row as unknown as RequestRow) : null;
  }

  async addRun(id: string, runId: string): Promise<void> {
    await this.#write((statements) => statements.addRun.run(runId, id));
  }

  async finish(id: string, status: RequestResult, problem: string | null, now: number): Promise<void> {
    await this.#write((statements) => statements.finish.run(status, problem, now, id));
  }

  async prune(now: number): Promise<void> {
    await this.#write((statements) => {
      statements.forgetTicks.run(KEPT_TICKS);
      statements.forgetRequests.run(now - KEPT_REQUESTS);
    });
  }

  async #statements(): Promise<Statements> {
    return (await this.#connection.session()).statements;
  }

  async #write<T>(work: (statements: Statements) => T): Promise<T> {
    const session = this.#connection.here ?? (await this.#connection.session());
    try {
      return transaction(session.database, () => work(session.statements));
    } catch (error) {
      throw error instanceof AssetError ? error : writeFailure(this.#connection.path, error as Error);
    }
  }
}

function leaseOf(statements: Statements): HeldLease | null {
  const row = statements.lease.get() as unknown as LeaseRow | undefined;
  return row ? toLease(row) : null;
}

function addTick(statements: Statements, tick: NewTick): void {
  const last = statements.lastTick.get(tick.name) as unknown as
    Pick<Tick, 'id' | 'outcome' | 'because'> | undefined;
  if (last && isRepeated(last, tick)) {
    statements.repeatTick.run(tick.at, last.id);
    return;
  }
  const { name, kind, at, outcome, because, detail, request } = tick;
  const text = detail === null ? null : JSON.stringify(detail);
  statements.addTick.run(name, kind, at, at, outcome, because, text, request);
}
