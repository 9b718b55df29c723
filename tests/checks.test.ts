import { type MaterializeResult, TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MODES } from './support/thorough.ts';

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

describe.each(MODES)('checks, $mode', ({ flags }) => {
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

describe('checks on another team’s asset', () => {
  const shop = (price: number) => `
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
export const orders = asset({
  description: 'Orders.',
  schema: z.object({ order: z.int(), price: z.number() }),
  materialize: () => [{ order: 1, price: ${price} }],
});
export const revenue = asset({
  description: 'Revenue.',
  deps: { orders },
  schema: z.object({ revenue: z.number() }),
  materialize: ({ orders }) => sql\`SELECT sum(price) AS revenue FROM \${orders}\`,
});
export const bonus = asset({
  description: 'Bonus.',
  deps: { revenue },
  schema: z.object({ bonus: z.number() }),
  materialize: ({ revenue }) => sql\`SELECT revenue / 10 AS bonus FROM \${revenue}\`,
});
`;
  const quality = (blocking: boolean, severity = 'error') => `
import { checksOn, range, sameSchema, steady } from '@nx-assets/core';
import { orders } from '@test/shop';
export const sane_orders = checksOn({
  on: orders,
  description: 'What finance needs of orders.',
  checks: [
    range('price', { min: 0 }, { severity: '${severity}' }),
    sameSchema(),
    steady('price', 'mean', { factor: 10 }, { severity: 'warn' }),
    { name: 'few', passes: ({ value }) => value.rowCount < 9 },
  ],
  blocking: ${blocking},
});
`;
  let workspace: TestWorkspace;
  const materialize = (...flags: readonly string[]) =>
    workspace.materialize(['run-many', '-t', 'materialize', ...flags]);
  beforeEach(async () => {
    workspace = new TestWorkspace()
      .group('shop', { 'index.ts': shop(5) })
      .group('quality', { 'index.ts': quality(true) });
    expect(await materialize()).toMatchObject({
      code: 0,
      ran: ['bonus', 'orders', 'revenue', 'sane_orders'],
    });
  });
  afterEach(() => workspace.dispose());

  test('are an asset of their own, with their results as its value', async () => {
    const results = JSON.parse(workspace.read('output/quality/sane_orders.json')) as object[];
    expect(results).toMatchObject([
      { name: 'range_price', passed: true, facts: { failed: 0, rows: 1 } },
      { name: 'same_schema', passed: true },
      { name: 'steady_mean_price', passed: true, facts: { value: 5, median: null } },
      { name: 'few', passed: true },
    ]);
    expect((await materialize()).ran).toEqual([]);
  });

  test.each([[], ['--batch=false']])(
    'that block stop what depends on it, and say which check it was %j',
    async (...flags) => {
      workspace.write({ 'packages/shop/src/index.ts': shop(-5) });
      const { code, failed, blocked, assets } = await materialize(...flags);
      expect({ code, failed, blocked }).toEqual({
        code: 1,
        failed: ['sane_orders'],
        blocked: ['bonus', 'revenue'],
      });
      const checks = assets.find(({ key }) => key === 'quality/sane_orders');
      expect(checks?.error?.message).toContain('shop/orders did not pass 1 of 4 checks:');
      expect(checks?.error?.message).toContain('{"order":1,"price":-5}');
      expect(assets.find(({ key }) => key === 'shop/bonus')?.reasons).toEqual([
        { kind: 'upstream-failed', key: 'quality/sane_orders' },
      ]);
      // What the other team made is published: it is theirs.
      expect(assets.find(({ key }) => key === 'shop/orders')).toMatchObject({ status: 'materialized' });
      const { stdout } = await workspace.command(['why', 'shop/revenue']);
      expect(stdout).toContain('blocked by the checks quality/sane_orders');
      expect(stdout).toMatch(
        /failed .* CHECK_FAILED: shop\/orders did not pass 1 of 4 checks:\n +range_price/,
      );
      workspace.write({ 'packages/shop/src/index.ts': shop(6) });
      expect(await materialize(...flags)).toMatchObject({
        code: 0,
        ran: ['bonus', 'orders', 'revenue', 'sane_orders'],
      });
    },
  );

  test('also when only that is asked for which they guard', async () => {
    workspace.write({ 'packages/shop/src/index.ts': shop(-5) });
    const run = await workspace.materialize(['run', 'shop:revenue']);
    expect(run).toMatchObject({ code: 1, failed: ['sane_orders'], blocked: ['revenue'] });
    const plan = await workspace.command(['plan', 'shop/revenue', '--json']);
    const { steps } = JSON.parse(plan.stdout) as { steps: { key: string; action: string }[] };
    expect(steps.map(({ key, action }) => [key, action])).toEqual([
      ['shop/orders', 'keep'],
      ['quality/sane_orders', 'run'],
      ['shop/revenue', 'run'],
    ]);
  });

  test('that do not block fail alone', async () => {
    workspace.write({
      'packages/shop/src/index.ts': shop(-5),
      'packages/quality/src/index.ts': quality(false),
    });
    expect(await materialize()).toMatchObject({
      code: 1,
      failed: ['sane_orders'],
      blocked: [],
      ran: ['bonus', 'orders', 'revenue', 'sane_orders'],
    });
  });

  test('compare with what they saw before', async () => {
    workspace.write({ 'packages/shop/src/index.ts': shop(500) });
    const { code, assets } = await materialize();
    expect(code).toBe(0);
    expect(
      assets.find(({ key }) => key === 'quality/sane_orders')?.checks.filter(({ passed }) => !passed),
    ).toMatchObject([{ name: 'steady_mean_price', facts: { value: 500, median: 5 } }]);
    workspace.edit('packages/shop/src/index.ts', (code) =>
      code.replace('price: z.number() })', 'price: z.number(), note: z.string().default("x") })'),
    );
    const other = await materialize();
    expect(other).toMatchObject({ code: 1, failed: ['sane_orders'] });
    expect(other.assets.find(({ key }) => key === 'quality/sane_orders')?.error?.message).toContain(
      'same_schema: Its columns are as they were. (added ["note"]',
    );
  });

  test('run alone, from either side', async () => {
    for (const project of ['shop', 'quality']) {
      const { code, output } = await workspace.nx(['run', `${project}:check`]);
      expect(code).toBe(0);
      expect(output).toContain('4 checks: 4 passed, 0 failed');
    }
    const shown = await workspace.command(['show', 'shop/orders']);
    expect(shown.stdout).toMatch(/✔ range_price\s+price is at least 0\.\s+quality\/sane_orders/);
  });
});
