import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MODES } from './support/thorough.ts';

const ALL = ['run-many', '-t', 'materialize'];

const RATES = `
import { asset, assets } from '@nx-assets/core';
import { z } from 'zod';
import currencies from './currencies.json' with { type: 'json' };
import { inCents } from './cents.ts';
export const rates = assets(currencies, ({ code, rate }) => [
  code.toLowerCase(),
  asset({
    description: \`What a euro is in \${code}.\`,
    value: z.object({ code: z.string(), cents: z.number() }),
    materialize: () => ({ code, cents: inCents(rate) }),
  }),
]);
`;
const SIZES = `
import { asset, assets } from '@nx-assets/core';
import { z } from 'zod';
const LIST = [{ name: 'small', width: 1 }, { name: 'large', width: 9 }] as const;
export const sizes = assets(LIST, ({ name, width }) => [
  name,
  asset({ description: name, value: z.number(), materialize: () => width }),
]);
`;
const DOLLAR = `
import { asset, memberOf } from '@nx-assets/core';
import { z } from 'zod';
import { rates } from './rates.ts';
import { sizes } from './sizes.ts';
export const dollar = asset({
  description: 'One of them.',
  deps: { usd: memberOf(rates, 'usd'), large: sizes.large },
  value: z.number(),
  materialize: ({ usd, large }) => usd.cents * large,
});
`;
const TOTAL = `
import { asset, membersOf } from '@nx-assets/core';
import { z } from 'zod';
import { rates } from './rates.ts';
export const total = asset({
  description: 'All of them.',
  deps: membersOf(rates),
  value: z.number(),
  materialize: (all) => Object.values(all).reduce((sum, { cents }) => sum + cents, 0),
});
`;
const currencies = (...list: readonly (readonly [code: string, rate: number])[]) =>
  JSON.stringify(list.map(([code, rate]) => ({ code, rate })));

describe.each(MODES)('assets from a list, $mode', ({ flags }) => {
  let workspace: TestWorkspace;
  const config = 'packages/shop/src/currencies.json';
  const run = () => workspace.materialize([...ALL, ...flags]);

  beforeAll(() => {
    workspace = new TestWorkspace().group('shop', {
      'currencies.json': currencies(['USD', 1.1], ['SEK', 11]),
      'cents.ts': 'export const inCents = (rate: number) => Math.round(rate * 100);\n',
      'rates.ts': RATES,
      'sizes.ts': SIZES,
      'dollar.ts': DOLLAR,
      'total.ts': TOTAL,
      'index.ts': `export { rates } from './rates.ts';\nexport { sizes } from './sizes.ts';\nexport * from './dollar.ts';\nexport * from './total.ts';\n`,
    });
  });
  afterAll(() => workspace.dispose());

  test('are targets of their own', async () => {
    const first = await run();
    expect(first.code).toBe(0);
    expect(first.ran).toEqual(['dollar', 'rates_sek', 'rates_usd', 'sizes_large', 'sizes_small', 'total']);
    expect(JSON.parse(workspace.read('output/shop/rates_usd.json'))).toEqual({ code: 'USD', cents: 110 });
    expect((await run()).ran).toEqual([]);
  });

  test('run alone when they are new, wherever they stand in the file', async () => {
    workspace.write({ [config]: currencies(['GBP', 0.9], ['USD', 1.1], ['SEK', 11]) });
    expect((await run()).ran).toEqual(['rates_gbp', 'total']);
    workspace.edit('packages/shop/src/sizes.ts', (code) =>
      code.replace('[{ name', `[{ name: 'medium', width: 5 }, { name`),
    );
    expect((await run()).ran).toEqual(['sizes_medium']);
  });

  test('run alone when their own entry changes', async () => {
    workspace.edit(config, (text) => text.replace('11}', '12}'));
    expect((await run()).ran).toEqual(['rates_sek', 'total']);
    expect(JSON.parse(workspace.read('output/shop/total.json'))).toBe(90 + 110 + 1200);
    workspace.edit('packages/shop/src/sizes.ts', (code) => code.replace('width: 9', 'width: 10'));
    expect((await run()).ran).toEqual(['dollar', 'sizes_large']);
  });

  test('run all when what makes them does, and leave no one behind', async () => {
    workspace.edit('packages/shop/src/cents.ts', (code) => code.replace('Math.round', 'Math.floor'));
    expect((await run()).ran).toEqual(['rates_gbp', 'rates_sek', 'rates_usd']);
    workspace.edit('packages/shop/src/sizes.ts', (code) => code.replace('=> width', '=> width + 1'));
    expect((await run()).ran).toEqual(['dollar', 'sizes_large', 'sizes_medium', 'sizes_small']);
    workspace.write({ [config]: currencies(['USD', 1.1], ['SEK', 12]) });
    const gone = await run();
    expect(gone.ran).toEqual(['total']);
    expect(gone.assets.some(({ key }) => key === 'shop/rates_gbp')).toBe(false);
  });
});

