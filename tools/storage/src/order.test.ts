import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { literal, readParquet } from './duckdb.ts';
import { putInOrder } from './order.ts';
import { writeValue } from './value.ts';
import { useDuckDb } from './test-support.ts';

const db = useDuckDb('order');
const { root: folder } = db;

const Row = z.object({ id: z.int(), name: z.string().nullable(), share: z.number().nullable() });
type Row = z.infer<typeof Row>;
const target = join(folder, 'table.parquet');
const write = (result: unknown, orderBy: readonly string[]) =>
  writeValue({ type: 'table', schema: Row, orderBy }, result, {
    target,
    scratch: folder,
    source: 'a/table',
    preview: true,
    connection: db.connection,
  });
const rows = async () =>
  (await db.connection.rows(`SELECT * FROM ${readParquet(target)}`)) as unknown as Row[];

/** What the order means, without the engine: nulls last both ways, texts by their code points. */
const compare = (orderBy: readonly string[]) => (a: Row, b: Row) => {
  for (const key of orderBy) {
    const name = key.replace('-', '') as keyof Row;
    const [left, right] = [a[name], b[name]];
    if (left === right) continue;
    if (left === null) return 1;
    if (right === null) return -1;
    const less =
      typeof left === 'string'
        ? Buffer.compare(Buffer.from(left), Buffer.from(String(right))) < 0
        : Number(left) < Number(right);
    return less !== key.startsWith('-') ? -1 : 1;
  }
  return 0;
};

describe('the order of rows', () => {
  const row = fc.record({
    id: fc.integer({ min: -3, max: 3 }),
    name: fc.option(fc.constantFrom('a', 'b', 'B', 'é', '😀', '')),
    share: fc.option(fc.constantFrom(-1.5, 0, 2)),
  });
  const keys = fc
    .subarray(['id', 'name', 'share'])
    .chain((names) => fc.tuple(...names.map((name) => fc.constantFrom(name, `-${name}`))));

  test('is that of the keys, whatever comes; rows that tie are refused', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), keys, async (given, orderBy) => {
        const sorted = [...given].sort(compare(orderBy));
        const ties = sorted.some((one, index) => {
          const next = sorted[index + 1];
          return orderBy.length > 0 && next !== undefined && compare(orderBy)(one, next) === 0;
        });
        const written = write(given, orderBy);
        if (ties) {
          refused++;
          await expect(written).rejects.toMatchObject({ code: 'ORDER_AMBIGUOUS' });
        } else {
          await written;
          expect(await rows()).toEqual(sorted);
        }
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(10);
  }, 60_000);

  test('of a query is put right, whatever ORDER BY it has', async () => {
    const wrong = sql`SELECT range AS id, 'n' AS name, 1.5 AS share FROM range(5) ORDER BY id DESC`;
    expect((await write(wrong, ['id'])).preview).toMatchObject([
      { id: 0 },
      { id: 1 },
      { id: 2 },
      { id: 3 },
      { id: 4 },
    ]);
    expect((await rows()).map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
  });

  test('makes the same bytes, however the rows came', async () => {
    const query = (order: string) => ({
      ...sql``,
      strings: [`SELECT range AS id, 'n' AS name, 1.5 AS share FROM range(300000) ORDER BY ${order}`],
    });
    const versions = [];
    for (const order of ['id', 'id DESC', 'hash(id)'])
      versions.push((await write(query(order), ['id'])).dataVersion);
    expect(new Set(versions)).toHaveLength(1);
  });

  test('that is right already is left as it is: nothing is written again', async () => {
    await db.connection.run(
      `COPY (SELECT range AS id FROM range(10)) TO ${literal(target)} (FORMAT parquet)`,
    );
    const { ino } = statSync(target);
    await putInOrder(target, ['id'], 'a/table', db.connection);
    expect(statSync(target).ino).toBe(ino);
    await putInOrder(target, ['-id'], 'a/table', db.connection);
    expect(statSync(target).ino).not.toBe(ino);
    expect(readdirSync(folder).filter((name) => name.includes('sorted'))).toEqual([]);
  });

  test('that is left to chance is refused with the keys that repeat', async () => {
    const given = [7, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6].map((id) => ({ id, name: null, share: null }));
    await expect(write(given, ['name', 'id'])).rejects.toThrow(
      'ORDER_AMBIGUOUS: Several rows of a/table have the same name, id, so orderBy does not determine their order:\n' +
        '  name null, id 1: 2 rows\n  name null, id 2: 3 rows\n  name null, id 3: 2 rows\n' +
        '  name null, id 4: 2 rows\n  name null, id 5: 2 rows\n  … and 1 more\n' +
        'Add a column to `orderBy`',
    );
  });
});
