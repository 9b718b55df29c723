import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkTable } from './check-table.ts';
import { columnsOf } from './columns.ts';
import { literal } from './duckdb.ts';
import { rulesOf } from './engine-rules.ts';
import { useDuckDb } from './test-support.ts';
import { readJsonLines } from './write-rows.ts';

const db = useDuckDb('rules');

/** A table that holds any values of the type of its column, whatever the schema says of them. */
async function tableOf(schema: z.ZodObject, values: readonly unknown[]): Promise<string> {
  const path = join(db.root, 'rows.ndjson');
  const target = join(db.root, 'rows.parquet');
  const lines = values.map((v) => `${JSON.stringify({ v })}\n`);
  writeFileSync(path, lines.join(''));
  const longest = Math.max(...lines.map((line) => line.length)) * 3;
  const select = `SELECT * FROM ${readJsonLines({ path, longest }, columnsOf(schema))}`;
  await db.connection.run(`COPY (${select}) TO ${literal(target)} (FORMAT parquet)`);
  return target;
}

/** What a check says that leaves up to `fullCheckRows` rows to zod. */
const verdict = async (path: string, schema: z.ZodObject, rowCount: number, fullCheckRows: number) => {
  const columns = columnsOf(schema);
  return checkTable(path, schema, columns, rowCount, 'test', db.connection, fullCheckRows).then(
    () => 'fits',
    (error: unknown) => (error as Error).message,
  );
};

const awkward = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\r',
  '\u2028',
  '\v',
  '\u00a0',
  'é',
  '😀',
  '😀😀',
  'K',
  'ſ',
  'A',
  'b',
  '\u0301',
  '"',
  "'",
);
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.array(awkward, { maxLength: 4 }).map((parts) => parts.join('')),
);
/** Texts that match, and texts that nearly do. */
const near = (pattern: RegExp) =>
  fc
    .tuple(
      fc.stringMatching(pattern),
      awkward,
      fc.nat(),
      fc.constantFrom('keep', 'insert', 'replace', 'drop'),
    )
    .map(([good, other, place, change]) => {
      const at = good.length === 0 ? 0 : place % (good.length + 1);
      if (change === 'keep') return good;
      return (
        good.slice(0, at) + (change === 'drop' ? '' : other) + good.slice(change === 'insert' ? at : at + 1)
      );
    });
const textsLike = (...examples: string[]) =>
  fc.oneof(
    text,
    fc.constantFrom(...examples),
    ...examples.map((example) => near(new RegExp(`^${example.replaceAll(/\W/g, '\\$&')}$`))),
  );
const number = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.constantFrom(0.5, -0.1, 9.999, 1e21, -1e300, 2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53 - 1),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const int = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.constantFrom(2 ** 31, 2 ** 32 - 1, 2 ** 32, -(2 ** 31), -(2 ** 31) - 1),
);
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 12 });
const UUID = '123e4567-e89b-42d3-a456-426614174000';

