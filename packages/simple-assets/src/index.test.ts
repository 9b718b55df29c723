import { asset, sql } from '@nx-assets/core';
import { type LiteralOf, materializeOne } from '@nx-assets/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { data_extraction_summary, raw_user_data, transformed_user_data, user_data_csv } from './index.ts';

type RawUser = LiteralOf<typeof raw_user_data>[number];
type FlatUser = LiteralOf<typeof transformed_user_data>[number];

const raw = (id: number, more: Partial<RawUser> = {}): RawUser => ({
  id,
  name: 'Ada',
  username: 'ada',
  email: 'Ada@Example.org',
  address: { street: null, suite: null, city: 'Paris', zipcode: null, geo: null },
  phone: null,
  website: null,
  company: { name: 'Engines', catchPhrase: null, bs: null },
  ...more,
});
const flat = (user_id: number, city: string | null): FlatUser => ({
  user_id,
  name: 'Ada',
  email: 'a@b',
  city,
  company: null,
});

test('raw_user_data: the users, as the API gives them', async () => {
  const { rows, logs } = await materializeOne(raw_user_data);
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatchObject({ id: 1, name: 'Leanne Graham', address: { geo: { lat: '-37.3159' } } });
  expect(logs[0]).toContain('the embedded data set');
});

describe('transformed_user_data', () => {
  const transform = async (raw_user_data: readonly RawUser[]) =>
    (await materializeOne(transformed_user_data, { inputs: { raw_user_data } })).rows;

  test('five columns of each user, in their order', async () => {
    const rows = await transform([raw(2 ** 53 - 1), raw(1, { address: null, company: null })]);
    expect(rows.map((row) => Object.entries(row))).toEqual([
      [
        ['user_id', 2 ** 53 - 1],
        ['name', 'Ada'],
        ['email', 'Ada@Example.org'],
        ['city', 'Paris'],
        ['company', 'Engines'],
      ],
      [
        ['user_id', 1],
        ['name', 'Ada'],
        ['email', 'Ada@Example.org'],
        ['city', null],
        ['company', null],
      ],
    ]);
  });

  test('no users', async () => {
    expect(await transform([])).toEqual([]);
  });

  /** The same computation without a frame. */
  const inDuckDb = asset({
    description: 'The columns that matter, selected in DuckDB.',
    deps: { raw_user_data },
    schema: z.object({
      user_id: z.int(),
      name: z.string(),
      email: z.string(),
      city: z.string().nullable(),
      company: z.string().nullable(),
    }),
    materialize: ({ raw_user_data }) => sql`
      SELECT id AS user_id, name, email, address.city AS city, company.name AS company FROM ${raw_user_data}`,
  });

  test('danfo selects what DuckDB selects', { timeout: 60_000 }, async () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('', '1', '=1+1', 'a,"b"\n', 'שלום', '😀', 'null', 'NaN'),
    );
    const user = fc
      .record({
        id: fc.maxSafeInteger(),
        name: text,
        email: text,
        city: fc.option(text),
        company: fc.option(text),
      })
      .map(({ id, city, company, ...user }) =>
        raw(id, {
          ...user,
          address: city === null ? null : { street: null, suite: null, city, zipcode: null, geo: null },
          company: company === null ? null : { name: company, catchPhrase: null, bs: null },
        }),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(user, { maxLength: 30 }), async (raw_user_data) => {
        const { rows } = await materializeOne(inDuckDb, { inputs: { raw_user_data } });
        expect(await transform(raw_user_data)).toEqual(rows);
      }),
      { numRuns: 12 },
    );
  });
});

test('user_data_csv: the rows as a file', async () => {
  const rows = [flat(1, 'a "city", or two'), { ...flat(2, null), name: '=1+1' }];
  const { text, path } = await materializeOne(user_data_csv, { inputs: { table: rows } });
  expect(path).toBe('output/user_data.csv');
  expect(text).toBe('user_id,name,email,city,company\n1,Ada,a@b,"a ""city"", or two",\n2,=1+1,a@b,,\n');
});

describe('data_extraction_summary', () => {
  const summarize = async (transformed_user_data: readonly FlatUser[]) =>
    (
      await materializeOne(data_extraction_summary, {
        inputs: { transformed_user_data, user_data_csv: { text: 'ü\n' } },
      })
    ).value;

  test('counts users, and names each city once', async () => {
    const summary = await summarize([flat(1, 'Paris'), flat(2, null), flat(3, 'Lima'), flat(4, 'Paris')]);
    expect(Object.entries(summary)).toEqual([
      ['total_users', 4],
      ['columns', ['user_id', 'name', 'email', 'city', 'company']],
      ['cities', ['Lima', 'Paris']],
      ['csv_path', 'output/user_data.csv'],
      ['csv_bytes', 3],
    ]);
  });

  test('no users', async () => {
    expect(await summarize([])).toMatchObject({ total_users: 0, cities: [] });
  });
});
