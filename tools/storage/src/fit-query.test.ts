import { join } from 'node:path';
import { AssetError, type Sql } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readParquet } from './duckdb.ts';
import { readEngineType } from './engine-type.ts';
import { useDuckDb } from './test-support.ts';
import { writeValue } from './value.ts';

const db = useDuckDb('fit');

const sqlOf = (text: string): Sql => ({ type: 'sql', strings: [text], values: [] });
/** The rows that come of a query, or what is said of it. */
async function made(field: z.ZodType, select: string): Promise<unknown> {
  const target = join(db.root, 'fit.parquet');
  const scope = { target, scratch: db.root, source: 'test/asset', preview: false, connection: db.connection };
  const output = { type: 'table', schema: z.object({ v: field }), orderBy: [] } as const;
  try {
    await writeValue(output, sqlOf(select), scope);
    return (await db.connection.rows(`SELECT v FROM ${readParquet(target)}`)).map(({ v }) => v);
  } catch (error) {
    return error instanceof AssetError ? error.message : error;
  }
}

/** How often the shortest text of a number, as JavaScript shows it, has the last place of that scale; or nothing. */
function unscaledOf(number: number, scale: number): bigint | undefined {
  const [mantissa = '', exponent = '0'] = String(number).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const places = scale + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  if (places >= 0) return digits * 10n ** BigInt(places);
  const unit = 10n ** BigInt(-places);
  return digits % unit === 0n ? digits / unit : undefined;
}

describe('nothing of a query is cast without a word', () => {
  test.each([
    [z.array(z.int()), '[1.5, 2.4]', '"v[]" is DECIMAL(2,1), not integer'],
    [z.array(z.string()), '[1]', '"v[]" is INTEGER, not string'],
    [z.object({ a: z.int() }), `{'a': '00123'}`, '"v.a" is VARCHAR, not integer'],
    [z.object({ a: z.int() }), `{'a': 1, 'b': 2}`, '"v.b" is not in the schema'],
    [z.object({ a: z.int(), b: z.int().nullable() }), `{'a': 1}`, '"v.b" is missing'],
    [z.object({ a: z.int() }), `{'A': 1}`, '"v.a" is missing'],
    [
      z.object({ a: z.array(z.object({ 'b c': z.boolean() })) }),
      `{'a': [{'b c': 1}]}`,
      '"v.a[].b c" is INTEGER',
    ],
    [z.array(z.array(z.int())), '[[1e0]]', '"v[][]" is DOUBLE, not integer'],
    [z.array(z.string()), `[DATE '2020-01-01']`, '"v[]" is DATE, not string'],
    [z.array(z.string()), `MAP {'a': 1}`, '"v" is MAP(VARCHAR, INTEGER), not string[]'],
    [z.unknown(), `'00123'`, '"v" is VARCHAR, not json'],
    [z.array(z.unknown()), `['1']`, '"v[]" is VARCHAR, not json'],
  ])('%#: %s', async (field, value, problem) => {
    expect(await made(field, `SELECT ${value} AS v`)).toMatch(/^SCHEMA_MISMATCH/);
    expect(await made(field, `SELECT ${value} AS v`)).toContain(problem);
  });

  test.each<[z.ZodType, string, unknown]>([
    [z.array(z.int()), '[1, 2]::TINYINT[]', [1, 2]],
    [z.array(z.int()), '[1, 2]::HUGEINT[2]', [1, 2]],
    [z.array(z.string()), '[]', []],
    [z.string().nullable(), 'NULL', null],
    [z.array(z.int().nullable()), '[NULL]', [null]],
    [z.array(z.number()), '[0.5, 1]', [0.5, 1]],
    [z.object({ a: z.string().nullable(), b: z.int() }), `{'b': 1, 'a': NULL}`, { a: null, b: 1 }],
    [z.object({ 'a "b", (c': z.string() }), `{'a "b", (c': 'x'::ENUM('x', 'y, ]')}`, { 'a "b", (c': 'x' }],
    [z.unknown(), `to_json('00123')`, '00123'],
    [z.unknown(), `'{"a": 1}'::JSON`, { a: 1 }],
    [z.unknown(), `{'a': ['x']}`, { a: ['x'] }],
    [
      z.unknown(),
      `{'a': [0.5::DECIMAL(38, 19)], 'b': map {'x': 1.25::DECIMAL(20, 2)}}`,
      { a: [0.5], b: { x: 1.25 } },
    ],
  ])('and what fits is kept: %#', async (field, value, expected) => {
    expect(await made(field, `SELECT ${value} AS v`)).toEqual([expected]);
  });
});

