import type { Json } from '@nx-assets/core';
import type { Target } from '@nx-assets/core/automation';
import type { ProcessIdentity } from './process.ts';

/** Who may write what automation decides. At most one at a time; the epoch grows with each change of hands. */
export interface Lease {
  readonly epoch: number;
  readonly owner: string;
}

/** A lease with the process that has it. Times are milliseconds since the epoch. */
export interface HeldLease extends Lease, ProcessIdentity {
  readonly since: number;
  readonly expiresAt: number;
}

/** What evaluated: a definition by its key, or an asset by its condition. */
export type TickKind = 'schedule' | 'sensor' | 'condition';

/** `nothing`: there was no reason. `skipped`: there was, and it was left out all the same. */
export type TickOutcome = 'requested' | 'skipped' | 'nothing' | 'failed';

export interface NewTick {
  readonly name: string;
  readonly kind: TickKind;
  /** When it was due, or evaluated. Milliseconds since the epoch, as all times here. */
  readonly at: number;
  readonly outcome: TickOutcome;
  readonly because: string;
  readonly detail: Json;
  /** The id of the request that it made. */
  readonly request: string | null;
}

/** Ticks of one name that came to the same are one, with the first and the last time. */
export interface Tick extends NewTick {
  readonly id: number;
  readonly lastAt: number;
  readonly times: number;
}

/** `lost`: its process was killed before it could say what it came to. */
export type RequestResult = 'succeeded' | 'failed' | 'cancelled' | 'lost';
export type RequestStatus = RequestResult | 'pending' | 'running';

/** One thing to run, decided once. Its id says by whom and for when. */
export interface NewRequest {
  readonly id: string;
  readonly name: string;
  /** When it was due. */
  readonly at: number;
  readonly because: string;
  readonly target: Target;
}

export interface RunRequest extends NewRequest {
  readonly createdAt: number;
  readonly status: RequestStatus;
  /** The process that runs it, or has. */
  readonly process: ProcessIdentity | null;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** The runs that it became, in order. */
  readonly runs: readonly string[];
  readonly problem: string | null;
}

/** What one turn decided: all of it is kept, or nothing. */
export interface Decisions {
  readonly states: ReadonlyMap<string, Json>;
  readonly ticks: readonly NewTick[];
  readonly requests: readonly NewRequest[];
}

export interface RequestsOptions {
  readonly limit: number;
  readonly name?: string;
}

export interface TicksOptions extends RequestsOptions {
  /** Only ticks before the one with this id. */
  readonly before?: number;
}
