import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { columnsOf, describeColumn, duckdbType } from './columns.ts';

const only = (schema: z.ZodType) => {
  const { name, ...column } = columnsOf(z.object({ field: schema }))[0] ?? { name: '' };
  expect(name).toBe('field');
  return column;
};
const required = (type: string) => ({ type, nullable: false });
const nullable = (type: string) => ({ type, nullable: true });

describe('the column of a zod type', () => {
  test.each([
    ['string', z.string(), required('string')],
    ['email', z.email(), required('string')],
    ['ISO time', z.iso.datetime(), required('string')],
    ['int', z.int(), required('integer')],
    ['number().int()', z.number().int().min(0), required('integer')],
    ['number', z.number(), required('number')],
    ['boolean', z.boolean(), required('boolean')],
    ['enum', z.enum(['a', 'b']), required('string')],
    ['literal', z.literal('a'), required('string')],
    ['several literals', z.literal(['a', 'b']), required('string')],
    ['literals of several types', z.literal(['a', 1]), required('json')],
    ['nullable', z.string().nullable(), nullable('string')],
    ['nullish', z.int().nullish(), nullable('integer')],
    ['nullable enum', z.enum(['a']).nullable(), nullable('string')],
    ['default', z.string().default('x'), required('string')],
    ['default null', z.string().nullable().default(null), nullable('string')],
    ['null', z.null(), nullable('json')],
    ['union', z.union([z.string(), z.int()]), required('json')],
    ['union with null', z.union([z.string(), z.int()]).nullable(), nullable('json')],
    ['union of one type and null', z.union([z.string(), z.null()]), nullable('string')],
    ['record', z.record(z.string(), z.int()), required('json')],
    ['unknown', z.unknown(), required('json')],
    ['tuple', z.tuple([z.string(), z.int()]), { ...required('list'), items: { type: 'json' } }],
    ['array', z.array(z.int()), { ...required('list'), items: { type: 'integer' } }],
    [
      'nullable array of nullables',
      z.array(z.string().nullable()).nullable(),
      { ...nullable('list'), items: { type: 'string' } },
    ],
    ['piped', z.string().transform(Number).pipe(z.int()), required('integer')],
  ])('%s', (_name, schema, column) => {
    expect(only(schema)).toEqual(column);
  });

  test('objects keep their fields, in order, all the way down', () => {
    const geo = z.object({ lng: z.number(), lat: z.number().nullable() });
    const column = only(
      z.object({ city: z.string(), geo: geo.nullable(), tags: z.array(z.object({ id: z.int() })) }),
    );
    expect(column).toEqual({
      type: 'struct',
      nullable: false,
      fields: [
        { name: 'city', ...required('string') },
        {
          name: 'geo',
          ...nullable('struct'),
          fields: [
            { name: 'lng', ...required('number') },
            { name: 'lat', ...nullable('number') },
          ],
        },
        {
          name: 'tags',
          ...required('list'),
          items: { type: 'struct', fields: [{ name: 'id', ...required('integer') }] },
        },
      ],
    });
  });
});

describe('a type that a column cannot hold is SCHEMA_UNSUPPORTED, with the field', () => {
  test.each([
    [
      'a date',
      z.object({ at: z.date() }),
      'The field "at" is a date, which JSON cannot hold. Keep it as text',
    ],
    ['a bigint inside', z.object({ a: z.object({ n: z.bigint() }) }), 'The field "a.n" is a bigint'],
    ['a map', z.object({ m: z.map(z.string(), z.int()) }), 'The field "m" is a map'],
    [
      'a field that may be missing',
      z.object({ phone: z.string().optional() }),
      'The field "phone" may be missing, but a column can only be null.',
    ],
    ['one inside', z.object({ a: z.object({ b: z.int().optional() }) }), 'The field "a.b" may be missing'],
    ['no field at all', z.object({}), 'The schema of a table has no columns.'],
    [
      'fields without a name',
      z.looseObject({ id: z.int() }),
      'The schema takes fields that it does not name (z.looseObject(), .catchall()): no column could hold them. Declare each field',
    ],
    [
      'such fields inside',
      z.object({ a: z.array(z.object({ id: z.int() }).catchall(z.int())) }),
      'The field "a[]" takes fields',
    ],
    [
      'the prototype',
      z.object({ a: z.object({ ['__proto__']: z.int() }) }),
      'The field "a.__proto__" would be the prototype of its row. Give it another name.',
    ],
    ['no name', z.object({ '': z.int() }), 'The field "" has no name. Give it another name.'],
    [
      'half of a character',
      z.object({ a: z.object({ '\ud83d': z.int() }) }),
      'The field "a.\ud83d" has a character in its name',
    ],
    [
      'a zero',
      z.object({ 'a\0': z.int() }),
      'The field "a\0" has a character in its name that no column can have.',
    ],
    [
      'the number of a row',
      z.object({ file_row_number: z.int() }),
      'The field "file_row_number" is called as DuckDB',
    ],
    ['names alike', z.object({ id: z.int(), ID: z.int() }), 'The fields "id" and "ID" differ only in case.'],
  ])('%s', (_name, schema, message) => {
    expect(() => columnsOf(schema)).toThrow(`SCHEMA_UNSUPPORTED: ${message}`);
  });
});

test('a column is spelled for DuckDB and for people', () => {
  const [column] = columnsOf(
    z.object({
      a: z.object({
        'odd "name"': z.string(),
        n: z.number(),
        ok: z.boolean(),
        ids: z.array(z.int()),
        any: z.unknown(),
      }),
    }),
  );
  if (!column) throw new Error('no column');
  expect(duckdbType(column)).toBe(
    'STRUCT("odd ""name""" VARCHAR, "n" DOUBLE, "ok" BOOLEAN, "ids" BIGINT[], "any" JSON)',
  );
  expect(describeColumn(column)).toBe(
    '{ odd "name": string, n: number, ok: boolean, ids: integer[], any: json }',
  );
});
