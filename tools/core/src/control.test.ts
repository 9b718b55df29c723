import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ControlOptions, toControl, waitBefore } from './index.ts';

describe('how a step is run', () => {
  test('is once, without a limit, unless told', () => {
    expect(toControl({})).toEqual({
      attempts: 1,
      backoff: 1_000,
      maxBackoff: 60_000,
      jitter: 0.5,
      timeout: null,
      pool: null,
      isolated: false,
      duckdb: null,
      priority: 0,
    });
  });

  test('is kept as data', () => {
    const retry = { attempts: 4, backoff: '2s', maxBackoff: '5m', jitter: 0, on: ['HTTP_FAILED'] } as const;
    const duckdb = { memory: '1.5GB', threads: 2 } as const;
    expect(toControl({ retry, timeout: '90s', pool: 'api', isolated: true, duckdb, priority: -1 })).toEqual({
      attempts: 4,
      backoff: 2_000,
      maxBackoff: 300_000,
      jitter: 0,
      timeout: 90_000,
      pool: 'api',
      isolated: true,
      duckdb,
      priority: -1,
    });
  });

  test.each<ControlOptions>([
    { retry: { attempts: 0 } },
    { retry: { attempts: 1.5 } },
    { retry: { attempts: 101 } },
    { retry: { attempts: 2, jitter: 2 } },
    { retry: { attempts: 2, backoff: 'soon' as '1s' } },
    { timeout: '0s' },
    { priority: Number.NaN },
    { duckdb: { memory: '0MB' } },
    { duckdb: { memory: '1.5.2GB' as '1GB' } },
    { duckdb: { threads: 0 } },
    { duckdb: { threads: 1.5 } },
  ])('%j is refused', (options) => {
    expect(() => toControl(options)).toThrow('ASSET_OPTION_INVALID');
  });
});

describe('the wait before an attempt', () => {
  test('doubles up to a limit', () => {
    const control = toControl({ retry: { attempts: 9, backoff: '1s', maxBackoff: '5s', jitter: 0 } });
    expect([2, 3, 4, 5, 6].map((attempt) => waitBefore(attempt, control, 0.9))).toEqual([
      1_000, 2_000, 4_000, 5_000, 5_000,
    ]);
  });

  test('is partly left to chance, and never longer than the whole', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 100 }),
        fc.float({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const control = toControl({ retry: { attempts: 100, jitter: 0.25 } });
          const whole = Math.min(1_000 * 2 ** (attempt - 2), 60_000);
          const wait = waitBefore(attempt, control, random);
          expect(wait).toBeLessThanOrEqual(whole);
          expect(wait).toBeGreaterThanOrEqual(Math.floor(whole * 0.75));
        },
      ),
    );
  });
});
