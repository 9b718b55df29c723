import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, assetKey, type ControlOptions, toControl } from '@nx-assets/core';
import { describe, expect, test } from 'vitest';
import { attempts } from './attempts.ts';
import type { RunEvent } from '../events.ts';

const key = assetKey('g', 'a');

/** Runs something that fails with these errors, one after another, and then gives "done". */
async function run(
  options: ControlOptions,
  errors: readonly unknown[],
  signal = new AbortController().signal,
) {
  const events: RunEvent[] = [];
  const left = [...errors];
  let count = 0;
  const result = attempts(
    {
      partition: null,
      manifest: { key, control: toControl(options) } as never,
      definition: { retryOn: options.retry?.on ?? null },
      signal,
      random: () => 0.5,
      emit: (event) => void events.push(event),
    },
    () => {
      count++;
      const error = left.shift();
      return error === undefined ? Promise.resolve('done') : Promise.reject(error as Error);
    },
  );
  return { outcome: await result.catch((error: unknown) => error), events, count: () => count };
}

const quick = { attempts: 3, backoff: '0.01s', jitter: 0 } as const;

describe('attempts', () => {
  test('are made until one succeeds, and each failure is told', async () => {
    const { outcome, events } = await run({ retry: quick }, [
      new Error('one'),
      new AssetError('HTTP_FAILED', 'two.'),
    ]);
    expect(outcome).toBe('done');
    expect(events).toMatchObject([
      { type: 'step-retried', key, attempt: 1, waitMs: 10, error: { code: 'MATERIALIZE_THREW' } },
      { type: 'step-retried', key, attempt: 2, waitMs: 20, error: { code: 'HTTP_FAILED' } },
    ]);
  });

  test('end with the last failure', async () => {
    const { outcome, count } = await run(
      { retry: quick },
      ['1', '2', '3', '4'].map((text) => new Error(text)),
    );
    expect(outcome).toMatchObject({ message: '3' });
    expect(count()).toBe(3);
  });

  test.each<[ControlOptions, unknown, number]>([
    [{}, new Error('x'), 1],
    [{ retry: quick }, new AssetError('SQL_FAILED', 'x'), 1],
    [{ retry: quick }, new AssetError('CHECK_FAILED', 'x'), 1],
    [{ retry: { ...quick, on: ['SQL_FAILED'] } }, new AssetError('SQL_FAILED', 'x'), 2],
    [{ retry: { ...quick, on: ['SQL_FAILED'] } }, new Error('x'), 1],
    [{ retry: { ...quick, on: (error) => (error as Error).message === 'x' } }, new Error('x'), 2],
    [{ retry: { ...quick, on: () => false } }, new Error('x'), 1],
  ])('%# are made where another may fix it', async (options, error, expected) => {
    expect((await run(options, [error])).count()).toBe(expected);
  });

  test('end with the run', async () => {
    const cancellation = new AbortController();
    setTimeout(() => cancellation.abort(), 20);
    const slow = { attempts: 3, backoff: '60s' } as const;
    const { outcome, count } = await run({ retry: slow }, [new Error('one')], cancellation.signal);
    expect(outcome).toMatchObject({ name: 'AbortError' });
    expect(count()).toBe(1);
  });
});

describe('a step that takes too long', () => {
  const manifest = { key, control: toControl({ timeout: '0.05s' }) } as never;
  const signal = new AbortController().signal;
  const options = {
    partition: null,
    manifest,
    definition: { retryOn: null },
    signal,
    random: Math.random,
    emit: () => undefined,
  };

  test('is told, and fails', async () => {
    let told: unknown;
    const listening = attempts<void>(options, async (own) => {
      own.addEventListener('abort', () => {
        told = own.reason as unknown;
      });
      await sleep(5_000, undefined, { signal: own });
    });
    await expect(listening).rejects.toThrow('STEP_TIMEOUT: g/a took longer than 0.05 s.');
    expect(told).toMatchObject({ code: 'STEP_TIMEOUT' });
  });

  test('fails also when it does not listen', async () => {
    const deaf = attempts(options, () => sleep(300).then(() => Promise.reject<void>(new Error('later'))));
    await expect(deaf).rejects.toThrow('STEP_TIMEOUT');
    await sleep(350);
  });

  test('and one that does not is left alone', async () => {
    await expect(attempts(options, () => Promise.resolve(1))).resolves.toBe(1);
  });
});
