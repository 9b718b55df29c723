import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type AssetManifest, type AnyAsset, waitBefore } from '@nx-assets/core';
import type { RunEvent } from '../events.ts';
import { toFailure } from '../failure.ts';
import { withoutExit } from './no-exit.ts';

/** What another attempt may fix: what is outside of the definition. */
const MENDABLE = new Set([
  'MATERIALIZE_THREW',
  'OP_THREW',
  'HTTP_FAILED',
  'ITEMS_FAILED',
  'STORAGE_WRITE_FAILED',
  'MEMORY_EXHAUSTED',
  'STEP_TIMEOUT',
]);

export interface AttemptOptions {
  /** What is run, and how. */
  readonly manifest: Pick<AssetManifest, 'key' | 'control'>;
  readonly partition: string | null;
  readonly definition: Pick<AnyAsset, 'retryOn'>;
  /** Ends the run: there is no further attempt then. */
  readonly signal: AbortSignal;
  readonly random: () => number;
  emit(event: RunEvent): void;
}

/**
 * Runs a step until it succeeds, its attempts are used up, or it fails in a way that another attempt would not fix.
 * Each attempt has a signal of its own, which aborts when its time is over.
 */
export async function attempts<T>(
  options: AttemptOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { manifest, partition, definition, signal, random, emit } = options;
  const { key, control } = manifest;
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTimeout(key, control.timeout, signal, (own) => withoutExit(key, () => run(own)));
    } catch (error) {
      if (signal.aborted || attempt >= control.attempts || !isRetried(error, definition.retryOn)) throw error;
      const waitMs = waitBefore(attempt + 1, control, random());
      emit({ type: 'step-retried', key, partition, attempt, error: toFailure(error), waitMs });
      await sleep(waitMs, undefined, { signal });
    }
  }
}

function isRetried(error: unknown, on: AnyAsset['retryOn']): boolean {
  if (typeof on === 'function') return on(error);
  const { code } = toFailure(error);
  return on ? on.includes(code) : MENDABLE.has(code);
}

/** Fails with `STEP_TIMEOUT` when time is over, also where the function does not listen to its signal. */
async function withTimeout<T>(
  key: string,
  timeout: number | null,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (timeout === null) return run(signal);
  const limit = new AbortController();
  const over = new AssetError('STEP_TIMEOUT', `${key} took longer than ${timeout / 1000} s.`);
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      limit.abort(over);
      reject(over);
    }, timeout);
  });
  try {
    const running = run(AbortSignal.any([signal, limit.signal]));
    running.catch(() => undefined); // nobody waits for it any more when time is over
    return await Promise.race([running, expired]);
  } finally {
    clearTimeout(timer);
  }
}
