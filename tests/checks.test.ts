import { type MaterializeResult, TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const source = (orders: string, severity: string) => `
import { asset, notNull, range, refersTo, rowCount, sql, steadyRowCount, unique } from '@nx-assets/core';
import { z } from 'zod';
export const customers = asset({
  description: 'Customers.',
  schema: z.object({ id: z.int() }),
  materialize: () => [{ id: 1 }, { id: 2 }],
});
export const orders = asset({
  description: 'Orders.',
  deps: { customers },
  schema: z.object({ order: z.int(), customer: z.int(), price: z.number().nullable() }),
  checks: [
    unique('order'),
    range('price', { min: 0 }, { severity: 'warn' }),
    refersTo('customer', customers, 'id', { severity: '${severity}' }),
    { name: 'is_small', severity: 'warn', passes: ({ value }) => value.rowCount < 100 },
  ],
  materialize: () => ${orders},
});
export const revenue = asset({
  description: 'Revenue.',
  deps: { orders },
  schema: z.object({ revenue: z.number() }),
  materialize: ({ orders }) => sql\`SELECT coalesce(sum(price), 0) AS revenue FROM \${orders}\`,
});
`;
const GOOD = '[{ order: 1, customer: 1, price: 5 }, { order: 2, customer: 2, price: null }]';
const BAD = '[{ order: 1, customer: 1, price: -5 }, { order: 1, customer: 9, price: 3 }]';

describe.each([
  { mode: 'in one batch', flags: [] },
  { mode: 'with --batch=false', flags: ['--batch=false'] },
])('checks, $mode', ({ flags }) => {
  let workspace: TestWorkspace;
  const materialize = () => workspace.materialize(['run-many', '-t', 'materialize', ...flags]);
  const of = (result: MaterializeResult, name: string) =>
    result.assets.find(({ key }) => key === `shop/${name}`) as unknown as {
      status: string;
      error: { code: string; message: string } | null;
      checks: { name: string; passed: boolean; rows: object[] }[];
    };
  const record = () =>
    JSON.parse(workspace.read('output/shop/orders.record.json')) as {
      checks: { name: string; passed: boolean }[];
    };

  beforeEach(async () => {
    workspace = new TestWorkspace({
      'packages/shop/package.json': JSON.stringify({ name: 'shop', 'nx-assets': {}, type: 'module' }),
      'packages/shop/src/index.ts': source(GOOD, 'error'),
    });
    expect((await materialize()).code).toBe(0);
  });
  afterEach(() => workspace.dispose());

  test('that pass are in the record', () => {
    expect(record().checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['unique_order', true],
      ['range_price', true],
      ['refers_to_customer', true],
      ['is_small', true],
    ]);
  });

  test('that stop a value keep the one before, and what depends on it does not run', async () => {
    const before = workspace.read('output/shop/orders.record.json');
    workspace.write({ 'packages/shop/src/index.ts': source(BAD, 'error') });
    const result = await materialize();
    expect(result.code).toBe(1);
    expect(result.failed).toEqual(['orders']);
    expect(result.blocked).toEqual(['revenue']);
    const { error, checks } = of(result, 'orders');
    expect(error?.code).toBe('CHECK_FAILED');
    expect(error?.message).toContain('shop/orders did not pass 2 of 4 checks:');
    expect(error?.message).toContain('unique_order: order never repeats. (failed 1, rows 2)');
    expect(error?.message).toContain('{"order":1,"customer":9,"price":3}');
    expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'unique_order',
      'range_price',
      'refers_to_customer',
    ]);
    expect(workspace.read('output/shop/orders.record.json')).toBe(before);
    // Nothing is remembered of it: the next run tries again.
    expect((await materialize()).failed).toEqual(['orders']);
  });

  test('that warn let a value through, and say so, also when it is up to date', async () => {
    const warned = '[{ order: 1, customer: 1, price: -5 }, { order: 2, customer: 9, price: 3 }]';
    workspace.write({ 'packages/shop/src/index.ts': source(warned, 'warn') });
    const result = await materialize();
    expect(result.code).toBe(0);
    expect(of(result, 'orders').checks.filter(({ passed }) => !passed)).toMatchObject([
      { name: 'range_price', rows: [{ order: 1, customer: 1, price: -5 }] },
      { name: 'refers_to_customer', rows: [{ order: 2, customer: 9, price: 3 }] },
    ]);
    const again = await workspace.nx(['run-many', '-t', 'materialize', ...flags]);
    expect(again.code).toBe(0);
    expect(again.output).toContain('▲ shop/orders  range_price: price is at least 0. (failed 1, rows 2)');
  });

  test('run alone over what is materialized', async () => {
    const passed = await workspace.nx(['run', 'shop:check']);
    expect(passed.code).toBe(0);
    expect(passed.output).toContain('4 checks: 4 passed, 0 failed');
    workspace.write({
      'packages/shop/src/index.ts': source(GOOD, 'error').replace('unique(', 'rowCount({ min: 5 }), unique('),
    });
    const failed = await workspace.nx(['run', 'shop:check']);
    expect(failed.code).toBe(1);
    expect(failed.output).toContain('✖ row_count  It has at least 5 rows. (rows 2)');
    workspace.write({ 'output/shop/orders.parquet': 'edited' });
    expect((await workspace.nx(['run', 'shop:check'])).output).toContain('UPSTREAM_MISSING');
    expect(workspace.read('output/shop/orders.parquet')).toBe('edited');
  });
});
