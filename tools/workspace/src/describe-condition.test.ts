import {
  allUpstreams,
  and,
  anyUpstream,
  codeChanged,
  type Condition,
  cron,
  dataChanged,
  eager,
  missing,
  not,
  onMissing,
  or,
} from '@nx-assets/core/automation';
import { expect, test } from 'vitest';
import { describeCondition } from './describe-condition.ts';

test.each<[Condition, string]>([
  [eager(), 'eager'],
  [onMissing(), 'on missing'],
  [missing(), 'missing'],
  [codeChanged(), 'code changed'],
  [not(missing()), 'not missing'],
  [cron('0 6 * * *', { timeZone: 'Europe/Berlin' }), 'it is 0 6 * * * Europe/Berlin'],
  [anyUpstream(missing()), 'any upstream missing'],
  [allUpstreams(dataChanged()), 'all upstreams data changed'],
  [and(missing(), codeChanged()), 'missing and code changed'],
  [or(missing(), codeChanged()), '(missing or code changed)'],
  [and(or(missing(), codeChanged()), not(dataChanged())), '(missing or code changed) and not data changed'],
])('%#: %o', (condition, words) => {
  expect(describeCondition(condition)).toBe(words);
});

test('a condition with a name keeps it inside of others', () => {
  expect(describeCondition(or(eager(), codeChanged()))).toBe('(eager or code changed)');
});

test('a condition is named by what it says, not by which object it is', () => {
  expect(describeCondition(JSON.parse(JSON.stringify(eager())) as Condition)).toBe('eager');
});
