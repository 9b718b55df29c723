import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AssetError,
  assetKey,
  type DataVersion,
  type FileValue,
  sql,
  type Table,
  type TableQuery,
} from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { columnsOf } from './columns.ts';
import { readParquet, readTable } from './duckdb.ts';
import { hashFile } from './hash.ts';
import { renderQuery } from './query.ts';
import type { ValueRecord } from './record.ts';
import { valueAt } from './open-value.ts';
import { type Written, writeValue } from './value.ts';
import { useDuckDb } from './test-support.ts';

const db = useDuckDb('value');
const { root } = db;

let counter = 0;
const scopeFor = (name: string, preview = true) => {
  const scratch = join(root, `scratch-${counter++}`);
  mkdirSync(scratch, { recursive: true });
  return { target: join(root, name), scratch, source: 'test/asset', preview, connection: db.connection };
};
const write = (schema: z.ZodObject, result: unknown, name = 'table.parquet', preview = true) =>
  writeValue({ type: 'table', schema, orderBy: [] }, result, scopeFor(name, preview));
const open = (written: Written, type: ValueRecord['type'], path: string) => {
  const { bytes, rowCount, columns, dataVersion } = written;
  const value = { type, path, bytes, rowCount, columns };
  return valueAt(join(root, path), { key: assetKey('test', 'asset'), dataVersion, value }, db.connection);
};
const tableOf = async <S extends z.ZodObject>(schema: S, result: unknown, name?: string) =>
  open(await write(schema, result, name), 'table', name ?? 'table.parquet') as Table<z.output<S>>;
const errorOf = async (promise: Promise<unknown>): Promise<AssetError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AssetError) return error;
  throw new Error(`Not an AssetError: ${String(error)}`);
};

const Wide = z.object({
  text: z.string(),
  maybe: z.string().nullable(),
  int: z.int(),
  double: z.number(),
  flag: z.boolean(),
  colour: z.enum(['red', 'green']).nullable(),
  place: z
    .object({ city: z.string(), geo: z.object({ lat: z.number(), tags: z.array(z.string()) }).nullable() })
    .nullable(),
  ids: z.array(z.int()),
  parts: z.array(z.object({ name: z.string(), size: z.int().nullable() })).nullable(),
  either: z.union([z.string(), z.int()]),
  bag: z.record(z.string(), z.int()),
});
type WideRow = z.output<typeof Wide>;

const awkward = fc.constantFrom(
  '"',
  "'",
  '\n',
  '\r\n',
  '\t',
  '\\',
  '\\u0041',
  '\u0000',
  '😀',
  'é',
  'שלום',
  ',',
  '=1+1',
  'NULL',
  'null',
  '',
  ' ',
  '\ud800',
  '\udc00',
);
const text = fc
  .oneof(
    fc.string(),
    fc.array(awkward, { maxLength: 4 }).map((parts) => parts.join('')),
  )
  .map((value) => value.toWellFormed());
const int = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const wideRow: fc.Arbitrary<WideRow> = fc.record({
  text,
  maybe: nullable(text),
  int,
  double,
  flag: fc.boolean(),
  colour: nullable(fc.constantFrom('red' as const, 'green' as const)),
  place: nullable(
    fc.record({
      city: text,
      geo: nullable(fc.record({ lat: double, tags: fc.array(text, { maxLength: 3 }) })),
    }),
  ),
  ids: fc.array(int, { maxLength: 3 }),
  parts: nullable(fc.array(fc.record({ name: text, size: nullable(int) }), { maxLength: 2 })),
  either: fc.oneof(text, int),
  bag: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), int, { maxKeys: 3 }),
});

/** What a file can hold of a value: one zero. */
function storable<T>(value: T): T {
  if (typeof value === 'number') return (Object.is(value, -0) ? 0 : value) as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, storable(field as unknown)]),
  ) as T;
}

