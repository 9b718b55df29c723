import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonDocument } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { columnsOf } from './columns.ts';
import { readParquet, type SqlRow } from './duckdb.ts';
import { copyDocument, parseDocument } from './json-document.ts';
import { readJsonLines, writeJsonLines } from './write-rows.ts';
import { useDuckDb } from './test-support.ts';

const db = useDuckDb('document');
const { root } = db;

const Place = z.object({ city: z.string(), zip: z.string().nullable().default(null), lat: z.number() });
const Row = z.object({
  id: z.int(),
  name: z.string(),
  score: z.number(),
  ok: z.boolean(),
  kind: z.enum(['a', 'b']),
  phone: z.string().nullable().default(null),
  fax: z.string().nullable(),
  note: z.string().nullish(),
  place: Place.nullable(),
  tags: z.array(z.string()),
  sizes: z.array(z.int().nullable()).nullable().default(null),
  parts: z.array(z.object({ part: z.int() })),
});

const documentOf = (text: string | Buffer, uniqueBy?: string): JsonDocument => {
  const path = join(root, 'document.json');
  writeFileSync(path, text);
  return { type: 'json-document', path, source: 'https://api.test/rows', ...(uniqueBy ? { uniqueBy } : {}) };
};

/** What zod makes of a document: rows, or its words. */
async function throughZod(document: JsonDocument, schema: z.ZodObject): Promise<SqlRow[] | Error> {
  try {
    const path = join(root, 'rows.ndjson');
    const lines = await writeJsonLines(parseDocument(document), schema, path, document.source, document);
    return await db.connection.rows(`SELECT * FROM ${readJsonLines(lines, columnsOf(schema))}`);
  } catch (error) {
    return error as Error;
  }
}

/** What the engine makes of it, whatever its size: rows, or `null` when it leaves it to zod. */
async function throughEngine(document: JsonDocument, schema: z.ZodObject): Promise<SqlRow[] | null> {
  const target = join(root, 'engine.parquet');
  const rowCount = await copyDocument(document, schema, columnsOf(schema), target, db.connection, 0);
  if (rowCount === null) return null;
  const rows = await db.connection.rows(`SELECT * FROM ${readParquet(target)}`);
  expect(rows).toHaveLength(rowCount);
  return rows;
}

const good = {
  id: 1,
  name: 'a',
  score: 1.5,
  ok: true,
  kind: 'a',
  phone: null,
  fax: null,
  note: 'n',
  place: { city: 'c', zip: null, lat: 1 },
  tags: ['x'],
  sizes: [1, null],
  parts: [{ part: 1 }],
};