describe('a list that its factory does not have to itself', () => {
  test('counts as a whole, and so does a factory that remembers', async () => {
    using workspace = new TestWorkspace().group('shop', {
      'currencies.json': currencies(['USD', 1.1]),
      'cents.ts': 'export const inCents = (rate: number) => rate;\n',
      'rates.ts': RATES.replace('cents: inCents(rate)', 'cents: currencies.length'),
      'sizes.ts': SIZES.replace('export const', 'const seen: string[] = [];\nexport const')
        .replace('=> [\n', '=> (seen.push(name), [\n')
        .replace('() => width', '() => seen.length')
        .replace(/\]\);\n$/, ']));\n'),
      'index.ts': `export { rates } from './rates.ts';\nexport { sizes } from './sizes.ts';\n`,
    });
    expect((await workspace.materialize()).ran).toEqual(['rates_usd', 'sizes_large', 'sizes_small']);
    workspace.write({ 'packages/shop/src/currencies.json': currencies(['USD', 1.1], ['SEK', 11]) });
    workspace.edit('packages/shop/src/sizes.ts', (code) =>
      code.replace(`[{ name`, `[{ name: 'tiny', width: 0 }, { name`),
    );
    const all = ['rates_sek', 'rates_usd', 'sizes_large', 'sizes_small', 'sizes_tiny'];
    expect((await workspace.materialize()).ran).toEqual(all);
    expect(JSON.parse(workspace.read('output/shop/sizes_small.json'))).toBe(3);
  });

  test('is refused with the entries that are at odds', async () => {
    using workspace = new TestWorkspace().group('shop', {
      'currencies.json': currencies(['USD', 1.1], ['usd', 1.2]),
      'cents.ts': 'export const inCents = (rate: number) => rate;\n',
      'rates.ts': RATES,
      'index.ts': `export { rates } from './rates.ts';\n`,
    });
    const { code, output } = await workspace.nx(ALL);
    expect(code).not.toBe(0);
    expect(output).toContain('ASSET_DUPLICATE');
    expect(output).toContain('Entry 1 of the list and entry 2 of the list are both called "usd"');
  });
});

const SOURCE = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
export const source = asset({ description: 'A number.', value: z.number(), materialize: () => 5 });
`;
const PEOPLE = `
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { multiAsset, range } from '@nx-assets/core';
import { z } from 'zod';
import { source } from './source.ts';
export const { users, orders, page } = multiAsset({
  description: 'Two tables and a page.',
  deps: { source },
  env: ['BROKEN'],
  outputs: {
    users: { schema: z.object({ id: z.int(), name: z.string() }), orderBy: ['id'] },
    orders: {
      schema: z.object({ id: z.int(), price: z.number() }),
      orderBy: ['id'],
      checks: [range('price', { min: 0 })],
    },
    page: { file: 'people.html' },
  },
  async materialize({ source }, { root, files, metadata }) {
    appendFileSync(join(root, 'calls'), '.');
    if (process.env.BROKEN === 'throws') throw new Error('no luck');
    if (process.env.BROKEN === 'hangs') await new Promise((resolve) => setTimeout(resolve, 60_000));
    appendFileSync(files.page, '<p>' + source + '</p>');
    metadata({ answers: 42 });
    return {
      users: [{ id: 1, name: 'Ann' }, { id: 2, name: 'Bob' }],
      orders: [{ id: 7, price: process.env.BROKEN === 'check' ? -1 : source }],
    };
  },
});
`;
const AFTER = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
import { users, orders } from './people.ts';
export const names = asset({
  description: 'Of the users.',
  deps: { users },
  value: z.array(z.string()),
  materialize: async ({ users }) => (await users.rows()).map(({ name }) => name),
});
export const turnover = asset({
  description: 'Of the orders.',
  deps: { orders },
  value: z.number(),
  materialize: async ({ orders }) => (await orders.rows()).reduce((sum, { price }) => sum + price, 0),
});
`;