describe('a table', () => {
  test('gives back the rows that were written, and the same rows make the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wideRow, { maxLength: 6 }), async (rows) => {
        const table = await tableOf(Wide, rows);
        const first = hashFile(table.path);
        expect(table.dataVersion).toBe(first);
        expect(table.rowCount).toBe(rows.length);
        expect(await table.rows()).toEqual(storable(rows));
        expect((await tableOf(Wide, new Set(rows))).dataVersion).toBe(first);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test('takes rows from a generator, and keeps their order', async () => {
    const Row = z.object({ n: z.int() });
    const rows = async function* () {
      for (let n = 3000; n > 0; n--) {
        if (n % 1000 === 0) await Promise.resolve();
        yield { n };
      }
    };
    const table = await tableOf(Row, rows());
    const read: number[] = [];
    for await (const { n } of table.stream()) read.push(n);
    expect(read).toEqual(Array.from({ length: 3000 }, (_, index) => 3000 - index));
  });

  test('of no rows has its columns all the same', async () => {
    const table = await tableOf(Wide, []);
    expect(await table.rows()).toEqual([]);
    expect(table.columns).toEqual(columnsOf(Wide));
  });

  test('holds what zod makes of the rows: defaults, trimmed texts', async () => {
    const Row = z.object({
      name: z.string().trim(),
      city: z.string().default('?'),
      phone: z.string().nullable().default(null),
    });
    const table = await tableOf(Row, [{ name: ' a ', other: undefined }]);
    expect(await table.rows()).toEqual([{ name: 'a', city: '?', phone: null }]);
  });

  test('drops no field of a row that its schema does not name', async () => {
    const Row = z.object({
      a: z.array(z.object({ b: z.int() }).nullable()),
      any: z.unknown(),
      made: z.string().transform((text) => ({ text })),
    });
    const fits = { a: [{ b: 1 }, null], any: { c: 1 }, made: 'x' };
    expect((await write(Row, [fits])).rowCount).toBe(1);
    const { code, facts } = await errorOf(
      write(Row, [fits, { ...fits, other: 1 }, { ...fits, a: [{ b: 1, c: 2 }] }]),
    );
    expect(code).toBe('ROWS_INVALID');
    expect(facts).toMatch(/^2 of 3 rows/);
    expect(facts).toContain('  row 2, other: It is not in the schema');
    expect(facts).toContain('  row 3, a.0.c: It is not in the schema');
  });

  const Item = z.object({ b: z.int() });
  const Tree = z.object({
    b: z.int(),
    get branches() {
      return z.array(Tree);
    },
  });
  const Kinds = z.discriminatedUnion('k', [
    z.object({ k: z.literal('c') }),
    z.object({ k: z.literal('b'), b: z.int() }),
  ]);
  test.each<[string, z.ZodType, unknown, string]>([
    ['one of several kinds', Kinds, { k: 'b', b: 1, c: 2 }, 'v.c'],
    ['a list of kinds', z.array(Kinds), [{ k: 'c' }, { k: 'c', b: 2 }], 'v.1.b'],
    ['a record', z.record(z.string(), Item), { x: { b: 1, c: 2 } }, 'v.x.c'],
    ['a record, of a name', z.record(z.string(), z.int()), JSON.parse('{"__proto__":1}'), 'v.__proto__'],
    ['a tuple', z.tuple([Item], Item), [{ b: 1 }, { b: 1, c: 2 }], 'v.1.c'],
    ['both of two', z.intersection(Item, z.object({ d: z.int() })), { b: 1, d: 1, c: 2 }, 'v.c'],
    ['what is looked up late', z.lazy(() => Item), { b: 1, c: 2 }, 'v.c'],
    ['a tree', Tree, { b: 1, branches: [{ b: 2, branches: [], c: 3 }] }, 'v.branches.0.c'],
    ['what has a substitute', Item.catch({ b: 0 }), { b: 1, c: 2 }, 'v.c'],
    [
      'what takes any fields',
      z.union([z.int(), z.looseObject({ i: Item })]),
      { x: 1, i: { b: 1, c: 2 } },
      'v.i.c',
    ],
    ['an object without fields', z.object({}), { c: 1 }, 'v.c'],
  ])('drops none in %s', async (_name, field, value, path) => {
    const { code, facts } = await errorOf(write(z.object({ v: field }), [{ v: value }]));
    expect([code, facts]).toEqual(['ROWS_INVALID', expect.stringContaining(`row 1, ${path}: It is not in`)]);
  });

  test.each<[z.ZodType, unknown]>([
    [z.union([z.int(), z.looseObject({ b: z.int() })]), { b: 1, c: 2 }],
    [z.intersection(Item, z.record(z.string(), z.int())), { b: 1, c: 2 }],
    [Item.nullable().catch(null), { b: 'x', c: 2 }],
    [Kinds, { k: 'b', b: 1, c: undefined }],
    [z.json(), { any: [{ b: 1 }] }],
  ])('and refuses nothing that is kept: %#', async (field, value) => {
    expect((await write(z.object({ v: field }), [{ v: value }])).rowCount).toBe(1);
  });

  test.each<[z.ZodType, unknown, string]>([
    [z.unknown(), [1, undefined], 'v.1: undefined is nothing'],
    [z.unknown(), [1, , 2], 'v.1: undefined is nothing'],
    [z.array(z.string().optional()), ['a', undefined], 'v.1: undefined is nothing'],
    [z.object({ a: z.array(z.int().nullish()) }), { a: [undefined] }, 'v.a.0: undefined is nothing'],
    [z.string(), 'cut 😀'.slice(0, -1), 'v: It has half of a character'],
    [z.array(z.string()), ['a', '\ud800'], 'v.1: It has half of a character'],
    [z.record(z.string(), z.int()), { '\udc00': 1 }, 'v: It has half of a character'],
  ])('keeps nothing that a file would hold as something else: %#', async (field, value, words) => {
    const { code, facts } = await errorOf(write(z.object({ v: field }), [{ v: value }]));
    expect([code, facts]).toEqual(['ROWS_INVALID', expect.stringContaining(`row 1, ${words}`)]);
  });

  test.each([
    [Number.NaN, 'v.x: NaN'],
    [1n, 'v.x: 1'],
    [new Date(0), 'v.x: a Date'],
    [new Map([[1, 2]]), 'v.x: a Map'],
    [() => 1, 'v.x: a function'],
  ])('keeps nothing in JSON that would come back as something else: %#', async (x, words) => {
    const { code, facts } = await errorOf(write(z.object({ v: z.unknown() }), [{ v: { x } }]));
    expect(code).toBe('ROWS_INVALID');
    expect(facts).toContain(`row 1, ${words} is nothing that JSON can hold`);
  });

  test('reads rows that are longer than a block', async () => {
    const Row = z.object({ body: z.string() });
    const rows = [{ body: 'é'.repeat(1_500_000) }, { body: 'x' }];
    expect(await (await tableOf(Row, rows)).rows()).toEqual(rows);
  });

  test('lies at a path with quotes as well', async () => {
    const Row = z.object({ n: z.int() });
    expect(await (await tableOf(Row, [{ n: 1 }], `it's "a" table.parquet`)).rows()).toEqual([{ n: 1 }]);
  });

  test('takes no column from the name of a folder above it', async () => {
    mkdirSync(join(db.root, 'day=1', 'x=2'), { recursive: true });
    const Row = z.object({ day: z.string() });
    const one = await tableOf(Row, [{ day: 'monday' }], 'day=1/one.parquet');
    const two = await tableOf(Row, sql`SELECT * FROM ${one}`, 'day=1/x=2/two.parquet');
    expect(await two.rows()).toEqual([{ day: 'monday' }]);
    const all = readTable({ ...two, paths: [...one.paths, ...two.paths] });
    expect(await db.connection.rows(`SELECT * FROM ${all}`)).toEqual([{ day: 'monday' }, { day: 'monday' }]);
    const path = join(db.root, 'day=1', 'document.json');
    writeFileSync(path, '[{"day": "monday"}]');
    const document = await tableOf(Row, { type: 'json-document', path, source: 'x' }, 'day=1/three.parquet');
    expect(await document.rows()).toEqual([{ day: 'monday' }]);
  });

  test.each([
    [null, 'returned null'],
    [undefined, 'returned undefined'],
    [{ n: 1 }, 'returned object'],
    ['SELECT 1', 'returned string'],
  ])('made of %j is MATERIALIZE_RESULT', async (result, message) => {
    const error = await errorOf(write(z.object({ n: z.int() }), result));
    expect(error).toMatchObject({ code: 'MATERIALIZE_RESULT', blame: 'author' });
    expect(error.facts).toContain(`test/asset ${message} instead of rows or a query`);
  });

  test('refuses rows that do not fit, shows 20 and counts all', async () => {
    const Row = z.object({ id: z.int(), name: z.string() });
    const rows = Array.from({ length: 30 }, (_, index) =>
      index < 25 ? { id: String(index) } : { id: index, name: 'a' },
    );
    const { code, facts } = await errorOf(write(Row, rows));
    expect(code).toBe('ROWS_INVALID');
    expect(facts).toMatch(/^25 of 30 rows from test\/asset do not match/);
    expect(facts).toMatch(/row 1, id: .*expected number.*; name: /);
    expect(facts.match(/^ {2}row /gm)).toHaveLength(20);
  });

  test('stops looking where nearly nothing fits', async () => {
    let asked = 0;
    const rows = function* () {
      for (;;) yield { id: asked++ > 0 ? 'x' : 'y' };
    };
    const { facts } = await errorOf(write(z.object({ id: z.int() }), rows()));
    expect(facts).toMatch(/^at least 10000 rows/);
    expect(asked).toBe(10_000);
  });
});

describe('a query as a table', () => {
  const Row = z.object({ id: z.int(), name: z.string().nullable(), share: z.number() });

  test('is fitted to the schema: order of columns, types', async () => {
    const table = await tableOf(
      Row,
      sql`SELECT 0.5::DECIMAL(4, 2) AS share, ${'a'} AS name, 7::HUGEINT AS id UNION ALL SELECT 1, NULL, 8`,
    );
    expect(await table.rows()).toEqual([
      { id: 7, name: 'a', share: 0.5 },
      { id: 8, name: null, share: 1 },
    ]);
    expect(Object.keys((await table.rows())[0] ?? {})).toEqual(['id', 'name', 'share']);
  });

  test('over a table and a query inside a query, with bound values', async () => {
    const table = await tableOf(
      Row,
      [1, 2, 3].map((id) => ({ id, name: `it's ${id}`, share: id })),
      'source.parquet',
    );
    const inner = sql`SELECT * FROM ${table} WHERE id >= ${2}`;
    const result = await tableOf(
      Row,
      sql`SELECT * FROM ${inner} WHERE name <> ${"it's 3"}`,
      'result.parquet',
    );
    expect(await result.rows()).toEqual([{ id: 2, name: "it's 2", share: 2 }]);
  });

  test.each([
    ['SELECT 1 AS id, 1.0 AS share', '"name" is missing'],
    [`SELECT 1 AS id, 'a' AS name, 1.0 AS share, 2 AS more`, '"more" is not in the schema'],
    [`SELECT 'x' AS id, 'a' AS name, 1.0 AS share`, '"id" is VARCHAR, not integer'],
    [`SELECT 1.5 AS id, 'a' AS name, 1.0 AS share`, '"id" is DECIMAL(2,1), not integer'],
    [`SELECT 1 AS id, ['a'] AS name, 1.0 AS share`, '"name" is VARCHAR[], not string'],
    [`SELECT 1 AS id, DATE '2020-01-01' AS name, 1.0 AS share`, '"name" is DATE, not string'],
    [`SELECT 1 AS id, 'a' AS name, [1.5] AS share`, '"share" is DECIMAL(2,1)[], not number'],
  ])('%s: says that %s', async (text, problem) => {
    const error = await errorOf(write(Row, { type: 'sql', strings: [text], values: [] }));
    expect(error).toMatchObject({ code: 'SCHEMA_MISMATCH', blame: 'author' });
    expect(error.facts).toContain(problem);
  });

  test('a list of objects is no object', async () => {
    const error = await errorOf(
      write(z.object({ a: z.object({ x: z.int() }) }), sql`SELECT [{'x': 1}] AS a`),
    );
    expect(error.code).toBe('SCHEMA_MISMATCH');
  });

  test('a value in it that has half of a character is refused, where the engine would read another', async () => {
    const error = await errorOf(
      write(Row, sql`SELECT 1 AS id, ${'cut 😀'.slice(0, -1)} AS name, 1.0 AS share`),
    );
    expect([error.code, error.facts]).toEqual(['SQL_FAILED', expect.stringContaining('half of a character')]);
  });

  test('an error in it comes with its text', async () => {
    const error = await errorOf(write(Row, sql`SELECT nothing FROM nowhere`));
    expect(error).toMatchObject({ code: 'SQL_FAILED', blame: 'author' });
    expect(error.facts).toContain('SELECT nothing FROM nowhere');
  });
});

describe('rows of a query that do not fit the schema', () => {
  const Row = z.object({
    id: z.int().min(0),
    status: z.enum(['open', 'done']).nullable(),
    score: z.number().lt(100),
    place: z.object({ city: z.string(), zip: z.int().max(9) }).nullable(),
  });
  /** A good row, but for what `bad` changes in the rows with the given ids. */
  const rowsOf = (count: number, bad: Readonly<Record<number, string>>) => {
    const column = (name: string, good: string) =>
      `CASE ${Object.entries(bad)
        .filter(([, change]) => change.startsWith(`${name}=`))
        .map(([id, change]) => `WHEN range = ${id} THEN ${change.slice(name.length + 1)}`)
        .concat('WHEN FALSE THEN NULL')
        .join(' ')} ELSE ${good} END`;
    const place = `{'city': 'x', 'zip': 1}`;
    const text = `SELECT ${column('id', 'range')} AS id, ${column('status', "'open'")} AS status,
      ${column('score', '1e0')} AS score, ${column('place', place)} AS place FROM range(${count})`;
    return { type: 'sql', strings: [text], values: [] };
  };
  const bad = {
    3: 'id=-1',
    5: 'id=NULL',
    10: `status='other'`,
    11: 'score=100e0',
    12: `score='infinity'::DOUBLE`,
    13: `score='nan'::DOUBLE`,
    14: `place={'city': NULL, 'zip': 1}`,
    15: `place={'city': 'x', 'zip': 10}`,
    16: 'place=NULL',
    17: 'status=NULL',
  };

  // Up to 10 000 rows zod looks at each one; beyond, the engine does.
  test.each([100, 20_000])('are the same ones among %i rows', async (count) => {
    const { code, facts } = await errorOf(write(Row, rowsOf(count, bad)));
    expect(code).toBe('ROWS_INVALID');
    expect(facts).toMatch(new RegExp(`^8 of ${count} rows from test/asset`));
    const shown = [...facts.matchAll(/^ {2}row (\d+), (\w+(?:\.\w+)?): (.*)$/gm)].map(
      ([, row, field]) => `${row} ${field}`,
    );
    expect(shown).toEqual([
      '4 id',
      '6 id',
      '11 status',
      '12 score',
      '13 score',
      '14 score',
      '15 place.city',
      '16 place.zip',
    ]);
  });

  test.each([100, 20_000])('are none among %i rows that fit', async (count) => {
    expect((await write(Row, rowsOf(count, { 16: 'place=NULL', 17: 'status=NULL' }))).rowCount).toBe(count);
  });

  test.each<[string, z.ZodType, string]>([
    ['a format', z.iso.datetime(), `'garbage'`],
    ['a pattern', z.string().regex(/^a/), `'garbage'`],
    ['a refinement', z.string().refine((text) => text === 'x'), `'garbage'`],
    ['a null in a list', z.array(z.string()), `['a', NULL]`],
    ['a rule in a struct', z.object({ a: z.string().max(2) }), `{'a': 'abc'}`],
  ])('are found by %s, however many rows there are', async (_name, v, value) => {
    const text = `SELECT ${value} AS v FROM range(10001)`;
    const error = await errorOf(write(z.object({ v }), { type: 'sql', strings: [text], values: [] }));
    expect(error.code).toBe('ROWS_INVALID');
    expect(error.facts).toMatch(/^at least 10000 of 10001 rows/);
  });

  test('are 20 of many', async () => {
    const { facts } = await errorOf(
      write(z.object({ id: z.int().max(0) }), sql`SELECT range AS id FROM range(20001)`),
    );
    expect(facts).toMatch(/^at least 10000 of 20001 rows/);
    expect(facts.match(/^ {2}row /gm)).toHaveLength(20);
  });

  test('a schema that asks for nothing more needs no look', async () => {
    const Loose = z.object({ name: z.string().nullable() });
    expect((await write(Loose, sql`SELECT 'a' AS name FROM range(20000)`)).rowCount).toBe(20_000);
  });

  test('an id beyond 2^53 - 1 is refused where it would lose digits', async () => {
    const error = await errorOf(write(z.object({ id: z.int() }), sql`SELECT 9007199254740992 AS id`));
    expect(error.code).toBe('NUMBER_UNSAFE');
  });
});

describe('a JSON value', () => {
  const Value = z.object({ total: z.int(), names: z.array(z.string()), at: z.string().optional() });
  const writeJson = (schema: z.ZodType, result: unknown, preview = true) =>
    writeValue({ type: 'json', schema }, result, scopeFor('value.json', preview));

  test('comes back as it was, and the same value makes the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ total: int, names: fc.array(text) }), async (value) => {
        const written = await writeJson(Value, value);
        expect(open(written, 'json', 'value.json')).toEqual(storableNumbers(value));
        expect((await writeJson(Value, { names: value.names, total: value.total })).dataVersion).toBe(
          written.dataVersion,
        );
      }),
    );
  });

  const storableNumbers = <T extends { total: number }>(value: T) => ({ ...value, total: value.total + 0 });

  test('is kept in the record with long parts cut, or not at all', async () => {
    const value = { total: 1, names: Array.from({ length: 30 }, () => 'x'.repeat(300)) };
    expect((await writeJson(Value, value)).preview).toEqual({
      total: 1,
      names: Array.from({ length: 20 }, () => `${'x'.repeat(200)}…`),
    });
    expect((await writeJson(Value, value, false)).preview).toBeNull();
  });

  test('that does not fit is VALUE_INVALID, with the fields', async () => {
    const error = await errorOf(writeJson(Value, { total: 'x', names: [1] }));
    expect(error.code).toBe('VALUE_INVALID');
    expect(error.facts).toMatch(/test\/asset does not fit its schema:\n {2}total: .*\n {2}names\.0: /);
    expect((await errorOf(writeJson(Value, null))).facts).toContain('\n  value: ');
  });

  test('that is nothing is VALUE_INVALID, though the schema takes anything', async () => {
    expect((await errorOf(writeJson(z.unknown(), undefined))).code).toBe('VALUE_INVALID');
  });

  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  test.each([
    [{ a: [1, Number.NaN] }, 'test/asset has NaN in "1", which JSON cannot hold.'],
    [{ a: Infinity }, 'test/asset has Infinity in "a", which JSON cannot hold.'],
    [-Infinity, 'test/asset has -Infinity, which JSON cannot hold.'],
    [{ a: 1n }, 'test/asset has 1 in "a", which JSON cannot hold.'],
    [{ a: new Date(0) }, 'test/asset has a Date in "a", which JSON cannot hold.'],
    [{ a: new Set([1]) }, 'test/asset has a Set in "a", which JSON cannot hold.'],
    [new Map(), 'test/asset has a Map, which JSON cannot hold.'],
    [{ a: { toJSON: () => 1 } }, 'test/asset has an object with toJSON() in "a", which JSON cannot hold.'],
    [[undefined], 'test/asset has undefined in "0", which JSON cannot hold.'],
    [{ a: () => 1 }, 'test/asset has a function in "a", which JSON cannot hold.'],
    [circle, 'test/asset cannot be written as JSON: Converting circular structure to JSON.'],
  ])('that JSON would change or cannot hold is VALUE_INVALID: %#', async (value, facts) => {
    const error = await errorOf(writeJson(z.any(), value));
    expect([error.code, error.facts]).toEqual(['VALUE_INVALID', facts]);
  });
});

