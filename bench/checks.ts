// `npx node bench/checks.ts [rows]`: what each kind of check costs on a table of 1 000 000 rows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  accepted,
  asset,
  assetKey,
  type Check,
  type DataVersion,
  newest,
  notNull,
  pattern,
  range,
  refersTo,
  runChecks,
  steady,
  unique,
} from '@nx-assets/core';
import { columnsOf, DuckDb, literal, ParquetTable, renderSql } from '@nx-assets/storage';
import { z } from 'zod';

const Row = z.object({ id: z.int(), user: z.int(), kind: z.string(), at: z.string(), body: z.string() });
const users = asset({ description: 'd', schema: z.object({ id: z.int() }), materialize: () => [] });
const ROWS = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'nx-assets-checks-'));
const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(folder, 'spill') });
const connection = await duckdb.connect();

async function table(name: string, query: string, schema: z.ZodObject): Promise<ParquetTable> {
  const path = join(folder, name);
  const rowCount = await connection.run(`COPY (${query}) TO ${literal(path)} (FORMAT parquet)`);
  const facts = { key: assetKey('bench', 'rows'), paths: [path], rowCount, columns: columnsOf(schema) };
  return new ParquetTable({ ...facts, dataVersion: '' as DataVersion }, connection);
}

const rows = await table(
  'rows.parquet',
  `SELECT range AS id, range % ${ROWS / 10} AS user, ['a', 'b', 'c'][1 + range % 3] AS kind,
     '2026-05-01T' || lpad(CAST(range % 24 AS VARCHAR), 2, '0') || ':00:00Z' AS at,
     'text number ' || hash(range) || ' of some length, as people write it in a post' AS body
   FROM range(${ROWS})`,
  Row,
);
const parents = await table(
  'users.parquet',
  `SELECT range AS id FROM range(${ROWS / 10})`,
  z.object({ id: z.int() }),
);
const checks: readonly Check<z.infer<typeof Row>>[] = [
  notNull('body'),
  unique('id'),
  unique(['user', 'id']),
  accepted('kind', ['a', 'b', 'c']),
  range('id', { min: 0, max: 1_000_000 }),
  pattern('body', /^text number \d+/),
  refersTo('user', users, 'id'),
  newest('at', '1d'),
  steady('id', 'mean'),
  steady('kind', 'distinct'),
];

process.stdout.write('| check | CPU s |\n| --- | ---: |\n');
for (const check of checks) {
  const before = process.cpuUsage();
  const [result] = await runChecks([check], {
    value: rows,
    signal: new AbortController().signal,
    now: new Date('2026-05-01T12:00:00Z'),
    preview: true,
    query: async <T>(query: Parameters<typeof renderSql>[0]) => {
      const { text, values } = renderSql(query);
      return (await connection.rows(text, values)) as T[];
    },
    tableOf: () => parents,
    previousColumns: null,
    passedBefore: () => Promise.resolve([]),
  });
  const { user, system } = process.cpuUsage(before);
  if (!result?.passed) throw new Error(JSON.stringify(result));
  process.stdout.write(`| ${check.name} | ${((user + system) / 1e6).toFixed(2)} |\n`);
}
connection.close();
await duckdb.close();
rmSync(folder, { recursive: true, force: true });
