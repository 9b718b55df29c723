import { AssetError } from './diagnostics.ts';
import { type Duration, milliseconds } from './freshness.ts';

/** How often a step that fails is tried again, and after what wait. */
export interface RetryPolicy {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
  /** Before the second attempt; doubles with each further one. Default: `1s`. */
  readonly backoff?: Duration;
  /** No wait is longer. Default: `1m`. */
  readonly maxBackoff?: Duration;
  /** How much of each wait is left to chance, so that many do not come back at once: 0 to 1. Default: 0.5. */
  readonly jitter?: number;
  /**
   * Which failures: codes, or a function. By default those that another attempt may fix: what `materialize` threw, and
   * what data from outside or the machine did. Wrong definitions and failed checks never are.
   */
  readonly on?: readonly string[] | ((error: unknown) => boolean);
}

/** How a step is run. None of it changes data, so none of it makes an asset run again. */
export interface ControlOptions {
  readonly retry?: RetryPolicy;
  /** How long one attempt may take. Its signal aborts then, and the step fails. */
  readonly timeout?: Duration;
  /** The name of a pool: steps of one run at the same time only as many as nx.json allows it. */
  readonly pool?: string;
  /** In a process of its own, so that one that exhausts memory or ends its process fails alone. Costs half a second. */
  readonly isolated?: boolean;
  /** A DuckDB of its own, with other limits than those that steps share. */
  readonly duckdb?: DuckDbLimits;
  /** Of several steps that could start, the highest goes first. Default: 0. */
  readonly priority?: number;
}

export interface DuckDbLimits {
  /** For example `'2GB'`. Beyond it, it spills to disk. Default: that of the others, 512MB. */
  readonly memory?: `${number}${'MB' | 'GB'}`;
  /** Default: 1. With more, sums of floats may come out in another order, and with other last digits. */
  readonly threads?: number;
}

/** The same as data. Milliseconds. */
export interface Control {
  readonly attempts: number;
  readonly backoff: number;
  readonly maxBackoff: number;
  readonly jitter: number;
  readonly timeout: number | null;
  readonly pool: string | null;
  readonly isolated: boolean;
  readonly duckdb: DuckDbLimits | null;
  readonly priority: number;
}

/** Throws `ASSET_OPTION_INVALID`. */
export function toControl(options: ControlOptions): Control {
  const { retry, timeout, pool, isolated = false, duckdb = null, priority = 0 } = options;
  const { attempts = 1, backoff = '1s', maxBackoff = '1m', jitter = 0.5 } = retry ?? {};
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100) {
    throw new AssetError(
      'ASSET_OPTION_INVALID',
      `retry.attempts is ${attempts}, not a whole number from 1 to 100.`,
    );
  }
  if (!(jitter >= 0 && jitter <= 1)) {
    throw new AssetError('ASSET_OPTION_INVALID', `retry.jitter is ${jitter}, not a number from 0 to 1.`);
  }
  const { memory = '1MB', threads = 1 } = duckdb ?? {};
  if (!/^\d+(\.\d+)?[MG]B$/.test(memory) || !(Number.parseFloat(memory) > 0)) {
    throw new AssetError('ASSET_OPTION_INVALID', `duckdb.memory is "${memory}", not such as 500MB or 2GB.`);
  }
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new AssetError(
      'ASSET_OPTION_INVALID',
      `duckdb.threads is ${threads}, not a whole number from 1 to 256.`,
    );
  }
  if (!Number.isFinite(priority)) {
    throw new AssetError('ASSET_OPTION_INVALID', `priority is ${priority}, not a number.`);
  }
  return {
    attempts,
    backoff: milliseconds(backoff),
    maxBackoff: milliseconds(maxBackoff),
    jitter,
    timeout: timeout === undefined ? null : milliseconds(timeout),
    pool: pool ?? null,
    isolated,
    duckdb,
    priority,
  };
}

/** The wait before an attempt, in milliseconds. `attempt` counts from 2; `random` is between 0 and 1. */
export function waitBefore(
  attempt: number,
  { backoff, maxBackoff, jitter }: Control,
  random: number,
): number {
  const whole = Math.min(backoff * 2 ** (attempt - 2), maxBackoff);
  return Math.round(whole * (1 - jitter * random));
}
