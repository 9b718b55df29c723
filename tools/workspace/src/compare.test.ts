import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { History, LogEvent } from '@nx-assets/event-log';
import { type AssetRecord, hashFile } from '@nx-assets/storage/records';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compare, recordIn, stateOf } from './compare.ts';
import { openHistory } from './history.ts';
import { compareRows, countDifference, page, query } from './query-tables.ts';
import {
  DAYS,
  make,
  makeLab,
  NUMBERS,
  openLab,
  remember,
  REPORT,
  runOf,
  SIZED,
  TOTAL,
  writeParquet,
} from './test-support.ts';

const lab = makeLab();
const { root } = lab;
const before = join(root, "it's before.parquet");
const after = join(root, 'after.parquet');
beforeAll(async () => {
  const columns = '(id, name, gone)';
  await writeParquet(
    root,
    before,
    `FROM (VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0), (3, 'c', 0)) t${columns}`,
  );
  await writeParquet(
    root,
    after,
    `FROM (VALUES (1, 'a', 1), (2, 'B', 1), (3, 'c', 1), (4, NULL, 1)) t(id, name, new)`,
  );
});

describe('rows of two files', () => {
  test('are counted by the columns that both have, as often as they are there', async () => {
    expect(await countDifference(before, after)).toEqual({ added: 2, removed: 2 });
    expect(await countDifference(after, before)).toEqual({ added: 2, removed: 2 });
    expect(await countDifference(before, before)).toEqual({ added: 0, removed: 0 });
  });

  test('differ in nothing where no column is in both', async () => {
    const other = join(root, 'other.parquet');
    await writeParquet(root, other, 'SELECT 1 AS x');
    expect(await countDifference(before, other)).toEqual({ added: 0, removed: 0 });
  });

  const columns = ['id', 'name'];
  test('are matched by the first key that names one row in each', async () => {
    const unique = join(root, 'unique.parquet');
    await writeParquet(root, unique, `SELECT DISTINCT id, name FROM '${before.replaceAll("'", "''")}'`);
    const found = await compareRows({ before: unique, after, keys: ['id'], columns, limit: 10 });
    expect(found).toEqual({
      by: ['id'],
      columns,
      counts: { added: 1, removed: 0, changed: 1 },
      rows: [
        { change: 'changed', was: { id: 2, name: 'b' }, now: { id: 2, name: 'B' } },
        // A row of nulls is a row.
        { change: 'added', was: null, now: { id: 4, name: null } },
      ],
    });
    const few = await compareRows({ before: unique, after, keys: ['id'], columns, limit: 0 });
    expect([few.counts, few.rows]).toEqual([found.counts, []]);
  });

  test('are compared whole where no key does', async () => {
    const found = await compareRows({ before, after, keys: ['id'], columns, limit: 10 });
    expect([found.by, found.counts]).toEqual([[], { added: 2, removed: 1, changed: 0 }]);
  });
});

test('a page is some rows in an order, and says how many there are', async () => {
  const table = { paths: [after], columns: [] };
  const found = await page(table, 'ORDER BY id DESC', { offset: 1, limit: 2 });
  expect(found.total).toBe(4);
  expect(found.rows.map(({ id }) => id)).toEqual([3, 2]);
  expect((await page(table, '', { offset: 9, limit: 2 })).rows).toEqual([]);
});

