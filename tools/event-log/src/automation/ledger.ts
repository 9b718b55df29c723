import type { DatabaseSync } from 'node:sqlite';
import { AssetError, type Json } from '@nx-assets/core';
import type { Target } from '@nx-assets/core/automation';
import { isBusy, transaction } from '../database.ts';
import { openDatabase } from '../open.ts';
import { isGone, type ProcessIdentity } from '../process.ts';
import type { Decisions, Holder, Lease, NewTick, Request, RequestStatus, Tick } from './model.ts';
import { prepare, type Statements } from './statements.ts';

/** Ticks that are kept of each name, and for how long a request is kept at least, milliseconds. */
const KEPT_TICKS = 500;
const KEPT_REQUESTS = 90 * 86_400_000;

/**
 * What automation has decided, in the file of the history. One process leads and decides; what it decided is launched by
 * whoever leads then, and each request is claimed by exactly one process.
 */
export class Ledger {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;

  private constructor(path: string, database: DatabaseSync) {
    this.#path = path;
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Throws `HISTORY_UNREADABLE` and `STORAGE_WRITE_FAILED`, as the history does. */
  static async open(path: string): Promise<Ledger> {
    const { database } = await openDatabase(path);
    return new Ledger(path, database);
  }

  /**
   * Takes the lead, or keeps it for another `ttl` milliseconds. Nothing where somebody else has it: one whose time is not
   * over and whose process is not known to be gone.
   */
  lead(owner: string, me: ProcessIdentity, now: number, ttl: number): Lease | null {
    return this.#write(() => {
      const holder = this.holder();
      if (holder?.owner === owner) {
        this.#statements.renew.run(now + ttl, holder.epoch, owner);
        return { epoch: holder.epoch, owner };
      }
      // A clock that was set back must not let a lease run for ever.
      const isHeld = holder !== null && holder.expiresAt > now && holder.expiresAt - now <= 10 * ttl;
      if (isHeld && !isGone(holder)) return null;
      const epoch = (holder?.epoch ?? 0) + 1;
      this.#statements.take.run(epoch, owner, me.pid, me.host, me.start, now, now + ttl);
      return { epoch, owner };
    });
  }

  /** Who leads, or did last. */
  holder(): Holder | null {
    const row = this.#statements.holder.get() as unknown as LeaseRow | undefined;
    if (!row) return null;
    const { epoch, owner, pid, host, process_start: start, since, expires_at: expiresAt } = row;
    return { epoch, owner, pid, host, start, since, expiresAt };
  }

  /** Lets another take the lead at once. */
  resign({ epoch, owner }: Lease): void {
    this.#write(() => this.#statements.expire.run(epoch, owner));
  }

  /** What definitions remember. */
  states(): Map<string, Json> {
    const rows = this.#statements.states.all() as unknown as { name: string; state: string }[];
    return new Map(rows.map(({ name, state }) => [name, JSON.parse(state) as Json]));
  }

  /**
   * Keeps all of what was decided, or nothing: nothing too where the lead has passed to somebody else, and then it gives
   * false. A request whose id is there already is left as it is.
   */
  commit({ epoch, owner }: Lease, decisions: Decisions, now: number, ttl: number): boolean {
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

  #addTick({ name, kind, at, outcome, because, detail, request }: NewTick): void {
    const last = this.#statements.lastTick.get(name) as unknown as
      (Pick<Tick, 'outcome' | 'because'> & { id: number }) | undefined;
    const isSame = last?.outcome === outcome && last.because === because && request === null;
    if (isSame) this.#statements.repeatTick.run(at, last.id);
    else {
      const text = detail === null ? null : JSON.stringify(detail);
      this.#statements.addTick.run(name, kind, at, at, outcome, because, text, request);
    }
  }

  /** Newest first; with a name, only its own. */
  ticks({ name, limit, before = Number.MAX_SAFE_INTEGER }: TicksOptions): Tick[] {
    const rows =
      name === undefined
        ? this.#statements.ticks.all(before, limit)
        : this.#statements.ticksOf.all(name, before, limit);
    return (rows as unknown as TickRow[]).map(toTick);
  }

  /** The newest of each name. */
  lastTicks(): Map<string, Tick> {
    const rows = this.#statements.lastTicks.all() as unknown as TickRow[];
    return new Map(rows.map((row) => [row.name, toTick(row)]));
  }

  /** Those that have not come to their end, oldest first. */
  openRequests(): Request[] {
    return (this.#statements.openRequests.all() as unknown as RequestRow[]).map(toRequest);
  }

  /** Newest first; with a name, only its own. */
  requests({ name, limit }: Omit<TicksOptions, 'before'>): Request[] {
    const rows =
      name === undefined
        ? this.#statements.lastRequests.all(limit)
        : this.#statements.lastRequestsOf.all(name, limit);
    return (rows as unknown as RequestRow[]).map(toRequest);
  }

  request(id: string): Request | null {
    const row = this.#statements.request.get(id) as unknown as RequestRow | undefined;
    return row ? toRequest(row) : null;
  }

  /** Makes a pending request the work of a process: of one, however many try. Nothing where it is too late. */
  claim(id: string, { pid, host, start }: ProcessIdentity, now: number): Request | null {
    const row = this.#write(
      () => this.#statements.claim.get(pid, host, start, now, id) as unknown as RequestRow | undefined,
    );
    return row ? toRequest(row) : null;
  }

  /** Says which run a request became. */
  addRun(id: string, runId: string): void {
    this.#write(() => this.#statements.addRun.run(runId, id));
  }

  /** Ends a running request. One that has ended already stays as it is. */
  finish(
    id: string,
    status: Exclude<RequestStatus, 'pending' | 'running'>,
    problem: string | null,
    now: number,
  ) {
    this.#write(() => this.#statements.finish.run(status, problem, now, id));
  }

  /** Removes what is old, so that the file does not grow for ever. */
  forget(now: number): void {
    this.#write(() => {
      this.#statements.forgetTicks.run(KEPT_TICKS);
      this.#statements.forgetRequests.run(now - KEPT_REQUESTS);
    });
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #write<T>(work: () => T): T {
    try {
      return transaction(this.#database, work);
    } catch (error) {
      if (error instanceof AssetError) throw error;
      const hint = isBusy(error)
        ? ' Another process has been writing it for ten seconds: end it if it hangs.'
        : '';
      const facts = `The history ${this.#path} cannot be written (${(error as Error).message}).${hint}`;
      throw new AssetError('STORAGE_WRITE_FAILED', facts, { cause: error });
    }
  }
}

