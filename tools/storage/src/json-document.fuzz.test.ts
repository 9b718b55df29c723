import { isUtf8 } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetError, type ColumnType, type JsonDocument } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { columnsOf } from './columns.ts';
import { readParquet } from './duckdb.ts';
import { parseExactly } from './exact-json.ts';
import { copyDocument } from './json-document.ts';
import { changesOf } from './row-changes.ts';
import { writeValue } from './value.ts';
import { useDuckDb } from './test-support.ts';

const db = useDuckDb('document-fuzz');
const { root } = db;

/** Everything that the engine checks itself, also under names that mean something to SQL and to JSON paths. */
const Row = z.object({
  id: z.int(),
  name: z.string(),
  score: z.number().nullish(),
  ok: z.boolean().nullish(),
  kind: z.enum(['a', "b'"]).nullish(),
  any: z.unknown().nullable().default(null),
  place: z.object({ city: z.string(), lat: z.number().nullish(), open: z.boolean().nullish() }).nullish(),
  leaves: z
    .object({
      text: z.string(),
      deep: z.object({ 'a.b': z.boolean(), "it's [0]": z.string() }),
    })
    .nullish(),
  sizes: z.array(z.number().nullish()).nullish(),
  parts: z.array(z.object({ part: z.int(), 'sub parts': z.array(z.string()).nullish() })).nullish(),
  'a.b': z.int().nullish(),
  '*': z.int().nullish(),
  'it\'s a "quote" [0]': z.string().nullish(),
});
const Single = z.object({ score: z.number().nullish() });

// Texts of JSON, and of what is almost JSON.
const string = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"a"',
    '"b\'"',
    '""',
    '"1"',
    '"null"',
    '"true"',
    '"{}"',
    '"\\u0061\\/\\n\\u0000"',
    '"\ufeff"',
  ),
  fc.constantFrom('"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00\\ud800"', '"\\\\ud800"', '"\\ud800\\\\udc00"'),
);
const integer = fc.oneof(
  fc.maxSafeInteger().map(String),
  fc.constantFrom('0', '-0', '1.0', '1e3', '9007199254740991', '9007199254740992', '18446744073709551616'),
);
const number = fc.oneof(
  integer,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom('1E5', '-1.50e+300', '5e-324', '1e-400', '0.1000000000000000055511151231257827'),
);
const tooLarge = fc.constantFrom('1e400', '-1e400', '1.7976931348623159e308', `1${'0'.repeat(400)}`);
const boolean = fc.constantFrom('true', 'false');
const wrong = fc.oneof(
  fc.constantFrom('', '01', '+1', '.5', '1.', '- 1', '0x10', 'True', 'undefined'),
  fc.constantFrom(
    "'a'",
    '"a',
    '"\n"',
    '"\\x"',
    '"\\u12"',
    '[1,]',
    '[',
    '{',
    '{"a"}',
    '{"a":1,}',
    '{a:1}',
    '/**/1',
  ),
);
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.oneof(string, number, boolean, fc.constant('null')),
    fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('"a"', '"A"', '"\\u0061"', '""', '"__proto__"'), tie('json')), {
        maxLength: 3,
      })
      .map((fields) => `{${fields.map(([name, value]) => `${name} : ${value}`).join()}}`),
  ),
}));
const deep = fc.constant('['.repeat(100) + ']'.repeat(100));
const anything = fc.oneof(
  { weight: 9, arbitrary: json },
  { weight: 2, arbitrary: tooLarge },
  { weight: 1, arbitrary: wrong },
  { weight: 1, arbitrary: deep },
);

const mostly = <A, B>(usual: fc.Arbitrary<A>, seldom: fc.Arbitrary<B>, weight = 40) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: seldom });
const orNull = (value: fc.Arbitrary<string>) => fc.oneof(value, fc.constantFrom('null', null));
const list = (item: fc.Arbitrary<string | null>) =>
  fc
    .array(mostly(item, anything), { maxLength: 3 })
    .map((items) => `[${items.filter((text) => text !== null).join(',')}]`);