describe('a query', () => {
  test('sees materialized tables by group and name, their partitions as one', async () => {
    await make({ root }, NUMBERS, 'SELECT 1::BIGINT AS id, 5::BIGINT AS n');
    await make({ root }, TOTAL, '5');
    await make({ root }, DAYS, 'SELECT 1::BIGINT AS n', { partition: '2026-03-01' });
    await make({ root }, DAYS, 'SELECT 2::BIGINT AS n', { partition: '2026-03-04' });
    const workspace = await openLab(root);
    expect(await query(workspace, 'SELECT n FROM lab.numbers; ', 10)).toEqual([{ n: 5 }]);
    expect(await query(workspace, 'SELECT n FROM days ORDER BY n', 10)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(await query(workspace, 'SELECT n FROM days ORDER BY n', 1)).toEqual([{ n: 1 }]);
    await expect(query(workspace, 'SELECT * FROM lab.total', 1)).rejects.toMatchObject({
      code: 'SQL_FAILED',
    });
  });

  test.each([
    `SELECT * FROM read_text('/etc/passwd')`,
    `SELECT * FROM read_csv('${import.meta.filename}')`,
    `SELECT * FROM glob('/etc/*')`,
    `SELECT 1) TO '/tmp/x.csv'; COPY (SELECT 1`,
    `SELECT 1); SET enable_external_access = true; FROM (SELECT * FROM read_text('/etc/passwd')`,
    `SELECT 1); ATTACH '/tmp/other.db' AS other; FROM (SELECT 1`,
    `SELECT 1); INSTALL httpfs; FROM (SELECT 1`,
  ])('nothing else of the machine: %s', async (sql) => {
    await expect(query(await openLab(root), sql, 10)).rejects.toMatchObject({ code: 'SQL_FAILED' });
  });

  test('a query that takes too long is ended', async () => {
    const endless = 'SELECT count(*) AS n FROM range(1000000000) a, range(1000000000) b';
    await expect(query(await openLab(root), endless, 1, 200)).rejects.toThrow(
      'The query took longer than 0.2 s.',
    );
  });

  test('a comment at the end of a query', async () => {
    expect(await query(await openLab(root), 'SELECT 1 AS n -- one', 10)).toEqual([{ n: 1 }]);
  });
});

describe('two states', () => {
  const materialized = (runId: string, at: number, record: AssetRecord): LogEvent => ({
    ...{ type: 'materialized', runId, at, key: record.key, partition: null, dataVersion: record.dataVersion },
    ...{ actionKey: 'a', codeVersion: 'c', rowCount: null, bytes: null },
    record: JSON.parse(JSON.stringify(record)) as LogEvent extends { record: infer R } ? R : never,
  });
  let was: AssetRecord;
  let now: AssetRecord;
  let history: History;
  beforeAll(async () => {
    const statistics = (n: string) => ({
      n: { nulls: 0, min: n, max: n },
      id: { nulls: null, min: null, max: null },
    });
    was = await make({ root }, NUMBERS, 'SELECT 1::BIGINT AS id, 5::BIGINT AS n', {
      record: { statistics: statistics('5') },
    });
    // What was lies in the cache of Nx, under the action key.
    const cached = `.nx/cache/${was.actionKey}/${was.value.path}`;
    lab.write({ [cached]: '' });
    await writeParquet(root, join(root, cached), 'SELECT 1::BIGINT AS id, 5::BIGINT AS n');
    expect(hashFile(join(root, cached))).toBe(was.dataVersion);
    now = await make({ root }, NUMBERS, 'FROM (VALUES (1::BIGINT, 5::BIGINT), (2, 6)) t(id, n)', {
      record: { statistics: statistics('6') },
    });
    const sized = await make({ root }, SIZED, '2');
    const events = (runId: string, at: number, record: AssetRecord) => {
      const [started, ...rest] = runOf({ runId, at, key: record.key });
      return started ? [started, materialized(runId, at + 1, record), ...rest] : [];
    };
    await remember(root, [
      ...events('one', 1000, was),
      ...events('two', 2000, now),
      ...events('three', 3000, sized),
    ]);
    history = await openHistory(root);
  });
  afterAll(() => history.close());

  test('are what was in force when a run had ended', async () => {
    const workspace = await openLab(root);
    const state = async (text: string) =>
      Object.fromEntries(
        [...(await stateOf(text, workspace, history))].map(([key, { dataVersion }]) => [key, dataVersion]),
      );
    expect(await state('one')).toEqual({ [NUMBERS]: was.dataVersion });
    expect(await state('two')).toEqual({ [NUMBERS]: now.dataVersion });
    expect(Object.keys(await state('last')).sort()).toEqual([NUMBERS, SIZED]);
    await expect(state('never')).rejects.toThrow('There is no run never.');
  });

  test('are one record, of the history or of a file', async () => {
    const workspace = await openLab(root);
    const [newest] = await history.materializations(NUMBERS, { limit: 1 });
    const kept = await stateOf(`record:${newest?.id}`, workspace, history);
    expect(kept.get(NUMBERS)?.dataVersion).toBe(now.dataVersion);
    await expect(stateOf('record:999', workspace, history)).rejects.toThrow('The history has no record 999.');
    lab.write({
      'was.json': JSON.stringify(was),
      'none.json': '{}',
      'torn.json': '{',
      'short.json': JSON.stringify({ key: NUMBERS }),
    });
    expect(recordIn(join(root, 'was.json'))?.get(NUMBERS)).toEqual(was);
    mkdirSync(join(root, 'folder.json'));
    for (const file of ['none.json', 'torn.json', 'short.json', 'folder.json'])
      expect(() => recordIn(join(root, file))).toThrow(/is no record of an asset/);
    // A file that is not there may be the name of a run.
    expect(recordIn('gone.json')).toBeNull();
    // Pages ask for runs by name, and must not read files by that.
    await expect(stateOf(join(root, 'was.json'), workspace, history)).rejects.toThrow('There is no run ');
  });

  test('differ in rows, columns and statistics', async () => {
    const workspace = await openLab(root);
    const [id, n] = now.value.columns ?? [];
    if (!id || !n) throw new Error('It has two columns.');
    const older = {
      ...was,
      value: {
        ...was.value,
        columns: [
          { ...n, type: 'number' as const },
          { ...id, name: 'old' },
        ],
      },
    };
    expect(await compare(NUMBERS, older, now, workspace)).toEqual({
      key: NUMBERS,
      status: 'changed',
      rowCount: [1, 2],
      columns: { added: ['id'], removed: ['old'], changed: ['n'] },
      statistics: [{ column: 'n', was: '5 to 5, 0 null', now: '6 to 6, 0 null' }],
      rows: { added: 1, removed: 0 },
    });
  });

  test('say nothing of rows where a value is gone', async () => {
    const lost = { ...was, actionKey: 'f'.repeat(64) };
    const diff = await compare(NUMBERS, lost, now, await openLab(root));
    expect([diff.rows, diff.rowCount]).toEqual([null, [1, 2]]);
  });

  test('have what only one of them has', async () => {
    const workspace = await openLab(root);
    expect(await compare(NUMBERS, undefined, now, workspace)).toMatchObject({
      ...{ status: 'added', rowCount: [null, 2], rows: null, statistics: [] },
      columns: { added: ['id', 'n'], removed: [] },
    });
    expect(await compare(NUMBERS, was, undefined, workspace)).toMatchObject({
      ...{ status: 'removed', rowCount: [1, null] },
      columns: { added: [], removed: ['id', 'n'] },
    });
    expect((await compare(REPORT, undefined, undefined, workspace)).rowCount).toEqual([null, null]);
  });
});
