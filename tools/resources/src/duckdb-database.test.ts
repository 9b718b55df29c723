import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from '@nx-assets/core';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { duckdbDatabase } from './duckdb-database.ts';
import { using } from './test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'duckdb-database-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string, mode: 'read' | 'write') =>
  duckdbDatabase({ description: 'A file.', values: { default: { path: join(folder, name), mode } } });
const Row = z.object({ n: z.int(), text: z.string() });

test('writes a file and reads it, with bound values, several steps at once', async () => {
  const odd = `'); DROP TABLE t; --`;
  const write = (n: number) =>
    using(at('a.duckdb', 'write'), (db) => db.run(sql`INSERT INTO t VALUES (${n}, ${odd})`));
  await using(at('a.duckdb', 'write'), (db) => db.run(sql`CREATE TABLE t (n INTEGER, text VARCHAR)`));
  expect(await Promise.all([1, 2, 3].map(write))).toEqual([1, 1, 1]);
  const rows = await using(at('a.duckdb', 'read'), (db) =>
    db.rows(Row, sql`SELECT * FROM t WHERE n > ${1} ORDER BY n`),
  );
  expect(rows).toEqual([2, 3].map((n) => ({ n, text: odd })));
  expect(readdirSync(folder)).toEqual(['a.duckdb']);
});

test('a reader writes nothing, makes no file, and does not share with a writer', async () => {
  const insert = sql`INSERT INTO t VALUES (9, '')`;
  await expect(using(at('a.duckdb', 'read'), (db) => db.run(insert))).rejects.toThrow(/read-only/);
  await expect(using(at('b.duckdb', 'read'), () => Promise.resolve())).rejects.toMatchObject({
    code: 'SOURCE_UNREADABLE',
  });
  const both = using(at('a.duckdb', 'write'), () => using(at('a.duckdb', 'read'), () => Promise.resolve()));
  await expect(both).rejects.toThrow('open to write, not to read');
});

test('a row that does not fit is refused', async () => {
  const asked = using(at('a.duckdb', 'read'), (db) => db.rows(Row, sql`SELECT 'x' AS n, '' AS text`));
  await expect(asked).rejects.toMatchObject({ code: 'ROWS_INVALID' });
});