describe('a number that JavaScript would round', () => {
  test.each([
    [z.number(), '9007199254740993::BIGINT'],
    [z.number(), '9007199254740993::UBIGINT'],
    [z.number(), '9007199254740993::HUGEINT'],
    [z.number(), '-9007199254740993::DECIMAL(20, 0)'],
    [z.number(), '1234567890123456.78::DECIMAL(20, 2)'],
    // Its double is that of …977.393, whose cast to DECIMAL gives …977.392 all the same.
    [z.number(), '11369005599977.392::DECIMAL(38, 3)'],
    [z.int(), '9007199254740993::BIGINT'],
    [z.int(), '170141183460469231731687303715884105727::HUGEINT'],
    [z.array(z.number()), '[1, 9007199254740993]'],
    [z.array(z.int()), '[1, 9007199254740993]'],
    [z.object({ a: z.array(z.object({ b: z.number() })) }), `{'a': [{'b': 1}, {'b': 9007199254740993}]}`],
    [z.unknown(), '0.1234567890123456789::DECIMAL(38, 19)'],
    [z.record(z.string(), z.number()), `{'a': 0.5, 'b': 0.1234567890123456789::DECIMAL(38, 19)}`],
    [z.record(z.string(), z.number()), `map {'a': [1234567890123456.78::DECIMAL(20, 2)]}`],
    [z.json(), `union_value("a, b" := 1234567890123456.78::DECIMAL(20, 2))`],
    [z.array(z.unknown()), '[0.1234567890123456789::DECIMAL(38, 19)]'],
  ])('%# is NUMBER_UNSAFE: %s', async (field, value) => {
    expect(await made(field, `SELECT ${value} AS v`)).toMatch(
      /^NUMBER_UNSAFE: 1 of the rows from test\/asset [\s\S]*\n {2}row 1, v: /,
    );
  });

  test('is counted, and twenty are shown', async () => {
    const message = await made(z.number(), 'SELECT 9007199254740900 + range AS v FROM range(200)');
    expect(message).toMatch(/^NUMBER_UNSAFE: 108 of the rows/);
    expect(message).toContain('  row 93, v: 9007199254740992\n');
    expect(String(message).match(/^ {2}row /gm)).toHaveLength(20);
  });

  test('is any that does not come back as it was', async () => {
    // Most lie where doubles begin to be too few: at sixteen and seventeen digits.
    const digits = fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 20 }))
      .map(([number, fewer]) => number / 10n ** BigInt(fewer));
    await fc.assert(
      fc.asyncProperty(digits, fc.integer({ min: 0, max: 22 }), async (unscaled, scale) => {
        const exact = `${unscaled < 0n ? '-' : ''}${String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')}`;
        const text = scale === 0 ? exact : `${exact.slice(0, -scale)}.${exact.slice(-scale)}`;
        const rows = await made(z.number(), `SELECT ${text}::DECIMAL(38, ${scale}) AS v`);
        if (Array.isArray(rows)) expect(unscaledOf(rows[0] as number, scale)).toBe(unscaled);
        else {
          expect(rows).toMatch(/^NUMBER_UNSAFE/);
          // With sixteen and more the engine takes a neighbour of the nearest double now and then, and it is refused.
          expect(exact.replace(/^-?0*/, '').length).toBeGreaterThan(15);
        }
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 100) },
    );
  });

  test('is none where it fits', async () => {
    const query = `SELECT unnest([9007199254740991, -9007199254740991, NULL]) AS v`;
    expect(await made(z.number().nullable(), query)).toEqual([9007199254740991, -9007199254740991, null]);
    expect(await made(z.number(), 'SELECT sum(1.25::DECIMAL(10, 2)) AS v FROM range(10)')).toEqual([12.5]);
  });

  test('is refused in rows of a query as well', async () => {
    const decimal = db.connection.rows('SELECT 12345678901234567890.12::DECIMAL(38, 2) AS v');
    await expect(decimal).rejects.toMatchObject({ code: 'NUMBER_UNSAFE' });
    expect(await db.connection.rows('SELECT 1234567890.12::DECIMAL(38, 2) AS v')).toEqual([
      { v: 1234567890.12 },
    ]);
  });

  test('hides an error of the author nowhere', async () => {
    expect(await made(z.number(), `SELECT CAST('x' || range AS BIGINT) AS v FROM range(3)`)).toMatch(
      /^SQL_FAILED/,
    );
  });
});