describe('a file', () => {
  test('is what its function wrote', async () => {
    const scope = scopeFor('report.csv');
    writeFileSync(scope.target, 'a,b\n');
    const written = await writeValue({ type: 'file', path: 'report.csv' }, undefined, scope);
    expect(written).toEqual({
      dataVersion: hashFile(scope.target),
      bytes: 4,
      rowCount: null,
      columns: null,
      statistics: null,
      preview: null,
    });
    const value = open(written, 'file', 'report.csv') as FileValue;
    expect(value).toMatchObject({
      type: 'file',
      path: scope.target,
      workspacePath: 'report.csv',
      bytes: 4,
      rowCount: null,
    });
    expect(readFileSync(value.path, 'utf8')).toBe('a,b\n');
  });

  test.each(['nothing', 'folder'])('is missing where its function wrote %s', async (what) => {
    const scope = scopeFor(`missing-${what}.csv`);
    if (what === 'folder') mkdirSync(scope.target);
    const error = await errorOf(writeValue({ type: 'file', path: 'x.csv' }, undefined, scope));
    expect(error.message).toContain('MATERIALIZE_RESULT: test/asset wrote no file to context.file');
  });
});

describe('statistics', () => {
  const Row = z.object({
    id: z.int(),
    share: z.number().nullable(),
    name: z.string().nullable(),
    place: z.object({ a: z.int() }),
    'odd "name"': z.boolean(),
  });
  const rows = [10, 9, 100].map((id, index) => ({
    id,
    share: index === 0 ? null : -index / 2,
    name: index === 1 ? null : 'x'.repeat(300 - index),
    place: { a: 1 },
    'odd "name"': true,
  }));

  test('say of each flat column how many nulls there are, the least and the greatest', async () => {
    const { statistics } = await write(Row, rows);
    expect(statistics).toMatchObject({
      id: { nulls: 0, min: '9', max: '100' },
      share: { nulls: 1, min: '-1', max: '-0.5' },
      name: { nulls: 1 },
      'odd "name"': { nulls: 0 },
    });
    expect(Object.keys(statistics ?? {})).toEqual(['id', 'share', 'name', 'odd "name"']);
  });

  test('and the first rows stay out of the record of private data', async () => {
    const written = await write(Row, rows, 'private.parquet', false);
    expect(written.preview).toBeNull();
    expect(written.statistics).toMatchObject({
      id: { nulls: 0, min: null, max: null },
      name: { nulls: 1, min: null, max: null },
    });
  });

  test('a preview is the first five rows, with long texts cut', async () => {
    const { preview } = await write(
      z.object({ n: z.int(), text: z.string() }),
      Array.from({ length: 9 }, (_, n) => ({ n, text: 'x'.repeat(201) })),
    );
    expect(preview).toEqual(Array.from({ length: 5 }, (_, n) => ({ n, text: `${'x'.repeat(200)}…` })));
  });

  test('of an empty table are there', async () => {
    expect((await write(Row, [])).statistics).toMatchObject({ id: { min: null, max: null } });
  });
});

