import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReadyQueue } from './ready.ts';

interface Item {
  readonly name: string;
  readonly priority: number;
  readonly pool: string | null;
}

const queue = (): ReadyQueue<Item> =>
  new ReadyQueue(
    ({ priority }) => priority,
    ({ pool }) => pool,
  );
const item = (name: string, pool: string | null = null, priority = 0): Item => ({ name, pool, priority });
const anywhere = () => true;

describe('what is ready', () => {
  test('is taken by priority, and among equals in the order of arrival', () => {
    const ready = queue();
    for (const one of [item('a'), item('late', null, -1), item('b', 'p'), item('first', null, 5), item('c')])
      ready.push(one);
    const taken = Array.from({ length: 6 }, () => ready.take(anywhere)?.name);
    expect(taken).toEqual(['first', 'a', 'b', 'c', 'late', undefined]);
  });

  test('lets others pass while its pool is full, and keeps its place before those that came later', () => {
    const ready = queue();
    ready.push(item('first', 'full'));
    ready.push(item('other'));
    const isOpen = (pool: string) => pool !== 'full';
    expect(ready.take(isOpen)?.name).toBe('other');
    expect(ready.take(isOpen)).toBeUndefined();
    ready.push(item('second', 'full'));
    ready.push(item('unpooled'));
    expect(['x', 'x', 'x'].map(() => ready.take(anywhere)?.name)).toEqual(['first', 'second', 'unpooled']);
  });

  test('of a full pool does not hold up what is less urgent', () => {
    const ready = queue();
    ready.push(item('urgent', 'full', 9));
    ready.push(item('idle', 'free', -9));
    expect(ready.take((pool) => pool === 'free')?.name).toBe('idle');
    expect(ready.take(anywhere)?.name).toBe('urgent');
  });

  test('is what a plain search through all that wait would find', () => {
    const pools = ['p', 'q'] as const;
    const action = fc.oneof(
      fc.record({ priority: fc.integer({ min: -1, max: 1 }), pool: fc.constantFrom(null, ...pools) }),
      fc.subarray([...pools]),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const ready = queue();
        let waiting: Item[] = [];
        actions.forEach((one, at) => {
          if (!Array.isArray(one)) {
            const pushed = { ...one, name: String(at) };
            ready.push(pushed);
            waiting.push(pushed);
            return;
          }
          const able = waiting.filter(({ pool }) => pool === null || one.includes(pool as 'p'));
          const top = Math.max(...able.map(({ priority }) => priority));
          const expected = able.find(({ priority }) => priority === top);
          expect(ready.take((pool) => one.includes(pool as 'p'))).toEqual(expected);
          waiting = waiting.filter((other) => other !== expected);
        });
      }),
    );
  });

  test('asks of a full pool once, however many wait for it', () => {
    const ready = queue();
    for (let at = 0; at < 1_000; at++) ready.push(item(String(at), 'full'));
    let asked = 0;
    expect(ready.take(() => ++asked < 0)).toBeUndefined();
    expect(asked).toBe(1);
  });
});
