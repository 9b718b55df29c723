import { expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import {
  allUpstreams,
  and,
  anyUpstream,
  codeChanged,
  type Condition,
  cron,
  dataChanged,
  eager,
  inProgress,
  isOfLatest,
  latestWindow,
  missing,
  not,
  onCron,
  onMissing,
  or,
} from './index.ts';

const automated = (automation: unknown) =>
  asset({ description: 'd', value: z.int(), materialize: () => 1, automation: automation as Condition });

test('a condition is data, and stays the same through JSON', () => {
  const all = and(eager(), onMissing(), onCron('0 6 * * *'), allUpstreams(or(missing(), not(codeChanged()))));
  expect(JSON.parse(JSON.stringify(all))).toEqual(all);
  expect(automated(all).automation).toEqual(all);
  expect(asset({ description: 'd', value: z.int(), materialize: () => 1 })).not.toHaveProperty('automation');
});

test('the named ones are made of the others', () => {
  const nobodyMakesIt = [not(inProgress()), not(anyUpstream(inProgress()))] as const;
  expect(onMissing()).toEqual(and(missing(), ...nobodyMakesIt));
  expect(eager()).toEqual(and(latestWindow(), or(missing(), dataChanged(), codeChanged()), ...nobodyMakesIt));
  const sixInBerlin = cron('0 6 * * *', { timeZone: 'Europe/Berlin' });
  expect(onCron(' 0  6 * * * ', { timeZone: 'Europe/Berlin' })).toEqual(
    and(latestWindow(), sixInBerlin, not(inProgress())),
  );
});

test('a time is in UTC unless it says otherwise, and its fields are one space apart', () => {
  expect(cron(' 0  6 * * * ')).toEqual({ kind: 'cron', cron: '0 6 * * *', timeZone: 'UTC' });
});

test.each([
  [
    () => cron('0 6 * *'),
    'AUTOMATION_INVALID: "0 6 * *" has 4 fields, and a schedule has five. Write minute',
  ],
  [() => onCron('0 0 30 2 *'), 'AUTOMATION_INVALID: "0 0 30 2 *" never comes.'],
  [() => cron('0 6 * * *', { timeZone: 'Mars' }), 'There is no time zone "Mars".'],
])('a time that is wrong is refused where it is written: %s', (make, message) => {
  expect(make).toThrow(message);
});

test.each([
  [eager, 'AUTOMATION_INVALID: The condition is not valid: call the function, as in eager().'],
  [null, 'The condition is not valid: call the function, as in eager().'],
  ['eager', 'The condition is not valid: call the function, as in eager().'],
  [{ kind: 'tuesday' }, 'The condition is of no kind that there is.'],
  [{}, 'The condition is of no kind that there is.'],
  [not(missing as never), 'The condition is not valid: call the function, as in eager().'],
  [anyUpstream({ kind: 'and', of: [] }), '"and" has nothing to join.'],
  [{ kind: 'or' }, '"or" has nothing to join.'],
  [
    and(missing(), allUpstreams(undefined as never)),
    'The condition is not valid: call the function, as in eager().',
  ],
  [or(missing(), { kind: 'cron', cron: '0 6', timeZone: 'UTC' }), '"0 6" has 2 fields'],
])('what is no condition is refused by the asset: %j', (condition, message) => {
  expect(() => automated(condition)).toThrow(message);
});

test.each<readonly [boolean, Condition]>([
  [true, latestWindow()],
  [true, eager()],
  [true, onCron('0 6 * * *')],
  [true, and(missing(), or(latestWindow(), eager()))],
  [false, missing()],
  [false, onMissing()],
  [false, or(latestWindow(), missing())],
  [false, not(latestWindow())],
  [false, not(not(latestWindow()))],
  // Of what it is made from, another window is the latest.
  [false, anyUpstream(latestWindow())],
  [false, allUpstreams(eager())],
])('only the latest window is worth a look: %s for %j', (isOf, condition) => {
  expect(isOfLatest(condition)).toBe(isOf);
});