describe('reading a part of a table', () => {
  const Row = z.object({
    id: z.int(),
    name: z.string().nullable(),
    share: z.number().nullable(),
    ok: z.boolean(),
  });
  type R = z.output<typeof Row>;
  const name = fc.constantFrom('a', 'b', 'B', 'é', "it's", '');
  const row: fc.Arbitrary<R> = fc.record({
    id: fc.integer({ min: -3, max: 3 }),
    name: nullable(name),
    share: nullable(fc.constantFrom(-1.5, 0, 0.1, 2)),
    ok: fc.boolean(),
  });
  const comparison = <T>(values: fc.Arbitrary<T>) =>
    fc.record(
      {
        eq: values,
        ne: values,
        gt: values,
        gte: values,
        lt: values,
        lte: values,
        in: fc.array(values, { maxLength: 2 }),
      },
      { requiredKeys: [] },
    );
  const condition = <T>(values: fc.Arbitrary<T>) => fc.oneof(values, comparison(values));
  const where = fc.record(
    {
      id: condition(fc.integer({ min: -3, max: 3 })),
      name: fc.oneof(fc.constant(null), condition(name)),
      share: fc.oneof(fc.constant(null), condition(fc.constantFrom(-1.5, 0, 0.1, 2))),
      ok: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  const orderBy = fc.uniqueArray(fc.constantFrom('id', '-id', 'name', '-name', 'share', '-share', 'ok'), {
    maxLength: 3,
    selector: (key) => key.replace('-', ''),
  });
  const query = fc.record(
    {
      columns: fc.uniqueArray(fc.constantFrom('id', 'name', 'share', 'ok'), { minLength: 1 }),
      where,
      orderBy,
      limit: fc.nat({ max: 5 }),
    },
    { requiredKeys: [] },
  );

  type Value = string | number | boolean | null;
  // As the bytes of UTF-8 compare, which DuckDB does.
  const compare = (a: Value, b: Value): number =>
    typeof a === 'string' && typeof b === 'string'
      ? Buffer.compare(Buffer.from(a), Buffer.from(b))
      : Number(a) - Number(b);
  const OPERATORS: Record<string, (order: number) => boolean> = {
    eq: (order) => order === 0,
    ne: (order) => order !== 0,
    gt: (order) => order > 0,
    gte: (order) => order >= 0,
    lt: (order) => order < 0,
    lte: (order) => order <= 0,
  };
  const holds = (value: Value, condition: unknown): boolean => {
    if (condition === null) return value === null;
    if (typeof condition !== 'object') return value !== null && compare(value, condition as Value) === 0;
    return Object.entries(condition).every(([operator, operand]) => {
      if (value === null) return false;
      if (operator === 'in') return (operand as Value[]).some((one) => compare(value, one) === 0);
      return OPERATORS[operator]?.(compare(value, operand as Value));
    });
  };
  /** What a query gives, in plain JavaScript. Sorting is stable: ties stay in the order of the file. */
  const plain = (
    rows: readonly R[],
    { columns, where = {}, orderBy = [], limit }: TableQuery<R>,
  ): object[] => {
    const found = rows.filter((row) =>
      Object.entries(where).every(([name, condition]) => holds(row[name as keyof R], condition)),
    );
    const sorted = found.toSorted((a, b) => {
      for (const key of orderBy) {
        const name = key.replace('-', '') as keyof R;
        const [x, y] = [a[name], b[name]];
        if (x === null || y === null) {
          if (x !== y) return x === null ? 1 : -1;
          continue;
        }
        const order = compare(x, y);
        if (order !== 0) return key.startsWith('-') ? -order : order;
      }
      return 0;
    });
    return sorted
      .slice(0, limit ?? sorted.length)
      .map((row) =>
        Object.fromEntries((columns ?? (Object.keys(row) as (keyof R)[])).map((name) => [name, row[name]])),
      );
  };

  test('gives what filtering, sorting and cutting all rows would give', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.array(query, { minLength: 1, maxLength: 8 }),
        async (rows, queries) => {
          const table = await tableOf(Row, rows);
          for (const one of queries as TableQuery<R>[]) {
            const expected = plain(rows, one);
            const read = await table.rows(one);
            expect(sortKeys(read, one)).toEqual(sortKeys(expected, one));
            expect(read.map((row) => Object.keys(row))).toEqual(expected.map((row) => Object.keys(row)));
          }
        },
      ),
      { numRuns: 30 },
    );
  }, 60_000);

  // Ties within an order, and what a limit keeps of them, are free: compare only what is said.
  const sortKeys = (rows: readonly object[], { orderBy = [], limit }: TableQuery<R>): unknown => {
    if (orderBy.length === 0) return rows;
    const names = orderBy.map((key) => key.replace('-', ''));
    const keys = rows.map((row) => names.map((name) => (row as Record<string, unknown>)[name]));
    const all = rows.map((row) => JSON.stringify(row)).sort();
    return limit === undefined ? [keys, all] : keys;
  };

  test('reads the columns and rows that were asked for from the file, and no others', async () => {
    const rows = [1, 2, 3].map((id) => ({ id, name: 'a', share: 1, ok: true }));
    const table = await tableOf(Row, rows);
    const { text, values } = renderQuery(readParquet(table.path), table.columns, {
      columns: ['name'],
      where: { id: { gt: 1 } },
      limit: 2,
    } as object);
    expect(values).toEqual([1]);
    const [plan] = await db.connection.rows(`EXPLAIN ${text.replace('?', '1')}`);
    const words = String(plan?.explain_value);
    expect(words).toMatch(/Projections: name[^:]*Filters: id>1/);
    expect(words).not.toMatch(/share|ok\b/);
  });

  test('streams the same rows', async () => {
    const table = await tableOf(
      Row,
      [3, 1, 2].map((id) => ({ id, name: null, share: null, ok: true })),
    );
    const ids: number[] = [];
    for await (const { id } of table.stream({ columns: ['id'], orderBy: ['-id'], limit: 2 })) ids.push(id);
    expect(ids).toEqual([3, 2]);
  });

  test.each([
    [{ columns: ['nope'] }, 'There is no column "nope" (there are id, name, share, ok)'],
    [{ where: { nope: 1 } }, 'There is no column "nope"'],
    [{ orderBy: ['-nope'] }, 'There is no column "nope"'],
    [{ limit: -1 }, '-1 is not a number of rows'],
    [{ limit: 1.5 }, '1.5 is not a number of rows'],
    [{ limit: Number.NaN }, 'NaN is not a number of rows'],
  ])('%j is refused: %s', async (query, message) => {
    const table = await tableOf(Row, []);
    const error = await errorOf(table.rows(query as TableQuery<R>));
    expect(error.message).toContain(`SQL_FAILED: ${message}`);
  });

  test('names and values that look like SQL stay names and values', async () => {
    const Odd = z.object({ 'a" FROM x; --': z.string() });
    const table = await tableOf(Odd, [{ 'a" FROM x; --': `'; DROP TABLE x; --` }]);
    expect(await table.rows({ where: { 'a" FROM x; --': `'; DROP TABLE x; --` } })).toHaveLength(1);
  });
});

test('a version of data is a hash', async () => {
  const { dataVersion } = await write(z.object({ n: z.int() }), [{ n: 1 }]);
  expect(dataVersion satisfies DataVersion).toMatch(/^[0-9a-f]{64}$/);
});
