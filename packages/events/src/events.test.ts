import { fixture, materialize, materializeOne } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { daily_events, daily_revenue, month_summary, revenue_trend, weekly_customers } from './index.ts';

const partition = '2026-03-02';

test('a day has eight thousand events of its own, the same on every machine', async () => {
  const { rows } = await materializeOne(daily_events, { partition });
  expect(rows).toHaveLength(8_000);
  expect(new Set(rows.map(({ day }) => day))).toEqual(new Set([partition]));
  expect(rows[0]).toEqual({
    day: partition,
    id: '20260302-00000',
    at: rows[0]?.at,
    customer: rows[0]?.customer,
    kind: rows[0]?.kind,
    cents: rows[0]?.cents,
  });
  expect(rows.every(({ at }) => at.startsWith(partition))).toBe(true);
});

test('revenue counts purchases only', async () => {
  const event = (kind: 'view' | 'purchase', customer: number, cents: number) =>
    fixture(daily_events, { id: `${customer}-${cents}`, day: partition, kind, customer, cents });
  const inputs = {
    daily_events: [event('view', 1, 9), event('purchase', 1, 200), event('purchase', 2, 300)],
  };
  const { rows } = await materializeOne(daily_revenue, { partition, inputs });
  expect(rows).toEqual([{ day: partition, purchases: 2, customers: 2, cents: 500 }]);
});

test('a week knows its name, and a trend the days that it is made from', async () => {
  const events = [
    fixture(daily_events, { id: 'a', kind: 'view', customer: 1 }),
    fixture(daily_events, { id: 'b', kind: 'purchase', customer: 2 }),
  ];
  const week = await materializeOne(weekly_customers, { partition, inputs: { daily_events: events } });
  expect(week.rows).toEqual([{ week: partition, customers: 2, buyers: 1 }]);
  const days = [200, 300].map((cents, at) => fixture(daily_revenue, { day: `2026-03-0${at + 1}`, cents }));
  const trend = await materializeOne(revenue_trend, { partition, inputs: { last_week: days } });
  expect(trend.rows).toEqual([{ day: partition, days: 2, cents: 500 }]);
});

test('a month is summed up over its days', async () => {
  const daily = [
    fixture(daily_revenue, { day: '2026-03-01', purchases: 2, cents: 500 }),
    fixture(daily_revenue, { day: '2026-03-02', purchases: 3, cents: 900 }),
  ];
  const [{ value }] = await materialize([month_summary], { inputs: { daily_revenue: daily } });
  expect(value).toEqual({ days: 2, purchases: 5, cents: 1400, best_day: '2026-03-02' });
});
