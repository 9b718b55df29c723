import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freeId, listText, timeText } from './words.ts';

test('a time is said as clocks of a zone show it', () => {
  const summer = Date.parse('2026-07-01T22:30Z');
  expect(timeText(summer, 'Europe/Berlin')).toBe('2026-07-02 00:30 Europe/Berlin');
  expect(timeText(summer, 'UTC')).toBe('2026-07-01 22:30 UTC');
});

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd'], 'a, b and 2 more'],
])('of %j a few are said, and how many more', (words, text) => {
  expect(listText(words)).toBe(text);
});

test('an id is itself while it is free, and then has the first number that is', () => {
  const taken = new Set<string>();
  const take = () => {
    const id = freeId('a', (one) => taken.has(one));
    taken.add(id);
    return id;
  };
  expect([take(), take(), take()]).toEqual(['a', 'a.2', 'a.3']);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 9 })), (numbers) => {
      const ids = new Set(['a', ...numbers.map((number) => `a.${number}`)]);
      expect(ids.has(freeId('a', (one) => ids.has(one)))).toBe(false);
    }),
  );
});
