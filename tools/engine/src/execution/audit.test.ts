import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accepted,
  asset,
  assetKey,
  type Check,
  type CheckFunction,
  type CheckResult,
  type DataVersion,
  newest,
  notNull,
  pattern,
  range,
  refersTo,
  rowCount,
  sameSchema,
  sql,
  steady,
  steadyRowCount,
  type Table,
  unique,
} from '@nx-assets/core';
import { columnsOf, type Connection, DuckDb, literal, ParquetTable } from '@nx-assets/storage';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { audit, CheckFailure, enforce } from './audit.ts';

const Row = z.object({
  id: z.int().nullable(),
  name: z.string().nullable(),
  share: z.number().nullable(),
  at: z.string().nullable(),
});
type Row = z.infer<typeof Row>;
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
const duckdb = new DuckDb({ memoryLimit: '300MB', spillTo: join(folder, 'spill') });
let connection: Connection;
beforeAll(async () => (connection = await duckdb.connect()));
afterAll(async () => {
  connection.close();
  await duckdb.close();
  rmSync(folder, { recursive: true, force: true });
});

const parents = asset({ description: 'd', schema: z.object({ key: z.int() }), materialize: () => [] });
const key = assetKey('g', 'rows');
const NOW = new Date('2026-05-01T12:00:00Z');

async function tableAt(name: string, query: string): Promise<{ path: string; rowCount: number }> {
  const path = join(folder, name);
  const count = await connection.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
  return { path, rowCount: count };
}

type AnyCheck = Check<Row> | CheckFunction<Table<Row>>;

interface Options {
  readonly preview?: boolean;
  readonly counts?: readonly number[];
  readonly previous?: readonly object[] | null;
}

async function results(
  query: string,
  checks: readonly AnyCheck[],
  options: Options = {},
): Promise<CheckResult[]> {
  const { path, rowCount } = await tableAt('rows.parquet', query);
  const other = await tableAt('parents.parquet', 'SELECT unnest([1, 2, NULL]) AS key');
  const definition = asset({
    description: 'd',
    deps: { parents },
    schema: Row,
    preview: options.preview ?? true,
    checks,
    materialize: () => [],
  });
  const columns = columnsOf(Row);
  const facts = { key, paths: [other.path], rowCount: 3, columns: [], dataVersion: '' as DataVersion };
  const value = new ParquetTable(
    { key, paths: [path], rowCount, columns, dataVersion: '' as DataVersion },
    connection,
  );
  return audit({
    manifest: { key },
    definition,
    made: { value, columns },
    inputs: { parents: new ParquetTable(facts, connection) },
    connection,
    signal: new AbortController().signal,
    now: NOW,
    previous: options.previous === undefined ? null : ({ value: { columns: options.previous } } as never),
    passedBefore: (_check, runs) =>
      Promise.resolve((options.counts ?? []).slice(0, runs).map((value) => ({ value }))),
  });
}

const rowsOf = (rows: readonly Partial<Row>[]): string =>
  rows.length === 0
    ? `SELECT 1 AS id, '' AS name, 1.0::DOUBLE AS share, '' AS at LIMIT 0`
    : rows
        .map(({ id = null, name = null, share = null, at = null }) => {
          const text = (value: string | null) => (value === null ? 'NULL::VARCHAR' : literal(value));
          return `SELECT ${id}::BIGINT AS id, ${text(name)} AS name, ${share}::DOUBLE AS share, ${text(at)} AS at`;
        })
        .join(' UNION ALL ');
const GOOD = rowsOf([
  { id: 1, name: 'a', share: 0.5, at: '2026-05-01T11:00:00Z' },
  { id: 2, name: 'b', share: 1, at: null },
]);