const RULES: readonly (readonly [string, z.ZodType, fc.Arbitrary<unknown>])[] = [
  ['string', z.string(), text],
  ['nullable', z.string().min(1).nullable(), text],
  ['union with null', z.union([z.string().max(2), z.null()]), text],
  ['default', z.string().min(1).default('x'), text],
  ['min', z.string().min(3), text],
  ['max', z.string().max(3), text],
  ['length', z.string().length(2), text],
  ['regex', z.string().regex(/^a.b$/), near(/^a[ -~]b$/)],
  ['regex i', z.string().regex(/^[a-k]+s$/i), near(/^[a-kA-K]+[sS]$/)],
  ['regex s', z.string().regex(/^\s*\S.\S\s*$/s), near(/^\s*[a-z].[a-z]\s*$/)],
  ['regex u', z.string().regex(/^\p{Lu}[^\d]*$/u), near(/^[A-Z][a-z]*$/)],
  ['regex that is not anchored', z.string().regex(/\w[-\w.]$|\[x]|\bq/), text],
  ['startsWith', z.string().startsWith("a'"), textsLike("a'b")],
  ['endsWith', z.string().endsWith('%_'), textsLike('x%_')],
  ['includes', z.string().includes('a.'), textsLike('xa.x')],
  ['lowercase', z.string().lowercase(), text],
  ['uppercase', z.string().uppercase(), text],
  ['email', z.email(), textsLike('a.b@c.de', "o'x+y@sub.example.org")],
  ['uuid', z.uuid(), textsLike(UUID, UUID.toUpperCase(), '00000000-0000-0000-0000-000000000000')],
  ['uuidv4 as a check', z.string().uuid(), textsLike(UUID)],
  ['guid', z.guid(), textsLike(UUID)],
  [
    'iso.datetime',
    z.iso.datetime(),
    textsLike('2026-02-28T23:59:59Z', '2024-02-29T00:00:00.123Z', '2023-02-29T00:00:00Z'),
  ],
  [
    'iso.datetime local',
    z.iso.datetime({ local: true, offset: true }),
    textsLike('2026-01-01T00:00', '2026-01-01T00:00:00+02:00'),
  ],
  ['iso.date', z.iso.date(), textsLike('2026-12-31', '1900-02-29')],
  ['iso.time', z.iso.time({ precision: 3 }), textsLike('23:59:59.999')],
  ['nanoid', z.nanoid(), textsLike('V1StGXR8_Z5jdHi6B-myT')],
  ['cuid', z.cuid(), textsLike('cjld2cjxh0000qzrmn831i7rn')],
  ['cuid2', z.cuid2(), textsLike('tz4a98xxat96iws9zmbrgj3a')],
  ['ulid', z.ulid(), textsLike('01ARZ3NDEKTSV4RRFFQ69G5FAV')],
  ['xid', z.xid(), textsLike('9m4e2mr0ui3e8a215n4g')],
  ['ksuid', z.ksuid(), textsLike('0ujtsYcgvSTl8PAuAdqWYSMnLOv')],
  ['ipv4', z.ipv4(), textsLike('192.168.1.255', '256.1.1.1')],
  ['cidrv4', z.cidrv4(), textsLike('10.0.0.0/8')],
  ['e164', z.e164(), textsLike('+4712345678')],
  ['hex', z.hex(), textsLike('c0ffee')],
  ['hash', z.hash('md5'), textsLike('d41d8cd98f00b204e9800998ecf8427e')],
  ['mac', z.mac(), textsLike('00:1b:44:11:3a:b7')],
  [
    'several',
    z
      .string()
      .min(2)
      .max(4)
      .regex(/^[a-z]/)
      .endsWith('b'),
    near(/^[a-z]{1,4}b$/),
  ],
  ['enum', z.enum(['a', "it's", 'é']), fc.constantFrom('a', "it's", 'é', 'A', '', 'e')],
  ['literals', z.literal(['a', 'b']), fc.constantFrom('a', 'b', 'c')],
  ['a number', z.literal(1.5), fc.constantFrom(1.5, 1, 2)],
  ['true', z.literal(true), fc.boolean()],
  ['boolean', z.boolean(), fc.boolean()],
  ['number', z.number(), number],
  ['min and max', z.number().min(-0.1).max(9.999), number],
  ['gt and lt', z.number().gt(-0.1).lt(9.999), number],
  ['positive', z.number().positive(), number],
  ['multipleOf', z.number().multipleOf(5), number],
  ['int', z.int(), int],
  ['int from to', z.number().int().min(-3).max(7.5), int],
  ['int32', z.int32(), int],
  ['uint32', z.uint32(), int],
  ['int multipleOf', z.int().multipleOf(-3), int],
  ['list', z.array(z.string().min(1)), fc.array(orNull(text), { maxLength: 3 })],
  ['list of nullables', z.array(z.int().min(0).nullable()), fc.array(orNull(int), { maxLength: 3 })],
  ['length of lists', z.array(z.int()).min(1).max(2).nullable(), fc.array(int, { maxLength: 3 })],
  [
    'list of lists',
    z.array(z.array(z.enum(['a'])).length(1)),
    fc.array(orNull(fc.array(orNull(fc.constantFrom('a', 'b')), { maxLength: 2 })), { maxLength: 2 }),
  ],
  [
    'struct',
    z.object({ a: z.int().max(5), b: z.object({ c: z.email().nullable() }).nullable() }),
    fc.record({ a: orNull(int), b: orNull(fc.record({ c: orNull(textsLike('a@b.cd')) })) }),
  ],
  [
    'list of structs',
    z.array(z.object({ a: z.string().max(2), l: z.array(z.int()).nullable() })),
    fc.array(orNull(fc.record({ a: orNull(text), l: orNull(fc.array(orNull(int), { maxLength: 2 })) })), {
      maxLength: 2,
    }),
  ],
];

describe('what the engine finds is what zod finds', () => {
  test.each(RULES)(
    '%s',
    async (_name, rule, values) => {
      const schema = z.object({ v: rule });
      expect(rulesOf(schema, columnsOf(schema), new Set(['v'])), 'it is compiled').not.toBeNull();
      let bad = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(orNull(values), { minLength: 1, maxLength: 40 }), async (rows) => {
          const path = await tableOf(schema, rows);
          const byZod = await verdict(path, schema, rows.length, Infinity);
          expect(await verdict(path, schema, rows.length, 0)).toBe(byZod);
          if (byZod !== 'fits') bad++;
        }),
        { numRuns: 12 },
      );
      expect(bad).toBeGreaterThan(0);
    },
    60_000,
  );
});