export interface TicksOptions {
  readonly limit: number;
  readonly name?: string;
  /** Only ticks before the one with this id. */
  readonly before?: number;
}

interface LeaseRow {
  readonly epoch: number;
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  readonly process_start: string | null;
  readonly since: number;
  readonly expires_at: number;
}

interface TickRow extends Omit<Tick, 'lastAt' | 'detail'> {
  readonly last_at: number;
  readonly detail: string | null;
}

const toTick = ({ last_at: lastAt, detail, ...row }: TickRow): Tick => ({
  ...row,
  lastAt,
  detail: detail === null ? null : (JSON.parse(detail) as Json),
});

interface RequestRow extends Pick<Request, 'id' | 'name' | 'at' | 'because' | 'status' | 'problem'> {
  readonly created_at: number;
  readonly target: string;
  readonly pid: number | null;
  readonly host: string | null;
  readonly process_start: string | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly runs: string;
}

const toRequest = (row: RequestRow): Request => ({
  id: row.id,
  name: row.name,
  at: row.at,
  because: row.because,
  target: JSON.parse(row.target) as Target,
  createdAt: row.created_at,
  status: row.status,
  process: row.pid === null ? null : { pid: row.pid, host: row.host ?? '', start: row.process_start },
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  runs: JSON.parse(row.runs) as string[],
  problem: row.problem,
});
