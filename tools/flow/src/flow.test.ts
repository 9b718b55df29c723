import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type Json } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { compose, fanOut } from './index.ts';

function scene(signal = new AbortController().signal) {
  const lines: string[] = [];
  const metadata: Record<string, Json> = {};
  const say = (message: string) => void lines.push(message);
  const log = { debug: say, info: say, warn: say };
  return {
    lines,
    facts: metadata,
    context: { signal, log, metadata: (m: object) => void Object.assign(metadata, m) },
  };
}

describe('a fan-out', () => {
  test('gives each result once, in the order of the list, and keeps to its bounds', async () => {
    const cases = fc.asyncProperty(
      fc.array(fc.nat(3), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      async (waits, concurrency) => {
        const { context, facts } = scene();
        let [active, most, taken, read, furthest] = [0, 0, 0, 0, 0];
        function* items() {
          for (const wait of waits) {
            taken++;
            furthest = Math.max(furthest, taken - read);
            yield wait;
          }
        }
        const results: number[] = [];
        const run = fanOut(items(), { context, concurrency }, async (wait) => {
          most = Math.max(most, ++active);
          await sleep(wait);
          active--;
          return wait * 2;
        });
        for await (const result of run) {
          results.push(result);
          read++;
        }
        expect(results).toEqual(waits.map((wait) => wait * 2));
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(furthest).toBeLessThanOrEqual(4 * concurrency + 1);
        expect(facts.items).toMatchObject({ succeeded: waits.length, failed: 0 });
      },
    );
    await fc.assert(cases, { numRuns: 30 });
  });

  test('names the item that failed, and tells the others to stop', async () => {
    const { context, facts } = scene();
    let stopped = 0;
    let begun = 0;
    const run = fanOut(
      ['a', 'b', 'c', 'd', 'e'],
      { context, name: 'cities', concurrency: 3, key: (c) => c },
      async (city, { signal }) => {
        begun++;
        if (city === 'b') throw new AssetError('HTTP_FAILED', 'It said 500.');
        await sleep(10_000, undefined, { signal }).catch((error: unknown) => {
          stopped++;
          throw error;
        });
      },
    );
    await expect(run.all()).rejects.toThrow('HTTP_FAILED: cities "b": It said 500.');
    expect([begun, stopped]).toEqual([3, 2]);
    expect(facts.cities).toMatchObject({ succeeded: 0, failed: 1 });
  });

  test('collects all failures where it is asked to', async () => {
    const { context } = scene();
    const run = fanOut([1, 2, 3, 4], { context, onFailure: 'collect' }, (n) => {
      if (n % 2 === 0) throw new Error(`no ${n}`);
      return n;
    });
    const error = await run.all().catch((thrown: unknown) => thrown as AssetError);
    expect(error).toMatchObject({ code: 'ITEMS_FAILED' });
    expect(String(error)).toContain('2 of 4 items failed:\n  MATERIALIZE_THREW: items "2": Error: no 2.');
    expect(String(error)).toContain('items "4": Error: no 4.');
  });

  test('tries an item again, alone', async () => {
    const { context, facts } = scene();
    let calls = 0;
    const retry = { attempts: 3, backoff: '1s', maxBackoff: '1s', jitter: 1 } as const;
    const run = fanOut([1, 2], { context, retry }, (n) => {
      calls++;
      if (n === 2 && calls < 4) throw new Error('not yet');
      return n;
    });
    expect(await run.all()).toEqual([1, 2]);
    expect(facts.items).toMatchObject({ succeeded: 2, retried: 2 });
  });

  test('ends with the run, and with its reader', async () => {
    const run = new AbortController();
    const { context } = scene(run.signal);
    const waiting = fanOut([1, 2, 3], { context }, (_n, { signal }) => sleep(10_000, 1, { signal })).all();
    setTimeout(() => run.abort(new Error('enough')), 10);
    await expect(waiting).rejects.toThrow('enough');
    let ended = false;
    async function* endless() {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        ended = true;
      }
    }
    for await (const n of fanOut(endless(), { context: scene().context }, (n) => n)) if (n === 20) break;
    expect(ended).toBe(true);
  });

  test('refuses a concurrency that is none', () => {
    const { context } = scene();
    expect(() => fanOut([], { context, concurrency: 0 }, () => 1)).toThrow('ASSET_OPTION_INVALID');
  });
});

describe('a graph of functions', () => {
  test('runs side by side what can, and writes down what ran', async () => {
    const { context, facts, lines } = scene();
    const order: string[] = [];
    const n = 3;
    const made = compose(context, (fn) => {
      const slow = fn('slow', async () => (await sleep(20), order.push('slow'), n));
      const fast = fn('fast', () => (order.push('fast'), 'x'));
      return fn('join', { a: slow, b: fast }, ({ a, b }) => {
        expectTypeOf(a).toEqualTypeOf<number>();
        expectTypeOf(b).toEqualTypeOf<string>();
        return b.repeat(a);
      });
    });
    expect(await made).toBe('xxx');
    expect(order).toEqual(['fast', 'slow']);
    expect(facts.functions).toMatchObject([
      { name: 'fast' },
      { name: 'slow' },
      { name: 'join', after: ['slow', 'fast'] },
    ]);
    expect(lines.some((line) => /^join: \d+ ms$/.test(line))).toBe(true);
  });

  test('names the function that failed, and stops the others', async () => {
    const { context, lines } = scene();
    const made = compose(context, (fn) => {
      const bad = fn('parse', () => {
        throw new TypeError('no date');
      });
      const slow = fn('slow', (signal) => sleep(10_000, 1, { signal }));
      return fn('join', { bad, slow }, () => 1);
    });
    await expect(made).rejects.toThrow('MATERIALIZE_THREW: In "parse": TypeError: no date.');
    expect(lines.some((line) => line.startsWith('parse failed after'))).toBe(true);
    expect(lines.some((line) => line.startsWith('slow failed'))).toBe(false);
  });

  test('refuses two functions of one name', async () => {
    const { context } = scene();
    const twice = compose(context, (fn) => (fn('a', () => 1), fn('a', () => 2)));
    await expect(twice).rejects.toThrow('Two functions of one graph are called "a".');
  });
});
