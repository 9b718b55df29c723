import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, document, materialize, SHOP } from '../test-support.ts';

// What there is: raw, upper and the days are made; the total is not, and there are no customers.
const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
const RUN = '20260304T120000000-1';
beforeAll(async () => {
  await materialize(root, RUN, 'raw', 'upper', 'days');
}, 60_000);
afterAll(() => workspace.dispose());

const said = async (...argv: readonly string[]) => (await command(root, ...argv)).stdout;

describe('ls', () => {
  test('names assets, what they need first', async () => {
    const names = (await said('ls', '--names')).trim().split('\n');
    expect([...names].sort()).toEqual(['shop/days', 'shop/orders', 'shop/raw', 'shop/total', 'shop/upper']);
    expect(names.indexOf('shop/raw')).toBeLessThan(names.indexOf('shop/upper'));
    expect(names.indexOf('shop/upper')).toBeLessThan(names.indexOf('shop/total'));
  });

  test('is a table with kinds, owners and what they hold', async () => {
    const [head, ...rows] = (await said('ls', 'raw', 'total')).trimEnd().split('\n');
    expect(head).toMatch(/^asset +kind +owner +description$/);
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['shop/raw', 'api', '@test/shop', 'Words from outside.'],
      ['shop/total', 'node', '@test/shop', 'How many.'],
    ]);
  });

  test.each([
    [['kind:api'], ['shop/raw']],
    [['raw+'], ['shop/raw', 'shop/upper', 'shop/total']],
    [['+upper'], ['shop/raw', 'shop/upper']],
    [['status:missing'], ['shop/total']],
    [['group:shop and not (days or orders or +total)'], []],
    [
      ['total', 'raw'],
      ['shop/raw', 'shop/total'],
    ],
  ])('%j selects %j', async (selection, keys) => {
    const { version, assets } = await document(root, 'ls', ...selection);
    expect(version).toBe(2);
    expect((assets as { key: string }[]).map(({ key }) => key)).toEqual(keys);
  });

  test('says nothing at all of no assets, by their names', async () => {
    expect(await said('ls', 'kind:api and kind:node', '--names')).toBe('');
  });

  test('is a document with everything that a definition says', async () => {
    expect(await document(root, 'ls', 'raw')).toEqual({
      version: 2,
      assets: [
        {
          key: 'shop/raw',
          description: 'Words from outside.',
          kind: 'api',
          deps: [],
          owners: ['@test/shop'],
          tags: ['words'],
          metadata: {},
          path: 'output/shop/raw.parquet',
        },
      ],
    });
  });
});

describe('status', () => {
  test('says how each asset stands, and sums up', async () => {
    const text = await said('status');
    expect(text).toMatch(/^✔ shop\/days +fresh +3 partitions +3 +30 min ago$/m);
    expect(text).toMatch(/^✔ shop\/raw +fresh +3 +30 min ago$/m);
    expect(text).toMatch(/^◌ shop\/total +missing +not materialized yet$/m);
    expect(text.endsWith('\n5 assets: 4 fresh, 1 missing\n')).toBe(true);
  });

  test('is a document, with counts where there are partitions', async () => {
    const { assets } = await document(root, 'status', 'days', 'total');
    expect(assets).toEqual([
      {
        key: 'shop/days',
        status: ['fresh'],
        reasons: [{ kind: 'unchanged' }],
        rowCount: 3,
        materializedAt: '2026-03-04T11:30:00.000Z',
        partitions: { total: 3, fresh: 3, stale: 0, missing: 0, failed: 0 },
      },
      {
        key: 'shop/total',
        status: ['missing'],
        reasons: [{ kind: 'missing' }],
        rowCount: null,
        materializedAt: null,
      },
    ]);
  });

  test('tells a script by its exit code, only where it asks, and only of what it asks about', async () => {
    expect((await command(root, 'status')).code).toBe(0);
    expect((await command(root, 'status', '--exit-code')).code).toBe(10);
    expect((await command(root, 'status', '--exit-code', 'not total')).code).toBe(0);
  });
});

