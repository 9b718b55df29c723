import type { AssetKey, CheckResult } from '@nx-assets/core';
import type { Reason } from './reason.ts';

/** What a step came to. */
export interface Outcome {
  readonly key: AssetKey;
  /** `null` for an asset without partitions, and for what all partitions of one came to. */
  readonly partition: string | null;
  /** `blocked`: not run because an upstream failed. */
  readonly status: 'materialized' | 'up-to-date' | 'failed' | 'blocked' | 'cancelled';
  readonly reasons: readonly Reason[];
  /** Whether the bytes differ from what was there before; `null` where nothing was. */
  readonly changed: boolean | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly error: Failure | null;
  /** What came of the checks of the value, also where it was not published for them. */
  readonly checks: readonly CheckResult[];
  /** What it said was worth knowing of the whole run, for example which API it asked. */
  readonly announcements: readonly string[];
  /** How many partitions have come to what, in what all of them came to. */
  readonly partitions?: PartitionSummary;
}

export interface PartitionSummary {
  readonly counts: Readonly<Partial<Record<Outcome['status'], number>>>;
  /** The first that failed. */
  readonly failed: readonly { readonly partition: string; readonly error: Failure | null }[];
}

/** A failure as data. */
export interface Failure {
  readonly code: string;
  readonly blame: string;
  readonly message: string;
  /** The author's stack first, where the author's code threw. */
  readonly stack: string | null;
}

/** Everything that a run says. Terminal, console and tests render these and nothing else. */
export type RunEvent =
  | {
      readonly type: 'step-started';
      readonly key: AssetKey;
      readonly partition: string | null;
      readonly reasons: readonly Reason[];
    }
  | {
      readonly type: 'log';
      readonly key: AssetKey;
      readonly partition: string | null;
      readonly level: 'debug' | 'info' | 'warn';
      readonly message: string;
    }
  | {
      readonly type: 'step-retried';
      readonly key: AssetKey;
      readonly partition: string | null;
      /** The attempt that failed, from 1. */
      readonly attempt: number;
      readonly error: Failure;
      readonly waitMs: number;
    }
  | {
      readonly type: 'announcement';
      readonly key: AssetKey;
      readonly partition: string | null;
      readonly message: string;
    }
  /** A partition, or an asset without any. Partitions that are up to date are not told one by one. */
  | { readonly type: 'step-finished'; readonly outcome: Outcome }
  /** How far the partitions of an asset have come. */
  | {
      readonly type: 'progress';
      readonly key: AssetKey;
      readonly done: number;
      readonly failed: number;
      readonly total: number;
      /** What is left may take so long, milliseconds; `null` where nobody knows. */
      readonly leftMs: number | null;
    }
  /** An asset, with all partitions that were wanted of it. */
  | { readonly type: 'asset-finished'; readonly outcome: Outcome }
  | { readonly type: 'op-finished'; readonly outcome: OpOutcome }
  /** Something is wrong that stops no step. */
  | { readonly type: 'warning'; readonly problem: Failure };

/** What an op of a job came to. */
export interface OpOutcome {
  readonly key: AssetKey;
  readonly name: string;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly error: Failure | null;
}
