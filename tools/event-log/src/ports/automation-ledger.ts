import type { Json } from '@nx-assets/core';
import type {
  Decisions,
  HeldLease,
  Lease,
  RunRequest,
  RequestResult,
  RequestsOptions,
  Tick,
  TicksOptions,
} from '../automation.ts';
import type { ProcessIdentity } from '../process.ts';

/** Decides which process leads: at most one at a time. Times are milliseconds since the epoch. */
export interface LeaseKeeper {
  /**
   * Takes the lease, or keeps it for another `ttl` milliseconds. `null` where another owner has it that has not expired
   * and whose process is not known to be gone.
   */
  acquireLease(owner: string, process: ProcessIdentity, now: number, ttl: number): Promise<Lease | null>;
  /** Lets another owner take the lease at once. An old lease, with an epoch that is over, releases nothing. */
  releaseLease(lease: Lease): Promise<void>;
  /** The current lease, or the last one; `null` where there never was one. */
  currentLease(): Promise<HeldLease | null>;
}

/** Keeps what the leader decides. */
export interface DecisionStore {
  /** What definitions remember, by name. */
  states(): Promise<Map<string, Json>>;
  /**
   * Keeps all of what a turn decided in one transaction and renews the lease, or keeps nothing and resolves to false
   * where the lease has passed to another owner. A request whose id exists already is left as it is.
   */
  commit(lease: Lease, decisions: Decisions, now: number, ttl: number): Promise<boolean>;
}

/** What was evaluated, and why it did or did not request a run. */
export interface TickLog {
  /** Newest first; with a name, only its own. */
  ticks(options: TicksOptions): Promise<Tick[]>;
  /** The newest of each name. */
  lastTicks(): Promise<Map<string, Tick>>;
}

/** Requests for runs. Each is claimed by exactly one process. */
export interface RequestQueue {
  request(id: string): Promise<RunRequest | null>;
  /** Several at once, by id. Ids that do not exist are left out. */
  requestsById(ids: readonly string[]): Promise<Map<string, RunRequest>>;
  /** Those that are pending or running, oldest first. */
  openRequests(): Promise<RunRequest[]>;
  /** Newest first; with a name, only its own. */
  requests(options: RequestsOptions): Promise<RunRequest[]>;
  /** Marks a pending request as running in a process. `null` where it is not pending (any more). */
  claim(id: string, process: ProcessIdentity, now: number): Promise<RunRequest | null>;
  /** Adds a run that a running request became. */
  addRun(id: string, runId: string): Promise<void>;
  /** Ends a running request. One that has ended already stays as it is. */
  finish(id: string, status: RequestResult, problem: string | null, now: number): Promise<void>;
}

/**
 * What automation has decided. One process leads and decides; whoever leads launches what was decided. What cannot be
 * written rejects with `STORAGE_WRITE_FAILED`, and nothing of it is kept.
 */
export interface AutomationLedger extends LeaseKeeper, DecisionStore, TickLog, RequestQueue {
  /**
   * Removes all but the last 500 ticks of each name, and requests that ended 90 days before `now` and that no tick names.
   * A request with an id that a sensor chose stays: it must never be made twice.
   */
  prune(now: number): Promise<void>;
}
