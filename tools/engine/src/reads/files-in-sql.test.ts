import { expect, test } from 'vitest';
import { filesInSql } from './files-in-sql.ts';

test.each<[string, readonly string[], (readonly unknown[])?]>([
  [`SELECT * FROM read_csv('a.csv')`, ['a.csv']],
  [`SELECT * FROM read_parquet(['a.parquet', 'b.parquet'])`, ['a.parquet', 'b.parquet']],
  [`SELECT * FROM READ_JSON_AUTO ( 'a.json' )`, ['a.json']],
  [`SELECT content FROM read_text('it''s.txt')`, [`it's.txt`]],
  [`SELECT * FROM 'a.csv'`, ['a.csv']],
  [`SELECT * FROM "a.csv" JOIN "b.csv" USING (id)`, ['a.csv', 'b.csv']],
  [`SELECT * FROM x, 'a.csv'`, ['a.csv']],
  [`FROM glob('data/*.csv')`, ['data/*.csv']],
  [`SELECT * FROM read_csv($$a.csv$$)`, ['a.csv']],
  [`SELECT * FROM read_csv($x$a.csv$x$)`, ['a.csv']],
  [`SELECT * FROM read_csv(?)`, ['a.csv'], ['a.csv', 3, null]],
  [`ATTACH 'a.duckdb' AS a`, ['a.duckdb']],
  [`COPY x FROM 'a.csv'`, ['a.csv']],
  [`COPY (FROM read_csv('a.csv')) TO 'b.csv'`, ['a.csv']],
  [`SELECT * FROM read_csv('a.csv') -- read_csv('b.csv')\n/* 'c.csv' */`, ['a.csv']],
  [`SELECT '--', x FROM read_csv('a.csv')`, ['--', 'a.csv']],
  [`FROM read_csv(?) WHERE "a.csv" > 0`, ['b'], ['b']],
  // Nothing that opens a file.
  [`SELECT * FROM x WHERE name IN ('a', 'b', 'c d')`, []],
  [`SELECT "a.csv" FROM "x"`, []],
  [`SELECT 'a.csv' AS name FROM x`, []],
  [`SELECT * FROM x WHERE name = ?`, [], ['a.csv']],
])('%s', (text, files, values = []) => {
  expect(filesInSql(text, values)).toEqual(files);
});
