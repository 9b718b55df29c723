import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type Logger } from '@nx-assets/core';
import type { Attempt } from './attempt.ts';

export interface RetryOptions {
  readonly signal: AbortSignal;
  readonly log?: Pick<Logger, 'warn'> | undefined;
  /** Attempts after the first one. Default 3. */
  readonly retries?: number;
  /** Before the first retry; doubles with each. Milliseconds; default 250. */
  readonly backoff?: number;
  /** Between 0 and 1; stretches the waits, so that many clients do not come back at once. */
  readonly random?: () => number;
}

/** Whatever `Retry-After` says: a run that hangs for an hour helps nobody. */
const LONGEST_WAIT = 30_000;

/** Attempts until one is done, after a wait that doubles or that the server names. Throws `HTTP_FAILED`. */
export async function withRetries<T>(
  what: string,
  attempt: () => Promise<Attempt<T>>,
  { signal, log, retries = 3, backoff = 250, random = Math.random }: RetryOptions,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt();
    if ('done' in outcome) return outcome.done;
    const { problem, retryAfter } = outcome;
    if (attempts > retries) {
      const count = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
      throw new AssetError('HTTP_FAILED', `${what}: ${problem}, after ${count}.`);
    }
    const wait = Math.min(retryAfter ?? backoff * 2 ** (attempts - 1) * (1 + random()), LONGEST_WAIT);
    log?.warn(`${what}: ${problem}; trying again in ${Math.round(wait)} ms`);
    await sleep(wait, undefined, { signal });
  }
}