describe('what the engine cannot tell goes through zod, row by row', () => {
  test.each([
    ['refine', z.string().refine((value) => value !== 'bad')],
    [
      'refine of a nullable',
      z
        .string()
        .nullable()
        .refine((value) => value !== 'bad'),
    ],
    [
      'refine of a default',
      z
        .string()
        .default('good')
        .refine((value) => value !== 'bad'),
    ],
    [
      'refine of what is read only',
      z
        .string()
        .readonly()
        .refine((value) => value !== 'bad'),
    ],
    [
      'refine of a nullish',
      z
        .string()
        .nullish()
        .refine((value) => value !== 'bad'),
    ],
    ['refine of a union with null', z.union([z.string(), z.null()]).refine((value) => value !== 'bad')],
    [
      'superRefine of the field',
      z
        .string()
        .check(
          (context) =>
            void (
              context.value === 'bad' &&
              context.issues.push({ code: 'custom', input: context.value, message: 'no' })
            ),
        ),
    ],
    ['lookahead', z.string().regex(/^(?!bad)/)],
    ['back reference', z.string().regex(/^(?:good)|(.)\1/)],
    ['multiline', z.string().regex(/^good$/m)],
    ['duration', z.union([z.literal('good'), z.iso.duration()])],
    ['url', z.string().url().or(z.literal('good'))],
    ['tuple', z.string().pipe(z.enum(['good']))],
  ])('%s', async (_name, rule) => {
    const schema = z.object({ v: rule });
    expect(rulesOf(schema, columnsOf(schema), new Set())).toBeNull();
    const rows = [...Array.from({ length: 50 }, () => 'good'), 'bad'];
    const message = await verdict(await tableOf(schema, rows), schema, rows.length, 0);
    expect(message).toMatch(/^ROWS_INVALID: 1 of 51 rows[\s\S]* row 51, v: /);
  });

  test.each<[string, z.ZodType, unknown]>([
    [
      'an item',
      z.array(
        z
          .int()
          .nullable()
          .refine((value) => value !== 5),
      ),
      [1, 5],
    ],
    [
      'a list',
      z
        .array(z.int())
        .nullable()
        .refine((value) => value?.length !== 2),
      [1, 5],
    ],
    [
      'a field',
      z.object({
        a: z
          .boolean()
          .nullable()
          .refine((value) => value !== true),
      }),
      { a: true },
    ],
    [
      'a struct',
      z
        .object({ a: z.int() })
        .nullable()
        .refine((value) => value?.a !== 5),
      { a: 5 },
    ],
  ])('a refinement of %s that may be null', async (_name, rule, bad) => {
    const schema = z.object({ v: rule });
    expect(await verdict(await tableOf(schema, [bad]), schema, 1, 0)).toMatch(/1 of 1 rows/);
  });

  test('a refinement of the row', async () => {
    const schema = z.object({ v: z.string() }).refine(({ v }) => v !== 'bad');
    expect(await verdict(await tableOf(schema, ['good', 'bad']), schema, 2, 0)).toMatch(/1 of 2 rows/);
  });

  test('a check that changes what it checks', async () => {
    const schema = z.object({ v: z.string().check((context) => void (context.value = 'other')) });
    expect(await verdict(await tableOf(schema, ['a']), schema, 1, 0)).toContain('would change it');
    expect(await verdict(await tableOf(schema, ['other']), schema, 1, 0)).toBe('fits');
  });

  test('z.url(), of which zod takes white space away', async () => {
    const schema = z.object({ v: z.url() });
    expect(await verdict(await tableOf(schema, ['http://a.b']), schema, 1, 0)).toBe('fits');
    expect(await verdict(await tableOf(schema, [' http://a.b']), schema, 1, 0)).toContain('would change it');
  });
});

describe('JSON', () => {
  test.each([z.unknown(), z.any(), z.json()])(
    'of any kind is left to the engine, but for numbers: %#',
    async (rule) => {
      const schema = z.object({ v: rule });
      expect(rulesOf(schema, columnsOf(schema), new Set())).toHaveLength(1);
      const target = join(db.root, 'json.parquet');
      const said = async (json: string) => {
        await db.connection.run(
          `COPY (SELECT ${literal(json)}::JSON AS v) TO ${literal(target)} (FORMAT parquet)`,
        );
        return [await verdict(target, schema, 1, 0), await verdict(target, schema, 1, 10)];
      };
      expect(await said('{"a": [1, "information 1234567890123456789", 1e300, 1152921504606846976]}')).toEqual(
        ['fits', 'fits'],
      );
      for (const json of [
        '9007199254740993',
        '{"a": [1, 9007199254740993]}',
        '{"a": 12345678901234567890.5}',
        '1e400',
        '[NaN]',
      ]) {
        for (const message of await said(json)) expect(message).toMatch(/1 of 1 rows/);
      }
    },
  );
});
