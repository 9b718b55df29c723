// Types are a surface like any other: the compiler is what runs these, through the typecheck target.
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  allPartitions,
  asset,
  type Asset,
  daily,
  type DocumentAsset,
  type FileAsset,
  type FileValue,
  type RowOf,
  type Table,
  type TableAsset,
  type ValueOf,
} from './index.ts';

const User = z.object({ user_id: z.int(), name: z.string() });
type UserRow = { user_id: number; name: string };

const users = asset({ description: 'd', schema: User, materialize: () => [] });
const days = asset({
  description: 'd',
  schema: User,
  partitions: daily({ start: '2026-01-01' }),
  materialize: () => [],
});
const totals = asset({
  description: 'd',
  value: z.object({ total: z.number() }),
  materialize: () => ({ total: 1 }),
});
const report = asset({ description: 'd', file: 'report.csv', materialize: () => undefined });

// Three kinds as a package would write them: no cast, and no key of a type that is not public.

const lines = <Row extends object>(from: TableAsset<Row>) =>
  asset({
    description: 'd',
    deps: { table: from },
    file: 'lines.txt',
    async materialize({ table }) {
      expectTypeOf(table).toEqualTypeOf<Table<Row>>();
      for await (const row of table.stream()) JSON.stringify(row);
    },
  });

const copyOf = <Value>(from: DocumentAsset<Value>, value: z.ZodType<Value>) =>
  asset({
    description: 'd',
    deps: { document: from },
    value,
    materialize: ({ document }) => document,
  });

const sizeOf = (from: FileAsset) =>
  asset({
    description: 'd',
    deps: { file: from },
    value: z.number(),
    materialize: ({ file }) => file.bytes,
  });

describe('a kind over a table', () => {
  test('takes any table, and knows its rows', () => {
    expectTypeOf(lines(users)).toEqualTypeOf<
      Asset<FileValue, { readonly table: TableAsset<UserRow> }, Record<never, never>, void, null>
    >();
    expectTypeOf(lines(days)).not.toBeAny();
    expectTypeOf(lines(allPartitions(days))).not.toBeAny();
    expectTypeOf(users).toExtend<TableAsset>();
    expectTypeOf(users).toExtend<TableAsset<UserRow>>();
  });

  test('takes nothing else', () => {
    const wrong = () => {
      // @ts-expect-error: a document is no table
      lines(totals);
      // @ts-expect-error: a file is no table
      lines(report);
      // @ts-expect-error: a schema is no asset
      lines(User);
    };
    expectTypeOf(wrong).toBeFunction();
  });

  test('may say which columns it needs', () => {
    const count = (from: TableAsset<{ name: string }>) => from;
    expectTypeOf(count(users)).not.toBeAny();
    const wrong = () => {
      const other = (from: TableAsset<{ city: string }>) => from;
      // @ts-expect-error: no such column
      other(users);
    };
    expectTypeOf(wrong).toBeFunction();
  });
});

describe('a kind over a document', () => {
  test('takes any document of that type', () => {
    expectTypeOf(copyOf(totals, z.object({ total: z.number() }))).not.toBeAny();
    expectTypeOf(totals).toExtend<DocumentAsset<{ total: number }>>();
    const wrong = () => {
      const take = <Value>(from: DocumentAsset<Value>) => from;
      // @ts-expect-error: a table is no document
      take(users);
      // @ts-expect-error: a file is no document
      take(report);
      const takeTotal = (from: DocumentAsset<{ sum: number }>) => from;
      // @ts-expect-error: another document
      takeTotal(totals);
    };
    expectTypeOf(wrong).toBeFunction();
  });
});

describe('a kind over a file', () => {
  test('takes files alone', () => {
    expectTypeOf<ValueOf<ReturnType<typeof sizeOf>>>().toEqualTypeOf<number>();
    const wrong = () => {
      // @ts-expect-error: a table is no file
      sizeOf(users);
      // @ts-expect-error: a document is no file
      sizeOf(totals);
    };
    expectTypeOf(wrong).toBeFunction();
  });
});

describe('the row of an asset', () => {
  test('is known by its type alone, so that nobody exports a schema for it', () => {
    expectTypeOf<RowOf<typeof users>>().toEqualTypeOf<UserRow>();
    expectTypeOf<RowOf<TableAsset<UserRow>>>().toEqualTypeOf<UserRow>();
    expectTypeOf<RowOf<typeof report>>().toBeNever();
  });
});