describe('a check', () => {
  test.each<[AnyCheck, object]>([
    [rowCount({ min: 3 }), { facts: { rows: 2 }, rows: [] }],
    [rowCount({ max: 1 }), { facts: { rows: 2 } }],
    [notNull('at'), { facts: { failed: 1, rows: 2 }, rows: [{ id: 2, name: 'b', share: 1, at: null }] }],
    [accepted('name', ['a', "c'"]), { facts: { failed: 1, rows: 2 } }],
    [accepted('name', []), { facts: { error: expect.any(String) as unknown } }],
    [range('share', { max: 0.75 }), { facts: { failed: 1, rows: 2 } }],
    [range('id', { min: 2, max: 9 }), { facts: { failed: 1, rows: 2 } }],
    [pattern('name', /^A$/), { facts: { failed: 2, rows: 2 } }],
    [newest('at', '30m'), { facts: { newest: '2026-05-01T11:00:00Z', maxAgeMilliseconds: 1_800_000 } }],
    [{ name: 'none', passes: () => false }, { facts: {} }],
    [{ name: 'told', passes: () => ({ passed: false, facts: { seen: 1 } }) }, { facts: { seen: 1 } }],
    [
      {
        name: 'thrown',
        passes: () => {
          throw new Error('boom');
        },
      },
      { facts: { error: 'boom' } },
    ],
  ])('%# that does not pass says what it saw', async (given, expected) => {
    const [result] = await results(GOOD, [given]);
    expect(result).toMatchObject({ passed: false, severity: 'error', ...expected });
  });

  test.each<AnyCheck>([
    rowCount({ min: 2, max: 2 }),
    notNull('name'),
    unique(['id', 'name']),
    accepted('name', ['a', 'b']),
    range('share', { min: 0.5, max: 1 }),
    pattern('name', /^[AB]$/i),
    newest('at', '2h'),
    sameSchema(),
    steadyRowCount(),
    {
      name: 'counts',
      passes: async ({ value, query }) => {
        const [row] = await query<{ n: number }>(sql`SELECT count(*) AS n FROM ${value}`);
        return row?.n === 2 && (await value.rows()).length === 2;
      },
    },
  ])('%# that passes', async (given) => {
    expect(await results(GOOD, [given])).toMatchObject([{ passed: true, rows: [] }]);
  });

  test('of values that refer to another table', async () => {
    const given = refersTo('id', parents, 'key');
    expect(await results(GOOD, [given])).toMatchObject([{ passed: true }]);
    const [result] = await results(rowsOf([{ id: 1 }, { id: 7 }, { id: null }]), [given]);
    expect(result).toMatchObject({ passed: false, facts: { failed: 1, rows: 3 }, rows: [{ id: 7 }] });
  });

  test('of what repeats shows the values and how often, and at most 20 of them', async () => {
    const many = Array.from({ length: 30 }, (_, index) => [{ id: index }, { id: index }]).flat();
    const [result] = await results(rowsOf([...many, { id: null }, { id: null }]), [unique('id')]);
    expect(result?.facts).toEqual({ failed: 30, rows: 62 });
    expect(result?.rows).toHaveLength(20);
    expect(result?.rows[0]).toEqual({ id: 0, 'number of rows': 2 });
  });

  test('of columns names what was added, removed and changed', async () => {
    const [first, ...rest] = columnsOf(Row);
    const was = [
      { ...first, nullable: false },
      ...rest.slice(1),
      { name: 'gone', nullable: true, type: 'string' },
    ];
    const [result] = await results(GOOD, [sameSchema()], { previous: was });
    expect(result).toMatchObject({
      passed: false,
      facts: { added: ['name'], removed: ['gone'], changed: ['id'] },
    });
  });

  test('of row counts compares with the median of the last runs', async () => {
    const verdict = async (counts: readonly number[]) =>
      (await results(GOOD, [steadyRowCount({ factor: 2, runs: 3 })], { counts }))[0]?.passed;
    expect(await verdict([2, 3, 4])).toBe(true);
    expect(await verdict([5, 5, 2, 2, 2])).toBe(false);
    expect(await verdict([1])).toBe(true);
    expect(await verdict([])).toBe(true);
  });

  test.each([
    ['share', 'mean', 0.75],
    ['share', 'min', 0.5],
    ['share', 'max', 1],
    ['share', 'sum', 1.5],
    ['share', 'nulls', 0],
    ['at', 'nulls', 0.5],
    ['name', 'distinct', 2],
  ] as const)('of the steady %s compares its %s', async (column, statistic, value) => {
    const given = steady(column as 'share', statistic, { factor: 2 });
    const verdict = async (before: readonly number[]) =>
      (await results(GOOD, [given], { counts: before }))[0];
    expect(await verdict([])).toMatchObject({ passed: true, facts: { value, median: null } });
    expect(await verdict([value * 2])).toMatchObject({ passed: true });
    expect(await verdict([value * 2 + 0.001])).toMatchObject({ passed: false, facts: { value } });
  });

  test('of a steady number in an empty table has nothing to show for it', async () => {
    const given = [steady('share', 'mean')];
    expect(await results(rowsOf([]), given)).toMatchObject([{ passed: true, facts: { value: null } }]);
    expect(await results(rowsOf([]), given, { counts: [1] })).toMatchObject([{ passed: false }]);
  });

  test('of negative numbers knows which way is up', async () => {
    const negative = rowsOf([{ share: -2 }]);
    const verdict = async (before: number) =>
      (await results(negative, [steady('share', 'min')], { counts: [before] }))[0]?.passed;
    expect(await Promise.all([-1, -4].map(verdict))).toEqual([true, true]);
    expect(await Promise.all([-0.9, -4.1, 2].map(verdict))).toEqual([false, false, false]);
  });

  test('keeps rows to itself where the asset does', async () => {
    const [result] = await results(GOOD, [notNull('at')], { preview: false });
    expect(result).toMatchObject({ passed: false, facts: { failed: 1 }, rows: [] });
  });

  test('agrees with plain TypeScript on any rows', async () => {
    const row = fc.record({
      id: fc.option(fc.integer({ min: 0, max: 4 })),
      name: fc.option(fc.constantFrom('a', 'b', '', "'", 'ab')),
      share: fc.option(fc.constantFrom(-1, 0, 0.5, 2)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
        const found = await results(rowsOf(rows), [
          rowCount({ min: 2, max: 5 }),
          notNull('name'),
          unique('id'),
          accepted('name', ['a', '', "'"]),
          range('share', { min: 0, max: 1 }),
          pattern('name', /^a/),
        ]);
        const ids = rows.flatMap(({ id }) => id ?? []);
        expect(found.map(({ passed }) => passed)).toEqual([
          rows.length >= 2 && rows.length <= 5,
          rows.every(({ name }) => name !== null),
          new Set(ids).size === ids.length,
          rows.every(({ name }) => name === null || ['a', '', "'"].includes(name)),
          rows.every(({ share }) => share === null || (share >= 0 && share <= 1)),
          rows.every(({ name }) => name === null || name.startsWith('a')),
        ]);
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('enforcing', () => {
  const result = (passed: boolean, severity: 'warn' | 'error'): CheckResult => ({
    name: 'n',
    description: 'It holds.',
    severity,
    passed,
    facts: { failed: 4 },
    rows: [1, 2, 3, 4],
  });

  test('lets warnings and what passed through', () => {
    expect(() => enforce('g/a', [result(true, 'error'), result(false, 'warn')])).not.toThrow();
  });

  test('stops at an error, with what failed and the first rows', () => {
    const given = [result(true, 'error'), result(false, 'error')];
    expect(() => enforce('g/a', given)).toThrow(CheckFailure);
    expect(() => enforce('g/a', given)).toThrow(
      'CHECK_FAILED: g/a did not pass 1 of 2 checks:\n  n: It holds. (failed 4)\n    1\n    2\n    3\n',
    );
  });
});

test('a document is checked by functions', () => {
  const value = z.object({ total: z.number() });
  const definition = asset({
    description: 'd',
    value,
    checks: [{ name: 'positive_total', passes: ({ value: { total } }) => total > 0 }],
    materialize: () => ({ total: 1 }),
  });
  expect(definition.checks).toMatchObject([{ name: 'positive_total', severity: 'error', type: 'check' }]);
});