/** An object, in which a field may be missing, repeated, called a little differently, or anything at all. */
function object(fields: Readonly<Record<string, fc.Arbitrary<string | null>>>): fc.Arbitrary<string> {
  const names = Object.keys(fields);
  const spelled = (name: string) =>
    mostly(
      fc.constant(JSON.stringify(name)),
      fc.constantFrom(
        JSON.stringify(name.toUpperCase()),
        `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${JSON.stringify(name.slice(1)).slice(1)}`,
      ),
    );
  const members = Object.entries(fields).map(([name, value]) =>
    fc.tuple(spelled(name), mostly(value, fc.oneof(anything, fc.constant(null)))),
  );
  const more = fc
    .constantFrom(...names, 'other')
    .chain((name) => fc.tuple(spelled(name), fc.oneof(fields[name] ?? anything, anything)));
  return fc
    .tuple(fc.tuple(...members), mostly(fc.constant([]), fc.array(more, { maxLength: 2 }), 9), fc.boolean())
    .map(([usual, extra, isFirst]) => {
      const all = isFirst ? [...extra, ...usual] : [...usual, ...extra];
      return `{${all.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}`])).join(', ')}}`;
    });
}

const row = object({
  id: integer,
  name: string,
  score: orNull(mostly(number, tooLarge)),
  ok: orNull(boolean),
  kind: orNull(fc.constantFrom('"a"', '"b\'"', '"\\u0061"')),
  any: orNull(json),
  place: orNull(object({ city: string, lat: orNull(number), open: orNull(boolean) })),
  leaves: orNull(object({ text: string, deep: object({ 'a.b': boolean, "it's [0]": string }) })),
  sizes: orNull(list(orNull(number))),
  parts: orNull(list(object({ part: integer, 'sub parts': orNull(list(string)) }))),
  'a.b': orNull(integer),
  '*': orNull(integer),
  'it\'s a "quote" [0]': orNull(string),
});
const single = object({ score: orNull(mostly(number, tooLarge)) });

/** A list of rows, sometimes damaged on its way. */
const documentOf = (row: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.array(mostly(row, anything), { maxLength: 3 }),
      fc.constantFrom('', ' ', '\n\t\r'),
      mostly(
        fc.constant(null),
        fc.tuple(fc.nat(), fc.constantFrom('cut', 'flip', 'insert', 'before', 'after')),
        9,
      ),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.constantFrom('\ufeff', '{}', ']', ',', '\0', ' ', '/**/'),
    )
    .map(([rows, space, damage, bytes, text]) => {
      const whole = Buffer.from(`${space}[${space}${rows.join(`,${space}`)}]${space}`);
      if (damage === null) return whole;
      const at = damage[0] % whole.length;
      const [start, end] = [whole.subarray(0, at), whole.subarray(at)];
      switch (damage[1]) {
        case 'cut':
          return start;
        case 'flip':
          whole[at] = (whole[at] ?? 0) ^ (bytes[0] ?? 0);
          return whole;
        case 'insert':
          return Buffer.concat([start, bytes, end]);
        case 'before':
          return Buffer.concat([Buffer.from(text), whole]);
        default:
          return Buffer.concat([whole, Buffer.from(text)]);
      }
    });

/** What a column holds of a value: no halves of characters, one zero, and null where there is nothing. */
function stored(value: unknown, column: ColumnType): unknown {
  if (value === undefined || value === null) return null;
  if (column.type === 'list') return (value as unknown[]).map((item) => stored(item, column.items));
  if (column.type === 'struct') {
    const from = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(column.fields.map((field) => [field.name, stored(from[field.name], field)]));
  }
  return wellFormed(JSON.parse(JSON.stringify(value)));
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [wellFormed(name), wellFormed(field)]),
  );
}

/** What should become of a text, by a reader that rounds nothing and zod alone: rows, or the code of an error. */
function expected(text: string, schema: z.ZodObject): unknown[] | string {
  let rows: unknown;
  try {
    rows = parseExactly(text);
  } catch {
    return 'HTTP_NOT_JSON';
  }
  if (!Array.isArray(rows)) return 'HTTP_NOT_JSON';
  const parsed = schema.array().safeParse(rows);
  if (!parsed.success || changesOf(parsed.data, parsed.data).length > 0) return 'ROWS_INVALID';
  const columns = columnsOf(schema);
  return parsed.data.map((row) => stored(row, { type: 'struct', fields: columns }));
}

/**
 * The engine also takes a comma after the last field, other white space, and rows after a `]` when another one
 * follows. It may: nobody reads such a text as other rows.
 */
const mended = (text: string): string =>
  text
    .replaceAll(/[\v\f]/g, ' ')
    .replaceAll(/,(\s*[}\]])/g, '$1')
    .replaceAll(/\](\s*\{)/g, ',$1');

const onDisk = (bytes: Buffer): JsonDocument => {
  const path = join(root, 'document.json');
  writeFileSync(path, bytes);
  return { type: 'json-document', path, source: 'https://api.test/rows' };
};

async function throughEngine(bytes: Buffer, schema: z.ZodObject): Promise<unknown[] | null> {
  const target = join(root, 'engine.parquet');
  const count = await copyDocument(onDisk(bytes), schema, columnsOf(schema), target, db.connection, 0);
  if (count === null) return null;
  const rows = await db.connection.rows(`SELECT * FROM ${readParquet(target)}`);
  expect(rows).toHaveLength(count);
  // In a field that may be anything, 1e400 is an infinite number here, and null where it passed through JavaScript.
  return JSON.parse(JSON.stringify(rows)) as unknown[];
}

async function throughZod(bytes: Buffer, schema: z.ZodObject): Promise<unknown[] | string> {
  const scope = {
    target: join(root, 'zod.parquet'),
    scratch: root,
    source: 'test',
    preview: false,
    connection: db.connection,
  };
  try {
    await writeValue({ type: 'table', schema, orderBy: [] }, onDisk(bytes), scope);
    return await db.connection.rows(`SELECT * FROM ${readParquet(scope.target)}`);
  } catch (error) {
    if (error instanceof AssetError) return error.code;
    throw error;
  }
}

describe.each([
  ['many columns', Row, row],
  ['one column', Single, single],
])('a document for a table of %s, whatever is in it', (_what, schema, row) => {
  const document = mostly(
    documentOf(row),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    20,
  );

  test('gives the rows that zod gives, or the error that it should', { timeout: 3_600_000 }, async () => {
    const seen = { rows: 0, errors: 0 };
    await fc.assert(
      fc.asyncProperty(document, async (bytes) => {
        const outcome = isUtf8(bytes) ? expected(bytes.toString('utf8'), schema) : 'HTTP_NOT_JSON';
        seen[typeof outcome === 'string' ? 'errors' : 'rows']++;
        expect(await throughZod(bytes, schema)).toEqual(outcome);
      }),
      { numRuns: fc.readConfigureGlobal().numRuns ?? 100 },
    );
    expect(Math.min(seen.rows, seen.errors)).toBeGreaterThan(10);
  });

  test('is read by the engine as zod reads it, or left to zod', { timeout: 3_600_000 }, async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(document, async (bytes) => {
        const rows = await throughEngine(bytes, schema);
        if (rows === null) return;
        taken++;
        const text = bytes.toString('utf8');
        const outcome = expected(text, schema);
        expect(rows).toEqual(outcome === 'HTTP_NOT_JSON' ? expected(mended(text), schema) : outcome);
      }),
      { numRuns: fc.readConfigureGlobal().numRuns ?? 200 },
    );
    expect(taken).toBeGreaterThan(10);
  });
});
