import type { AssetKey, CheckResult } from '@nx-assets/core';
import type { Reason } from './reason.ts';

/** What a step came to. */
export interface Outcome {
  readonly key: AssetKey;
  /** `blocked`: not run because an upstream failed. */
  readonly status: 'materialized' | 'reused' | 'failed' | 'blocked' | 'cancelled';
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
  | { readonly type: 'step-started'; readonly key: AssetKey; readonly reasons: readonly Reason[] }
  | {
      readonly type: 'log';
      readonly key: AssetKey;
      readonly level: 'debug' | 'info' | 'warn';
      readonly message: string;
    }
  | {
      readonly type: 'step-retried';
      readonly key: AssetKey;
      /** The attempt that failed, from 1. */
      readonly attempt: number;
      readonly error: Failure;
      readonly waitMs: number;
    }
  | { readonly type: 'announcement'; readonly key: AssetKey; readonly message: string }
  | { readonly type: 'step-finished'; readonly outcome: Outcome };
