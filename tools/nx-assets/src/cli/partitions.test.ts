import { readdirSync } from 'node:fs';
import { assetKey } from '@nx-assets/core';
import { absolute, backfillPath, dynamicKeysPath } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import type { Backfill } from '@nx-assets/workspace/partition-request';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { command, document, materialize, NOW, SHOP } from '../test-support.ts';

// Days are made, but for the first of the three.
const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
beforeAll(async () => {
  await materialize(root, 'r1', 'days');
  workspace.remove('output/shop/days/2026-03-01.parquet').remove('output/shop/days/2026-03-01.record.json');
}, 60_000);
afterAll(() => workspace.dispose());

const said = async (...argv: readonly string[]) => (await command(root, ...argv)).stdout;
const listed = async (...argv: readonly string[]) =>
  ((await document(root, 'partitions', 'days', ...argv)).partitions as { partition: string }[]).map(
    ({ partition }) => partition,
  );

describe('partitions', () => {
  test('are a table, with how they stand', async () => {
    const text = await said('partitions', 'days');
    expect(text).toMatch(/^◌ 2026-03-01 +missing +not materialized yet$/m);
    expect(text).toMatch(/^✔ 2026-03-02 +fresh +1 +30 min ago$/m);
    expect(text.endsWith('\nshop/days: 1 missing of 3\n')).toBe(true);
  });

  test('are a document, with what is in them', async () => {
    const { counts, found, page, partitions } = await document(root, 'partitions', 'days', '--limit', '2');
    expect({ counts, found, page }).toEqual({
      counts: { total: 3, fresh: 2, stale: 0, missing: 1, failed: 0 },
      found: 3,
      page: 1,
    });
    expect(partitions).toMatchObject([
      { partition: '2026-03-02', status: 'fresh', rowCount: 1, materializedAt: '2026-03-04T11:30:00.000Z' },
      { partition: '2026-03-03', status: 'fresh', rowCount: 1 },
    ]);
  });

  test('come in pages, the last ones first', async () => {
    expect(await listed('--limit', '2', '--page', '2')).toEqual(['2026-03-01']);
    expect(await said('partitions', 'days', '--limit', '2')).toContain('1 more: --page 2, or --limit 3');
    const beyond = await command(root, 'partitions', 'days', '--limit', '2', '--page', '3');
    expect(beyond.code).toBe(2);
    expect(beyond.stderr).toContain('There is no page 3.\n  The oldest are on page 2.');
    expect((await command(root, 'partitions', 'days', '--page', '2')).stderr).toContain('There is one page.');
  });

  test('are only those that one asks for', async () => {
    expect(await listed('--status', 'missing')).toEqual(['2026-03-01']);
    expect(await listed('--status', 'failed')).toEqual([]);
    expect(await listed('--partition', '2026-03-01...2026-03-02')).toEqual(['2026-03-01', '2026-03-02']);
    expect(await listed('--partition', 'latest', '--status', 'missing')).toEqual([]);
    expect(await said('partitions', 'days', '--status', 'stale')).toBe('shop/days: 1 missing of 3\n');
  });

  test.each([
    [['raw'], 'PARTITION_UNKNOWN: shop/raw has no partitions.\n  It has a single value.'],
    [
      ['days', '--status', 'old'],
      'COMMAND_INVALID: Unknown status "old".\n  It is one of failed, missing, stale, fresh.',
    ],
    [['days', '--partition', '2025-01-01'], 'PARTITION_UNKNOWN'],
    [
      ['days', '--add', '2026-03-09'],
      'COMMAND_INVALID: The partitions of shop/days are fixed in its definition.',
    ],
  ])('%j is refused', async (argv, text) => {
    const { code, stdout, stderr } = await command(root, 'partitions', ...argv);
    expect(stderr).toContain(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('a dynamic set', () => {
  test('has none at first', async () => {
    expect(await said('partitions', 'orders')).toBe('shop/orders: 0 partitions\n');
  });

  test('takes keys, each once, and gives them back', async () => {
    expect(await said('partitions', 'orders', '--add', 'ada', 'bob', 'ada')).toBe(
      'customers: 2 added, 0 removed, 2 keys\n',
    );
    expect(
      await document(root, 'partitions', 'orders', '--add', 'bob', 'eve', '--remove', 'ada', 'nobody'),
    ).toEqual({
      version: 2,
      asset: 'shop/orders',
      set: 'customers',
      added: 1,
      removed: 1,
      keys: ['bob', 'eve'],
    });
    expect(workspace.exists(dynamicKeysPath('customers'))).toBe(true);
    const { partitions } = await document(root, 'partitions', 'orders');
    expect(partitions).toMatchObject([
      { partition: 'bob', status: 'missing' },
      { partition: 'eve', status: 'missing' },
    ]);
  });

  test('loses no key where commands add some at the same time', async () => {
    const names = ['k1', 'k2', 'k3', 'k4'];
    await Promise.all(names.map((name) => command(root, 'partitions', 'orders', '--add', name)));
    const { keys } = await document(root, 'partitions', 'orders', '--remove', 'bob', 'eve');
    expect(keys).toEqual(names);
  });
});

describe('backfill', () => {
  const files = () => {
    const folder = dirname(absolute(root, backfillPath('any')));
    return workspace.exists(dirname(backfillPath('any'))) ? readdirSync(folder) : [];
  };
  const keep = (backfill: Partial<Backfill> & { readonly id: string }) =>
    workspace.write({
      [backfillPath(backfill.id)]: JSON.stringify({
        key: assetKey('shop', 'days'),
        partitions: ['2026-03-01', '2026-03-02'],
        force: false,
        createdAt: NOW.toISOString(),
        ...backfill,
      }),
    });
  afterEach(() => workspace.remove(dirname(backfillPath('any'))));

  test('only says how much there is to do, and keeps nothing', async () => {
    expect(await said('backfill', 'days', '--dry-run')).toMatch(
      /^Backfill of shop\/days: 1 of 3 partitions to run \(2026-03-01 to 2026-03-03\)/,
    );
    expect(await said('backfill', 'days', '--dry-run', '--partition', 'latest')).toMatch(
      /^Backfill of shop\/days: 0 of 1 partition to run \(2026-03-03\)\n$/,
    );
    expect(files()).toEqual([]);
  });

  test('is a document where it is asked to be', async () => {
    const { backfill, left } = await document(
      root,
      'backfill',
      'days',
      '--dry-run',
      '--missing',
      '--parallel',
      '3',
    );
    expect(left).toBe(1);
    expect(backfill).toMatchObject({
      id: expect.stringMatching(/^2026-03-04-[0-9a-f]{6}$/) as string,
      key: 'shop/days',
      partitions: ['2026-03-01'],
      force: false,
      parallel: 3,
      createdAt: NOW.toISOString(),
    });
    expect((await document(root, 'backfill', 'days', '--dry-run', '--force')).left).toBe(3);
  });

  test('with nothing left starts nothing, and is over', async () => {
    const { code, stdout } = await command(root, 'backfill', 'days', '--partition', '2026-03-02,2026-03-03');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Backfill 2026-03-04-[0-9a-f]{6} of shop\/days: 0 of 2 partitions/);
    expect(files()).toEqual([]);
  });

  test('is refused for what has no partitions', async () => {
    const { code, stderr } = await command(root, 'backfill', 'raw');
    expect(code).toBe(2);
    expect(stderr).toContain('PARTITION_UNKNOWN: shop/raw has no partitions.');
  });

  test('is listed while something is left of it, the oldest first', async () => {
    expect(await said('backfill', '--list')).toBe('There are no unfinished backfills.\n');
    keep({ id: 'b-late', force: true, createdAt: '2026-03-04T11:45:00.000Z' });
    keep({ id: 'a-early', createdAt: '2026-03-01T00:00:00.000Z' });
    keep({ id: 'done', partitions: ['2026-03-03'] });
    keep({ id: 'other', key: assetKey('shop', 'gone') });
    workspace.write({ [backfillPath('torn')]: '{"id":', [`${dirname(backfillPath('any'))}/notes.txt`]: '' });
    const { backfills } = await document(root, 'backfill', '--list');
    expect((backfills as (Backfill & { left: number })[]).map(({ id, left }) => [id, left])).toEqual([
      ['a-early', 1],
      ['b-late', 2],
    ]);
    expect(await said('backfill', '--list')).toMatch(/^a-early +shop\/days +1 +2 +3 d ago$/m);
  });

  test('of a force leaves out what was made since it began', async () => {
    keep({ id: 'forced', force: true, createdAt: '2026-03-04T11:00:00.000Z' });
    const { backfills } = await document(root, 'backfill', '--list');
    expect(backfills).toMatchObject([{ id: 'forced', left: 1 }]);
  });

  test('is resumed by its id, or because it is the only one', async () => {
    keep({ id: 'one' });
    expect(await said('backfill', '--resume', '--dry-run')).toMatch(
      /^Backfill of shop\/days: 1 of 2 partitions/,
    );
    keep({ id: 'two' });
    const many = await command(root, 'backfill', '--resume', '--dry-run');
    expect(many.code).toBe(2);
    expect(many.stderr).toContain('COMMAND_INVALID: There are 2 unfinished backfills.');
    const { backfill } = await document(root, 'backfill', '--resume', 'two', '--dry-run', '--parallel', '2');
    expect(backfill).toMatchObject({ id: 'two', parallel: 2 });
  });

  test.each(['nothing', '../../package', ''])('there is none called "%s"', async (id) => {
    const { code, stderr } = await command(root, 'backfill', `--resume=${id}`);
    expect(code).toBe(2);
    expect(stderr).toContain(`PARTITION_UNKNOWN: There is no backfill ${id}.`);
  });

  test('there is none to resume', async () => {
    expect((await command(root, 'backfill', '--resume')).stderr).toContain(
      'There is no unfinished backfill to resume.',
    );
  });
});