describe('plan', () => {
  test('lists what would run, and counts the rest', async () => {
    const text = await said('plan', 'total');
    expect(text).toMatch(/^▸ shop\/total +run +not materialized yet$/m);
    expect(text).not.toContain('shop/raw');
    expect(text.endsWith('\n3 assets: 1 run, 2 up to date\n')).toBe(true);
  });

  test('says that nothing would run', async () => {
    expect(await said('plan', 'upper')).toBe('Nothing to run: 2 assets up to date.\n');
  });

  test('of a refresh knows only what is asked for from outside, and how long that took', async () => {
    const { steps } = await document(root, 'plan', 'upper', '--refresh');
    expect(steps).toEqual([
      {
        key: 'shop/raw',
        partition: null,
        action: 'run',
        reasons: [{ kind: 'refresh-asked' }],
        milliseconds: 0,
      },
      {
        key: 'shop/upper',
        partition: null,
        action: 'undecided',
        reasons: [{ kind: 'upstream-undecided', keys: ['shop/raw'] }],
        milliseconds: 0,
      },
    ]);
    expect(await said('plan', 'upper', '--refresh')).toMatch(/\n2 assets: 1 run, 1 maybe/);
  });

  test('of all anew gives every partition, and draws them as one line', async () => {
    const { steps } = await document(root, 'plan', 'days', '--force');
    expect(
      (steps as { partition: string; action: string }[]).map((step) => [step.partition, step.action]),
    ).toEqual([
      ['2026-03-01', 'run'],
      ['2026-03-02', 'run'],
      ['2026-03-03', 'run'],
    ]);
    expect(await said('plan', 'days', '--force')).toContain('shop/days [3: 2026-03-01 … 2026-03-03]');
    const one = await said('plan', 'days', '--force', '--partition', 'latest');
    expect(one).toContain('▸ shop/days [2026-03-03]  run');
    expect(one).toContain('1 asset, 1 step: 1 run');
  });

  test('of what is missing is empty where nothing is', async () => {
    expect((await document(root, 'plan', 'days', '--missing')).steps).toEqual([]);
    expect((await document(root, 'plan', 'days', '--failed', '--stale')).steps).toEqual([]);
  });

  test('tells a script by its exit code', async () => {
    expect((await command(root, 'plan', 'total')).code).toBe(0);
    expect((await command(root, 'plan', 'total', '--exit-code')).code).toBe(10);
    expect((await command(root, 'plan', 'upper', '--exit-code')).code).toBe(0);
  });

  test('refuses config that no asset takes, and a file that is not there', async () => {
    const unknown = await command(root, 'plan', 'raw', '--config', 'shop/raw.times=2');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('CONFIG_INVALID');
    const lost = await command(root, 'plan', 'raw', '--config', 'nowhere.json');
    expect(lost.stderr).toContain('CONFIG_INVALID: nowhere.json cannot be read');
  });

  test('refuses flags for partitions where there are none', async () => {
    const { code, stderr } = await command(root, 'plan', 'raw', '--missing');
    expect(code).toBe(2);
    expect(stderr).toContain('PARTITION_UNKNOWN: shop/raw has no partitions.');
  });
});

describe('materialize', () => {
  test('starts nothing where all is up to date', async () => {
    expect(await said('materialize', 'upper')).toBe('2 assets: all up to date, in 0 ms\n');
    const { runId, assets } = await document(root, 'materialize', 'upper', 'days');
    expect(runId).toBe(null);
    expect(
      (assets as { key: string; status: string; rowCount: number }[]).map((one) => [
        one.key,
        one.status,
        one.rowCount,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['shop/raw', 'up-to-date', 3],
        ['shop/upper', 'up-to-date', 3],
        ['shop/days', 'up-to-date', 3],
      ]),
    );
  });

  test('only plans where it is asked to', async () => {
    expect(await said('materialize', 'total', '--dry-run')).toBe(await said('plan', 'total'));
  });
});

describe('why', () => {
  test('goes up to where the data comes from', async () => {
    const lines = (await said('why', 'upper')).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^shop\/upper {2}fresh {2}materialized 30 min ago, run 20260304T120000000-1$/);
    expect(lines[1]).toBe('  unchanged since');
    expect(lines[2]).toBe('  last run because: not materialized yet');
  });

  test('is a chain of links as a document', async () => {
    const { asset } = await document(root, 'why', 'shop/total');
    expect(asset).toMatchObject({
      key: 'shop/total',
      status: ['missing'],
      reasons: [{ kind: 'missing' }],
      materialized: null,
    });
  });

  test('counts partitions instead of a time', async () => {
    expect(await said('why', 'days')).toMatch(/^shop\/days {2}fresh {2}3 partitions\n/);
  });
});