describe('the engine and zod', () => {
  const anything = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      undefined,
      '',
      'a',
      'c',
      '1',
      0,
      1,
      -1,
      1.5,
      2 ** 53,
      -(2 ** 53),
      1e300,
      true,
      false,
    ),
    fc.constantFrom<unknown>(
      [],
      {},
      [null],
      ['x'],
      [1],
      [1.5],
      [[]],
      [{}],
      [{ part: 1 }],
      [{ part: 'x' }],
      [{ part: null }],
    ),
    fc.constantFrom<unknown>(
      { city: 'c' },
      { city: 'c', lat: 1 },
      { city: null, lat: 1 },
      { city: 'c', lat: 'x' },
      { city: 'c', lat: 1, zip: 1 },
    ),
    fc.string(),
    fc.double(),
  );
  /** A good row in which up to two fields are anything at all, or missing. */
  const row = fc
    .dictionary(fc.constantFrom(...Object.keys(good), 'other'), anything, {
      maxKeys: 2,
      noNullPrototype: true,
    })
    .map((changes) => ({ ...good, ...changes }));

  test('agree on every document: what the engine takes, zod takes, and as the same rows', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), async (rows) => {
        const document = documentOf(JSON.stringify(rows));
        const engine = await throughEngine(document, Row);
        if (engine === null) return;
        taken++;
        expect(engine).toEqual(await throughZod(document, Row));
      }),
      { numRuns: 250 },
    );
    expect(taken).toBeGreaterThan(20);
  }, 60_000);

  test('agree on rows that are good, so that large documents need not pass through JavaScript', async () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('\u0000', '"', '\\', '😀', "'", '\n'));
    const rows = fc.array(
      fc.record({
        ...Object.fromEntries(Object.entries(good).map(([name, value]) => [name, fc.constant(value)])),
        id: fc.maxSafeInteger(),
        name: text,
        // Of whole numbers beyond 2^53 zod has to say whether they came as they are.
        score: fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((score) => Math.abs(score) < 2 ** 53 || Math.abs(score) >= 1e21),
        note: fc.option(text, { nil: undefined }),
        fax: text,
        place: fc.option(fc.record({ city: text, lat: fc.integer() }), { nil: null }),
        tags: fc.array(text, { maxLength: 2 }),
      }),
      { maxLength: 4 },
    );
    const Nullish = Row.extend({ fax: z.string(), place: Place.nullish() });
    await fc.assert(
      fc.asyncProperty(rows, async (rows) => {
        const document = documentOf(JSON.stringify(rows));
        const engine = await throughEngine(document, Nullish);
        expect(engine).not.toBeNull();
        expect(engine).toEqual(await throughZod(document, Nullish));
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  test.each([
    ['a format', z.email()],
    ['a pattern', z.string().regex(/a/)],
    ['a length', z.string().min(1)],
    ['a bound', z.int().min(1)],
    ['a rule of its own', z.string().refine((text) => text !== '')],
    ['a transform', z.string().transform((text) => text.length)],
    ['trimming', z.string().trim()],
    ['coercion', z.coerce.number()],
    ['a default that is a value', z.string().default('x')],
    ['a catch', z.string().catch('x')],
    ['a union', z.union([z.string(), z.int()])],
    ['strictness inside', z.strictObject({ a: z.int() })],
    ['a list of such', z.array(z.string().trim())],
    ['an object of such', z.object({ a: z.string().trim() })],
    ['int32', z.int32()],
  ])('zod alone looks at %s', async (_what, field) => {
    const document = documentOf('[]');
    const schema = z.object({ field: (field as z.ZodType).nullable().default(null), name: z.string() });
    const value = field instanceof z.ZodDefault || field instanceof z.ZodCatch ? z.object({ field }) : schema;
    const rows = value === schema ? [{ field: 'a', name: 'b' }] : [{}];
    expect(await throughEngine(document, schema)).toBeNull();
    expect(await throughEngine(documentOf(JSON.stringify(rows)), value)).toBeNull();
  });

  test('zod alone looks at rows with rules between their fields, and at rows that may hold nothing else', async () => {
    const document = documentOf('[{"a":1}]');
    expect(
      await throughEngine(
        document,
        z.object({ a: z.int() }).refine(() => true),
      ),
    ).toBeNull();
    expect(await throughEngine(document, z.strictObject({ a: z.int() }))).toBeNull();
    const one = z.int().nullable();
    expect(await throughEngine(document, z.object({ a: one.refine((a) => a !== 1) }))).toBeNull();
    expect(
      await throughEngine(document, z.object({ a: one.default(null).refine((a) => a !== 1) })),
    ).toBeNull();
    expect(await throughEngine(document, z.object({ a: z.int() }))).toEqual([{ a: 1 }]);
  });

  test('zod alone looks at small documents', async () => {
    const schema = z.object({ a: z.int() });
    const document = documentOf('[{"a":1}]');
    const target = join(root, 'small.parquet');
    expect(await copyDocument(document, schema, columnsOf(schema), target, db.connection)).toBeNull();
  });

  test('a document above 8 MiB goes through the engine', async () => {
    const rows = Array.from({ length: 9 }, (_, a) => ({ a, text: 'x'.repeat(1 << 20) }));
    const schema = z.object({ a: z.int(), text: z.string() });
    const document = documentOf(JSON.stringify(rows));
    const target = join(root, 'large.parquet');
    expect(await copyDocument(document, schema, columnsOf(schema), target, db.connection)).toBe(9);
    expect(await db.connection.rows(`SELECT a, length(text) AS n FROM ${readParquet(target)}`)).toEqual(
      rows.map(({ a }) => ({ a, n: 1 << 20 })),
    );
  });
});

describe('a document that is no list of rows', () => {
  const schema = z.object({
    id: z.int(),
    name: z.string(),
    tags: z.array(z.string()).nullable().default(null),
  });
  const rows = [
    { id: 1, name: 'a', tags: ['x'] },
    { id: 2, name: 'b', tags: [] },
  ];
  const whole = JSON.stringify(rows);

  test.each([
    ['', 'is not JSON'],
    ['<!doctype html><html><body>502 Bad Gateway</body></html>', 'is not JSON'],
    ['nope', 'is not JSON'],
    [`${whole} trailing`, 'is not JSON'],
    [`${whole}${whole}`, 'is not JSON'],
    [`\ufeff${whole}`, 'is not JSON'],
    [`${whole.slice(0, -1)},]`, 'is not JSON'],
    [`\v${whole}\f`, 'is not JSON'],
    ['{}', 'should be a list of rows, but is object'],
    ['{"data":[]}', 'should be a list of rows, but is object'],
    ['{"id":1,"name":"a"}', 'should be a list of rows, but is object'],
    ['null', 'should be a list of rows, but is null'],
    ['"text"', 'should be a list of rows, but is string'],
    ['5', 'should be a list of rows, but is number'],
    ['{"id":1,"name":"a"}\n{"id":2,"name":"b"}', 'is not JSON'],
  ])('%j is HTTP_NOT_JSON with its address, whichever way it is read', async (text, problem) => {
    const document = documentOf(text);
    expect(await throughEngine(document, schema)).toBeNull();
    const error = (await throughZod(document, schema)) as Error;
    expect(error.message).toMatch(/^HTTP_NOT_JSON: https:\/\/api\.test\/rows /);
    expect(error.message).toContain(problem);
  });

  test('is not JSON where it is no UTF-8, whose letters would become question marks', async () => {
    const document = documentOf('');
    writeFileSync(document.path, Buffer.from('[{"id":1,"name":"Zürich","tags":null}]', 'latin1'));
    expect(await throughEngine(document, schema)).toBeNull();
    const error = (await throughZod(document, schema)) as Error;
    expect(error.message).toMatch(/^HTTP_NOT_JSON: .* is not JSON \(The encoded data was not valid/);
  });

  test('cut off after any byte is never taken', async () => {
    for (let length = 0; length < whole.length; length++) {
      const document = documentOf(Buffer.from(whole).subarray(0, length));
      expect(await throughEngine(document, schema)).toBeNull();
      expect(await throughZod(document, schema)).toMatchObject({ code: 'HTTP_NOT_JSON' });
    }
  });

  test.each([
    '[1, 2]',
    '[null]',
    '[[]]',
    '["a"]',
    '[{"id": 1, "name": "a"}, 5]',
    '[[{"id": 1, "name": "a"}]]',
  ])('%s has rows that are none', async (text) => {
    const Loose = z.object({ id: z.int().nullish(), name: z.string().nullish() });
    const document = documentOf(text);
    expect(await throughEngine(document, Loose)).toBeNull();
    expect(await throughZod(document, Loose)).toMatchObject({ code: 'ROWS_INVALID' });
  });

  test.each([
    ['["a"]', z.string().nullish()],
    ['[[1]]', z.unknown()],
    ['[5]', z.unknown()],
    ['[{}]', z.unknown()],
  ])('%s has no rows for a table of one column either', async (text, field) => {
    const document = documentOf(text);
    expect(await throughEngine(document, z.object({ field }))).toBeNull();
    expect(await throughZod(document, z.object({ field }))).toMatchObject({ code: 'ROWS_INVALID' });
  });

  test('a row with nothing in it is a row of nulls, in a table of one column too', async () => {
    const document = documentOf('[{}, {"other": 1}]');
    expect(await throughZod(document, z.object({ text: z.string().nullish() }))).toEqual([
      { text: null },
      { text: null },
    ]);
    expect(await throughZod(document, z.object({ number: z.number().nullish() }))).toEqual([
      { number: null },
      { number: null },
    ]);
  });

  test('a row of thousands of lists inside each other is too deep', async () => {
    const document = documentOf(`[{"any":${'['.repeat(50_000)}${']'.repeat(50_000)}}]`);
    const error = (await throughZod(document, z.object({ any: z.unknown() }))) as Error;
    expect(error.message).toMatch(/^ROWS_INVALID: 1 of 1 rows .*\n {2}row 1, row: It is nested too deeply/);
  });
});

describe('a document with wrong rows', () => {
  const schema = z.object({ id: z.int(), name: z.string(), place: z.object({ city: z.string() }).nullish() });
  const rows = (...changes: object[]) =>
    changes.map((change, index) => ({ id: index + 1, name: 'a', ...change }));

  test.each([
    ['a wrong type', rows({}, { id: 'x' }), /row 2, id: .*expected number, received string/],
    [
      'a field that is missing',
      rows({ name: undefined }),
      /row 1, name: .*expected string, received undefined/,
    ],
    ['null where none may be', rows({}, {}, { name: null }), /row 3, name: .*received null/],
    ['a wrong field inside', rows({ place: { city: 1 } }), /row 1, place\.city: /],
    ['a fraction for an integer', rows({ id: 1.5 }), /row 1, id: .*expected int/],
    ['a number beyond 2^53 - 1', rows({ id: 2 ** 53 }), /row 1, id: .*<=?9007199254740991/],
    ['another case of a name', [{ ID: 1, name: 'a' }], /row 1, id: .*received undefined/],
    ['an id that comes twice', rows({ id: 7 }, {}, { id: 7 }), /row 3, id: 7 repeats row 1/],
  ])('%s: names the address, the row and the field', async (_what, wrong, message) => {
    const document = documentOf(JSON.stringify(wrong), 'id');
    expect(await throughEngine(document, schema)).toBeNull();
    const error = (await throughZod(document, schema)) as Error;
    expect(error.message).toMatch(
      new RegExp(`^ROWS_INVALID: 1 of ${wrong.length} rows from https://api.test/rows`),
    );
    expect(error.message).toMatch(message);
  });

  test.each([
    ['in an object', '{"place":{"city":"a","city":"b"}}', { place: { city: 'b', geo: null } }],
    ['spelled otherwise', '{"place":{"city":"a","\\u0063ity":"b"}}', { place: { city: 'b', geo: null } }],
    [
      'in an object inside it',
      '{"place":{"city":"a","geo":{"lat":"1","lat":"2"}}}',
      { place: { city: 'a', geo: { lat: '2' } } },
    ],
    ['in a list', '{"parts":[{"part":1,"part":2}]}', { parts: [{ part: 2 }] }],
  ])('a field that comes twice %s is left to zod, which takes the last', async (_what, row, expected) => {
    const Geo = z.object({ lat: z.string() });
    const Nested = z.object({
      place: z.object({ city: z.string(), geo: Geo.nullish() }).nullish(),
      parts: z.array(z.object({ part: z.int() })).nullish(),
    });
    const document = documentOf(`[${row}]`);
    expect(await throughEngine(document, Nested)).toBeNull();
    expect(await throughZod(document, Nested)).toEqual([{ place: null, parts: null, ...expected }]);
  });

  test('fields that the schema does not know leave it to the engine', async () => {
    const Nested = z.object({ place: z.object({ city: z.string(), geo: z.object({ lat: z.string() }) }) });
    const row = '{"place":{"more":1,"city":"a","geo":{"lng":"1","lat":"2"}}}';
    const document = documentOf(`[${row}]`);
    expect(await throughEngine(document, Nested)).toEqual([{ place: { city: 'a', geo: { lat: '2' } } }]);
  });

  test.each(['{"n":1e400}', '{"n":-1e400}', '{"list":[1e400]}', '{"inner":{"n":1e400}}'])(
    '%s has a number that is none in JavaScript',
    async (row) => {
      const Numbers = z.object({
        n: z.number().nullish(),
        list: z.array(z.number()).nullish(),
        inner: z.object({ n: z.number() }).nullish(),
      });
      const document = documentOf(`[${row}]`);
      expect(await throughEngine(document, Numbers)).toBeNull();
      expect(await throughZod(document, Numbers)).toMatchObject({ code: 'ROWS_INVALID' });
    },
  );

  test.each(['NaN', '-Infinity', '[{"a":NaN}]', '1e400', '[1,-1.5E+400]', '9'.repeat(400)])(
    'where anything may be, %s is still no number for the engine',
    async (value) => {
      const document = documentOf(`[{"any":${value}}]`);
      expect(await throughEngine(document, z.object({ any: z.unknown() }))).toBeNull();
    },
  );

  test('the last of two fields of one name counts, whichever way it is read', async () => {
    const document = documentOf('[{"id":1,"id":2,"name":"a"}]');
    const engine = await throughEngine(document, schema);
    if (engine !== null) expect(engine).toEqual(await throughZod(document, schema));
  });
});

describe('a number of a document that JavaScript would round', () => {
  const Any = z.object({ v: z.unknown() });
  const Numbers = z.object({ v: z.number() });
  test.each([
    [Numbers, '9007199254740993'],
    [Numbers, '12345678901234567890.5'],
    [Any, '9007199254740993'],
    [Any, '{"a": [1, -9007199254740993]}'],
  ])('%# is refused: %s', async (schema, text) => {
    const document = documentOf(`[{"v": ${text}}]`);
    expect(await throughEngine(document, schema)).toBeNull();
    expect(String(await throughZod(document, schema))).toMatch(/ROWS_INVALID: 1 of 1 rows/);
  });

  test('is none that comes back as it was, nor one of a field that nobody asked for', async () => {
    for (const text of ['9007199254740991', '1180591620717411303424', '100000000000000000000', '1e300']) {
      const document = documentOf(`[{"v": ${text}, "other": 12345678901234567890}]`);
      expect(await throughZod(document, Numbers)).toEqual([{ v: Number(text) }]);
    }
  });
});
