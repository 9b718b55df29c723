import type { AssetKey, Json } from '@nx-assets/core';

interface InRun {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly runId: string;
}

interface InStep extends InRun {
  readonly key: AssetKey;
  /** `null` for an asset without partitions. */
  readonly partition: string | null;
}

export type RunResult = 'succeeded' | 'failed' | 'cancelled';
/** `done` is of an op of a job, which makes no asset. */
export type StepResult = 'materialized' | 'up-to-date' | 'failed' | 'blocked' | 'cancelled' | 'done';
export type LogLevel = 'debug' | 'info' | 'warn';

/** Everything that history knows. Plain data: it is kept as JSON. */
export type LogEvent =
  | (InRun & {
      readonly type: 'run-started';
      readonly command: readonly string[];
      readonly requested: readonly AssetKey[];
      /** The process whose end is the end of the run. */
      readonly pid: number;
      readonly host: string;
    })
  | (InRun & { readonly type: 'run-finished'; readonly status: RunResult })
  | (InStep & { readonly type: 'step-started'; readonly attempt: number; readonly reasons: Json })
  | (InStep & {
      readonly type: 'step-retried';
      /** The attempt that failed. */
      readonly attempt: number;
      readonly error: Json;
      readonly waitMs: number;
    })
  | (InStep & {
      readonly type: 'step-finished';
      readonly startedAt: number;
      readonly status: StepResult;
      readonly reasons: Json;
      readonly changed: boolean | null;
      readonly rowCount: number | null;
      readonly bytes: number | null;
      readonly dataVersion: string | null;
      readonly error: Json | null;
    })
  | (InStep & {
      readonly type: 'materialized';
      readonly dataVersion: string;
      readonly actionKey: string;
      readonly codeVersion: string;
      readonly rowCount: number | null;
      readonly bytes: number | null;
      readonly record: Json;
    })
  | (InStep & {
      readonly type: 'observed';
      readonly observedAt: string;
      readonly dataVersion: string | null;
    })
  | (InStep & {
      readonly type: 'checked';
      readonly check: string;
      readonly severity: 'warn' | 'error';
      readonly passed: boolean;
      readonly facts: Json;
    })
  | (InStep & { readonly type: 'log'; readonly level: LogLevel; readonly message: string });

export type EventOf<T extends LogEvent['type']> = Extract<LogEvent, { readonly type: T }>;
