import { expect, test } from 'vitest';
import { Tries } from './tries.ts';

test('five wrong passwords cost nothing, and each after them twice as long as the one before, up to a minute', () => {
  let now = 0;
  const tries = new Tries(() => now);
  const waits = Array.from({ length: 14 }, () => {
    tries.note(false);
    const wait = tries.wait();
    now += wait;
    return wait / 1000;
  });
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  expect(tries.wait()).toBe(0);
  tries.note(true);
  tries.note(false);
  expect(tries.wait()).toBe(0);
});