describe.each(MODES)('several assets of one function, $mode', ({ flags }) => {
  let workspace: TestWorkspace;
  const run = (args: readonly string[] = ALL, env: Readonly<Record<string, string>> = {}) =>
    workspace.materialize([...args, ...flags], { env });
  const calls = () => {
    const count = workspace.exists('calls') ? workspace.read('calls').length : 0;
    workspace.remove('calls');
    return count;
  };
  const OUTPUTS = ['orders.parquet', 'orders.record.json', 'users.parquet', 'users.record.json'];
  const bytes = () => [
    ...OUTPUTS.map((name) => workspace.read(`output/app/${name}`)),
    workspace.read('output/people.html'),
  ];

  beforeAll(() => {
    workspace = new TestWorkspace().group('app', {
      'source.ts': SOURCE,
      'people.ts': PEOPLE,
      'after.ts': AFTER,
      'index.ts': `export * from './source.ts';\nexport * from './people.ts';\nexport * from './after.ts';\n`,
    });
  });
  afterAll(() => workspace.dispose());

  test('are made by one call, each with a record of its own', async () => {
    const first = await run();
    expect(first.code).toBe(0);
    expect(first.ran).toEqual(['names', 'orders', 'page', 'source', 'turnover', 'users']);
    expect(calls()).toBe(1);
    expect(workspace.read('output/people.html')).toBe('<p>5</p>');
    expect((await workspace.command(['show', 'users'])).stdout).toMatch(
      /computed with +app\/orders, app\/page/,
    );
    const record = (name: string) =>
      JSON.parse(workspace.read(`output/app/${name}.record.json`)) as { runId: string; metadata: object };
    expect(record('users')).toMatchObject({ metadata: { answers: 42 }, value: { rowCount: 2 } });
    expect(record('orders')).toMatchObject({ metadata: { answers: 42 }, checks: [{ passed: true }] });
    expect(record('users').runId).toBe(record('page').runId);
    expect((await run()).ran).toEqual([]);
    expect(calls()).toBe(0);
  });

  test('stop what comes after them one by one', async () => {
    workspace.edit('packages/app/src/source.ts', (code) => code.replace('5', '6'));
    const { ran, assets } = await run();
    expect(ran).toEqual(['orders', 'page', 'source', 'turnover', 'users']);
    expect(assets.find(({ key }) => key === 'app/names')?.status).not.toBe('materialized');
    expect(calls()).toBe(1);
  });

  test('all come when one is asked for', async () => {
    workspace.edit('packages/app/src/source.ts', (code) => code.replace('6', '8'));
    const one = await run(['run', 'app:users']);
    expect(one.ran).toEqual(['orders', 'page', 'source', 'users']);
    expect(calls()).toBe(1);
    expect(workspace.read('output/people.html')).toBe('<p>8</p>');
    const rest = await run();
    expect(rest.ran).toEqual(['turnover']);
    expect(calls()).toBe(0);
    expect(JSON.parse(workspace.read('output/app/turnover.json'))).toBe(8);
  });

  test('all stay as they were when one fails', async () => {
    const before = bytes();
    const checked = await run(ALL, { BROKEN: 'check' });
    expect(checked.failed).toEqual(['orders', 'page', 'users']);
    expect(checked.assets.find(({ key }) => key === 'app/users')?.error?.message).toContain(
      'CHECK_FAILED: app/orders did not pass 1 of 1 check',
    );
    expect(checked.blocked).toEqual(['names', 'turnover']);
    expect(bytes()).toEqual(before);
    const thrown = await run(ALL, { BROKEN: 'throws' });
    expect(thrown.failed).toEqual(['orders', 'page', 'users']);
    expect(bytes()).toEqual(before);
    const fixed = await run();
    expect(fixed.code).toBe(0);
    expect(fixed.ran).toEqual([]);
  });

  test('are whole after a run that was killed', async () => {
    const before = bytes();
    calls();
    const killed = workspace.nx([...ALL, ...flags], {
      env: { BROKEN: 'hangs' },
      onStart: (pid) => {
        const timer = setInterval(() => {
          if (!workspace.exists('calls')) return;
          clearInterval(timer);
          process.kill(-pid, 'SIGKILL');
        }, 20);
      },
    });
    expect((await killed).code).not.toBe(0);
    expect(bytes()).toEqual(before);
    workspace.remove('output/app/orders.record.json').remove('.nx/cache').remove('.nx/workspace-data');
    calls();
    // One that lost its record brings the others along.
    const { stdout } = await workspace.command(['plan', '--json']);
    const { steps } = JSON.parse(stdout) as { steps: { key: string; action: string }[] };
    expect(steps.filter(({ action }) => action === 'run').map(({ key }) => key)).toEqual([
      'app/orders',
      'app/page',
      'app/users',
    ]);
    expect((await run()).ran).toEqual(['orders', 'page', 'users']);
    expect(calls()).toBe(1);
    expect(bytes().map((text, at) => (OUTPUTS[at]?.endsWith('.parquet') ? text : ''))).toEqual(
      before.map((text, at) => (OUTPUTS[at]?.endsWith('.parquet') ? text : '')),
    );
  });

  test('run in one process of their own where they are to', async () => {
    workspace.edit('packages/app/src/people.ts', (code) =>
      code.replace("env: ['BROKEN'],", "env: ['BROKEN'], isolated: true,"),
    );
    calls();
    const own = await run();
    expect(own.ran).toEqual(['orders', 'page', 'users']);
    expect(calls()).toBe(1);
    workspace.edit('packages/app/src/people.ts', (code) => code.replace(' isolated: true,', ''));
    await run();
    calls();
  });

  test('run once when all is to be made anew', async () => {
    calls();
    const anew = await run([...ALL, '--skip-nx-cache']);
    expect(anew.ran).toEqual(['names', 'orders', 'page', 'source', 'turnover', 'users']);
    expect(calls()).toBe(1);
  });
});

