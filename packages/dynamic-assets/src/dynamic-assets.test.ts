import { memberOf } from '@nx-assets/core';
import { fixture, materialize, materializeOne } from '@nx-assets/testing';
import { daily_events, month_summary } from '@acme/events';
import { expect, test } from 'vitest';
import { buyers, coupons, newsletter, revenue_by_currency, revenue_in, visitors } from './index.ts';

const event = (id: string, kind: 'view' | 'purchase', customer: number, cents: number) =>
  fixture(daily_events, { id, day: '2026-03-01', kind, customer, cents });
const EVENTS = [
  event('a', 'view', 1, 0),
  event('b', 'purchase', 1, 200),
  event('c', 'view', 2, 0),
  event('d', 'purchase', 3, 900),
];

test('the list decides which currencies there are', async () => {
  const inputs = { month_summary: fixture(month_summary, { cents: 10_000 }) };
  const [usd, jpy] = await materialize([memberOf(revenue_in, 'usd'), memberOf(revenue_in, 'jpy')], {
    inputs,
  });
  expect(usd.value).toEqual({ code: 'USD', amount: 108 });
  expect(jpy.value).toEqual({ code: 'JPY', amount: 17130 });
});

test('a table has a row for each of them', async () => {
  const given = (code: string, amount: number) => ({ code, amount });
  const inputs = { jpy: given('JPY', 3), sek: given('SEK', 2), usd: given('USD', 1) };
  const { rows } = await materializeOne(revenue_by_currency, { inputs });
  expect(rows.map(({ code }) => code)).toEqual(['JPY', 'SEK', 'USD']);
});

test('who bought is no mere visitor', async () => {
  const [some, others] = await materialize([buyers, visitors], { inputs: { daily_events: EVENTS } });
  expect(some.rows).toEqual([
    { customer: 1, purchases: 1, cents: 200 },
    { customer: 3, purchases: 1, cents: 900 },
  ]);
  expect(others.rows).toEqual([{ customer: 2, views: 1 }]);
});

test('each buyer gets a code of his own, and the best one a greeting', async () => {
  const [, , codes, letter] = await materialize([buyers, visitors, coupons, newsletter], {
    inputs: { daily_events: EVENTS },
  });
  expect(new Set(codes.rows.map(({ code }) => code)).size).toBe(2);
  expect(codes.record.metadata).toMatchObject({ customers: { succeeded: 2 } });
  expect(letter.value).toEqual({
    to: 3,
    headline: '2 of you found something. Number 3, thank you!',
  });
});
