// Types are a surface like any other: the compiler is what runs these, through the typecheck target.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { asset, assets, memberOf, membersOf, multiAsset, sql, type Table, type ValueOf } from './index.ts';

const Row = z.object({ id: z.int() });
type RowType = { id: number };
const table = () => asset({ description: 'd', schema: Row, materialize: () => [] });

describe('a set of assets', () => {
  test('knows the names of a list that is written out', () => {
    const rates = assets([{ code: 'eur' }, { code: 'usd' }], ({ code }) => [code, table()]);
    expectTypeOf<ValueOf<typeof rates.eur>>().toEqualTypeOf<Table<RowType>>();
    // @ts-expect-error: there is none of that name
    expect(rates.gbp).toBeUndefined();
    expectTypeOf(membersOf(rates)).toHaveProperty('usd');
    // @ts-expect-error: there is none of that name
    expect(() => memberOf(rates, 'gbp')).toThrow('ASSET_MEMBER_UNKNOWN');
    asset({
      description: 'd',
      deps: { ...rates, one: memberOf(rates, 'eur') },
      value: z.unknown(),
      materialize(inputs) {
        expectTypeOf(inputs.usd).toEqualTypeOf<Table<RowType>>();
        expectTypeOf(inputs.one).toEqualTypeOf<Table<RowType>>();
      },
    });
  });

  test('knows the keys of an object', () => {
    const rates = assets({ eur: { year: 1999 }, usd: { year: 1792 } }, ({ year }, { name }) => {
      expectTypeOf(name).toEqualTypeOf<'eur' | 'usd'>();
      expectTypeOf(year).toEqualTypeOf<1999 | 1792>();
      return table();
    });
    expectTypeOf<ValueOf<typeof rates.eur>>().toEqualTypeOf<Table<RowType>>();
    // @ts-expect-error: there is none of that name
    expect(rates.gbp).toBeUndefined();
  });

  test('may lack a name that comes from data', () => {
    const list: { code: string }[] = [{ code: 'eur' }];
    const rates = assets(list, ({ code }) => [code, table()]);
    expect(rates.gbp).toBeUndefined();
    // @ts-expect-error: it may be undefined
    asset({ description: 'd', deps: { eur: rates.eur }, value: z.unknown(), materialize: () => 1 });
    const eur = memberOf(rates, 'eur');
    expect(eur).toBe(rates.eur);
    expectTypeOf<ValueOf<typeof eur>>().toEqualTypeOf<Table<RowType>>();
    asset({
      description: 'd',
      deps: membersOf(rates),
      value: z.unknown(),
      materialize(inputs) {
        expectTypeOf(inputs.eur).toEqualTypeOf<Table<RowType> | undefined>();
        expectTypeOf(Object.values(inputs)).toEqualTypeOf<Table<RowType>[]>();
      },
    });
  });
});

describe('an asset of several', () => {
  const made = multiAsset({
    description: 'd',
    deps: { source: table() },
    outputs: {
      users: { schema: Row, orderBy: ['id'] },
      total: { value: z.number() },
      page: { file: 'page.html' },
    },
    materialize({ source }, { files }) {
      expectTypeOf(source).toEqualTypeOf<Table<RowType>>();
      expectTypeOf(files).toEqualTypeOf<{ readonly page: string }>();
      return { users: sql`SELECT 1 AS id`, total: 1 };
    },
  });

  test('has a type of its own', () => {
    expectTypeOf<ValueOf<typeof made.users>>().toEqualTypeOf<Table<RowType>>();
    expectTypeOf<ValueOf<typeof made.total>>().toEqualTypeOf<number>();
    // @ts-expect-error: there is no such output
    expect(made.orders).toBeUndefined();
  });

  test('is returned with the others, and fits', () => {
    const outputs = { users: { schema: Row }, total: { value: z.number() } } as const;
    // @ts-expect-error: an output is missing
    multiAsset({ description: 'd', outputs, materialize: () => ({ users: [] }) });
    // @ts-expect-error: not a number
    multiAsset({ description: 'd', outputs, materialize: () => ({ users: [], total: 'x' }) });
  });

  test('is one value, in an order that its columns have', () => {
    const total = { value: z.number() } as const;
    const outputs = { users: { schema: Row, orderBy: ['name'] }, total } as const;
    const materialize = () => ({ users: [], total: 1 });
    // @ts-expect-error: no such column
    expect(() => multiAsset({ description: 'd', outputs, materialize })).toThrow('ASSET_OPTION_INVALID');
    const both = { schema: Row, value: z.number() } as const;
    // @ts-expect-error: a table or a document
    expect(() => multiAsset({ description: 'd', outputs: { both, total }, materialize: never })).toThrow();
  });
});

const never = () => {
  throw new Error('is not called');
};
