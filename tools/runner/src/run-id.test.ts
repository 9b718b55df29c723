import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSubRun, newRunId, subRunId, parentRunId } from './run-id.ts';

const time = fc.date({ min: new Date(0), max: new Date('2999-12-31'), noInvalidDate: true });

test('a part belongs to its run, and a run to itself', () => {
  fc.assert(
    fc.property(time, fc.nat(), (now, number) => {
      const run = newRunId(now);
      const part = subRunId(run, number);
      expect([isSubRun(run), isSubRun(part)]).toEqual([false, true]);
      expect([parentRunId(run), parentRunId(part)]).toEqual([run, run]);
    }),
  );
});

test.each([
  ['r', 'r'],
  ['r.1', 'r'],
  ['r.10', 'r'],
  ['r.1.2', 'r.1'],
  ['r.', 'r.'],
  ['r.x', 'r.x'],
  ['', ''],
])('%j is of %j', (run, whole) => {
  expect(parentRunId(run)).toBe(whole);
  expect(isSubRun(run)).toBe(run !== whole);
});

test('a run is named by its time and its process, so that names sort by time', () => {
  expect(newRunId(new Date(Date.UTC(2026, 2, 1, 2, 3, 4, 5)))).toBe(`20260301T020304005-${process.pid}`);
  fc.assert(
    fc.property(time, time, (one, other) => {
      if (one.getTime() === other.getTime()) return;
      expect(newRunId(one) < newRunId(other)).toBe(one < other);
    }),
  );
});