describe('show', () => {
  test('says everything that is known of an asset', async () => {
    const text = await said('show', 'upper');
    for (const line of [
      /^shop\/upper {2}fresh$/m,
      /^Louder\.$/m,
      /^owner +@test\/shop$/m,
      /^code +packages\/shop\/src\/index\.ts$/m,
      /^value +output\/shop\/upper\.parquet$/m,
      /^size +3 rows, \d+ B$/m,
      /^materialized +30 min ago in 0 ms, run 20260304T120000000-1$/m,
      /^depends on +shop\/raw$/m,
      /^used by +shop\/total$/m,
      /^run it +npx nx run shop:upper$/m,
      /^id +integer$/m,
    ])
      expect(text).toMatch(line);
  });

  test('leaves out what there is not', async () => {
    const text = await said('show', 'total');
    expect(text).toMatch(/^shop\/total {2}missing$/m);
    for (const title of ['size', 'materialized', 'data version', 'tags', 'used by', 'freshness'])
      expect(text).not.toMatch(new RegExp(`^${title} `, 'm'));
  });

  test('writes the place of a partition where there are many', async () => {
    const text = await said('show', 'days');
    expect(text).toMatch(/^value +output\/shop\/days\/<partition>\.parquet$/m);
    expect(text).toMatch(/^partitions +3 partitions$/m);
    expect(text).toMatch(/^materialized +last 30 min ago$/m);
  });

  test('is a document with definition, edges and record', async () => {
    const { asset } = await document(root, 'show', 'raw');
    expect(asset).toMatchObject({
      key: 'shop/raw',
      kind: 'api',
      status: ['fresh'],
      downstream: ['shop/upper'],
      checkedBy: [],
      failure: null,
      dataFrom: '2026-03-04T11:30:00.000Z',
      record: { runId: RUN, value: { rowCount: 3 } },
    });
    expect(asset).not.toHaveProperty('counts');
    expect((await document(root, 'show', 'days')).asset).toMatchObject({
      record: null,
      counts: { total: 3, fresh: 3 },
      holding: { rowCount: 3 },
    });
  });
});

describe('preview', () => {
  test('shows rows, as many as are asked for', async () => {
    expect((await said('preview', 'upper')).split('\n').map((line) => line.trim().split(/ +/))).toEqual([
      ['id', 'word'],
      ['1', 'ONE'],
      ['2', 'TWO'],
      ['3', 'THREE'],
      [''],
    ]);
    const { rows } = await document(root, 'preview', 'upper', '--limit', '1');
    expect(rows).toEqual([{ id: 1, word: 'ONE' }]);
  });

  test('of partitions shows all of them as one table, or one', async () => {
    expect((await document(root, 'preview', 'days')).rows).toHaveLength(3);
    expect((await document(root, 'preview', 'days', '--partition', 'latest')).rows).toEqual([
      { day: '2026-03-03' },
    ]);
    const many = await command(root, 'preview', 'days', '--partition', '2026-03-01...2026-03-02');
    expect(many.code).toBe(2);
    expect(many.stderr).toContain('PARTITION_NOT_ONE: 2026-03-01...2026-03-02 is 2 partitions of shop/days.');
  });

  test('answers SQL over tables by their names', async () => {
    const sql =
      'SELECT r.word, u.word AS loud FROM raw r JOIN shop.upper u USING (id) WHERE id > 1 ORDER BY id';
    expect((await document(root, 'preview', '--sql', sql)).rows).toEqual([
      { word: 'two', loud: 'TWO' },
      { word: 'three', loud: 'THREE' },
    ]);
  });

  test('says that a query has more rows than it shows', async () => {
    const shown = async (...args: readonly string[]) =>
      (await command(root, 'preview', '--sql', 'SELECT id FROM raw ORDER BY id', ...args)).stdout;
    expect(await shown('--limit', '2')).toMatch(/1\n.*2\n.*… more: --limit shows more of them\n$/);
    expect(await shown('--limit', '3')).toMatch(/3\n$/);
    expect(JSON.parse(await shown('--limit', '2', '--json'))).toMatchObject({ rows: [{ id: 1 }, { id: 2 }] });
  });

  test('says what is wrong with SQL', async () => {
    const { code, stdout, stderr } = await command(
      root,
      'preview',
      '--sql',
      'SELECT lots FROM raw',
      '--json',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('lots');
  });

  test('of what is not made says how to make it', async () => {
    const { code, stderr } = await command(root, 'preview', 'total');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'UPSTREAM_MISSING: shop/total is not materialized.\n  Make it first: npx nx run shop:total',
    );
    expect((await command(root, 'preview', 'orders')).stderr).toContain('shop/orders is not materialized.');
  });
});

describe('jobs', () => {
  test('are listed with what they would run now', async () => {
    expect(await said('jobs')).toMatch(
      /^shop\/nightly +0 2 \* \* \* UTC +look → assets +1 of 3 to run +Every night\.$/m,
    );
  });

  test('one of them is told in the order in which it runs', async () => {
    const text = await said('jobs', 'shop:nightly');
    expect(text).toMatch(
      /^shop\/nightly {2}Every night\.\npackages\/shop\/src\/index\.ts\ndue 0 2 \* \* \* UTC\n/,
    );
    expect(text.indexOf('look  Looks around.')).toBeLessThan(text.indexOf('assets  shop/total'));
    expect(text.endsWith('\nRun it: npx nx run shop:nightly\n')).toBe(true);
  });

  test('are a document with the steps of their assets', async () => {
    const { jobs } = await document(root, 'jobs', 'nightly');
    expect(jobs).toMatchObject([
      {
        key: 'shop/nightly',
        problem: null,
        chosen: ['shop/total'],
        schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
      },
    ]);
  });
});