describe('a schema that would change rows', () => {
  const Trimmed = z.string().trim();
  test.each<[string, z.ZodType, string]>([
    ['trim', Trimmed, `The field "v" of test/asset is rewritten by its schema`],
    ['toLowerCase', z.string().toLowerCase().nullable(), 'trim(name) or lower(name)'],
    ['in a list', z.array(Trimmed), 'The field "v.[]"'],
    ['in a struct', z.object({ a: Trimmed }), 'The field "v.a"'],
    ['in JSON', z.union([z.int(), Trimmed]), 'The field "v"'],
    ['coerce', z.coerce.number(), 'is coerced (z.coerce)'],
    ['transform', z.string().transform(Number).pipe(z.int()), 'is transformed'],
    ['preprocess', z.preprocess((value) => value, z.string()), 'is transformed'],
    ['catch', z.string().catch('x'), 'replaces what does not fit'],
    ['normalized address', z.url({ normalize: true }), 'is normalized'],
    ['stringbool', z.stringbool(), 'is transformed'],
  ])('is refused: %s', async (_name, field, words) => {
    const message = await made(field, `SELECT 'a' AS v`);
    expect(message).toMatch(/^SCHEMA_UNSUPPORTED/);
    expect(message).toContain(words);
  });

  test('is none where it only has a default, since a column is always there', async () => {
    expect(await made(z.string().nullable().default(null), 'SELECT NULL AS v')).toEqual([null]);
    expect(await made(z.string().default('x'), 'SELECT NULL AS v')).toMatch(/^ROWS_INVALID/);
  });
});

describe('a column "__proto__"', () => {
  test('is refused in a query', async () => {
    expect(await made(z.int(), 'SELECT 1 AS v, 2 AS __proto__')).toContain(
      '"__proto__" is not in the schema',
    );
    expect(await made(z.object({ a: z.int() }), `SELECT {'a': 1, '__proto__': 2} AS v`)).toContain(
      '"v.__proto__" is not in the schema',
    );
    await expect(db.connection.rows('SELECT 1 AS __proto__')).rejects.toMatchObject({ code: 'SQL_FAILED' });
  });
});

test('a type is taken apart as the engine writes it', async () => {
  const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => !text.includes('\0'));
  const type = fc.letrec<{ type: string }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(
        'INTEGER',
        'DECIMAL(4,2)',
        'TIMESTAMP WITH TIME ZONE',
        `ENUM('a, (', 'it''s')`,
        'VARCHAR',
      ),
      tie('type').map((inner) => `${inner}[]`),
      tie('type').map((inner) => `MAP(VARCHAR, ${inner})`),
      fc
        .uniqueArray(fc.tuple(name, tie('type')), {
          minLength: 1,
          maxLength: 3,
          selector: ([one]) => one.toLowerCase(),
        })
        .map(
          (fields) =>
            `STRUCT(${fields.map(([one, inner]) => `"${one.replaceAll('"', '""')}" ${inner}`).join(', ')})`,
        ),
    ),
  })).type;
  await fc.assert(
    fc.asyncProperty(name, type, async (field, inner) => {
      const quoted = `"${field.replaceAll('"', '""')}"`;
      const [row] = await db.connection.rows(`DESCRIBE SELECT NULL::STRUCT(${quoted} ${inner}) AS v`);
      const read = readEngineType(String(row?.column_type));
      const [again] = await db.connection.rows(`DESCRIBE SELECT NULL::${inner} AS v`);
      expect(read).toMatchObject({
        kind: 'struct',
        fields: [{ name: field, type: readEngineType(String(again?.column_type)) }],
      });
    }),
    { numRuns: 100 },
  );
});