const CITIES = `
import { asset } from '@nx-assets/core';
import { compose, fanOut } from '@nx-assets/flow';
import { z } from 'zod';
let active = 0;
let most = 0;
export const cities = asset({
  description: 'A row for each.',
  env: ['BAD'],
  schema: z.object({ n: z.int() }),
  orderBy: ['n'],
  materialize: (_inputs, context) =>
    fanOut(Array.from({ length: 300 }, (_, n) => n), { context, name: 'cities', concurrency: 5 }, async (n) => {
      most = Math.max(most, ++active);
      await new Promise((resolve) => setTimeout(resolve, 1));
      active--;
      context.metadata({ most });
      if (String(n) === process.env.BAD) throw new Error('no such city');
      return { n };
    }),
});
export const size = asset({
  description: 'How many.',
  deps: { cities },
  value: z.number(),
  materialize: ({ cities }, context) =>
    compose(context, (fn) => {
      const rows = fn('rows', () => cities.rows());
      return fn('count', { rows }, ({ rows }) => rows.length);
    }),
});
`;

describe('many things of one asset', () => {
  test('are one step with one record, so many at a time; one that fails is named, and nothing is published', async () => {
    using workspace = new TestWorkspace().group('app', { 'index.ts': CITIES });
    expect((await workspace.materialize()).ran).toEqual(['cities', 'size']);
    const record = (name: string) =>
      JSON.parse(workspace.read(`output/app/${name}.record.json`)) as { metadata: Record<string, object> };
    expect(record('cities').metadata).toMatchObject({ cities: { succeeded: 300, failed: 0 }, most: 5 });
    expect(record('size').metadata.functions).toMatchObject([
      { name: 'rows' },
      { name: 'count', after: ['rows'] },
    ]);
    expect(JSON.parse(workspace.read('output/app/size.json'))).toBe(300);
    const before = workspace.read('output/app/cities.parquet');
    const failed = await workspace.materialize(ALL, { env: { BAD: '170' } });
    expect(failed.failed).toEqual(['cities']);
    expect(failed.assets.find(({ key }) => key === 'app/cities')?.error?.message).toContain(
      'MATERIALIZE_THREW: cities "171": Error: no such city',
    );
    expect(workspace.read('output/app/cities.parquet')).toBe(before);
  });
});
