// Types are a surface like any other: the compiler is what runs these, through the typecheck target.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  asset,
  checksOn,
  type FileValue,
  type JsonDocument,
  range,
  refersTo,
  type Resource,
  resource,
  type RowOf,
  sql,
  steady,
  type Table,
  unique,
  type ValueOf,
} from './index.ts';

const User = z.object({ user_id: z.int(), name: z.string(), email: z.string().nullable() });
type UserRow = { user_id: number; name: string; email: string | null };

const users = asset({ description: 'd', schema: User, materialize: () => [] });
const totals = asset({
  description: 'd',
  value: z.object({ total: z.number() }),
  materialize: () => ({ total: 1 }),
});
const report = asset({ description: 'd', file: 'report.csv', materialize: () => undefined });
const api = resource({ description: 'd', open: () => ({ get: (path: string) => path.length }) });

describe('the order of a table', () => {
  const materialize = () => sql`SELECT 1`;

  test('names columns of the schema, a minus before those that descend', () => {
    asset({ description: 'd', schema: User, orderBy: ['-name', 'user_id'], materialize });
    // @ts-expect-error: no such column
    expect(() => asset({ description: 'd', schema: User, orderBy: ['nme'], materialize })).toThrow();
    // @ts-expect-error: one minus at most
    expect(() => asset({ description: 'd', schema: User, orderBy: ['--name'], materialize })).toThrow();
  });

  test('is nothing that a document or a file has', () => {
    const document = { description: 'd', value: z.string(), materialize: () => 'x' } as const;
    // @ts-expect-error: a document has no rows
    expect(() => asset({ ...document, orderBy: ['name'] })).toThrow();
    const file = { description: 'd', file: 'x.txt', materialize: () => undefined } as const;
    // @ts-expect-error: a file has no rows
    expect(() => asset({ ...file, orderBy: ['name'] })).toThrow();
  });
});

describe('files that are opened by path', () => {
  test('are a list of patterns', () => {
    const base = { description: 'd', value: z.int(), materialize: () => 1 } as const;
    expectTypeOf(asset({ ...base, reads: ['data/*.csv'] }).reads).toEqualTypeOf<readonly string[]>();
    // @ts-expect-error: one pattern alone is no list
    expect(() => asset({ ...base, reads: 'data/*.csv' })).toThrow();
    // @ts-expect-error: patterns are texts
    expect(() => asset({ ...base, reads: [/csv/] })).toThrow();
  });
});

describe('checks', () => {
  const materialize = () => [];

  test('fit the rows', () => {
    asset({
      description: 'd',
      schema: User,
      checks: [
        unique('user_id'),
        range('user_id', { min: 1 }),
        {
          name: 'named',
          passes: async ({ value }) => {
            expectTypeOf(value).toEqualTypeOf<Table<UserRow>>();
            return (await value.rows()).every((row) => row.name !== '');
          },
        },
      ],
      materialize,
    });
    // @ts-expect-error: no such column
    expect(() => asset({ description: 'd', schema: User, checks: [unique('id')], materialize })).toThrow();
    // @ts-expect-error: a text has no range
    asset({ description: 'd', schema: User, checks: [range('name', { min: 1 })], materialize });
  });

  test('of documents and files see these', () => {
    asset({
      description: 'd',
      value: z.object({ total: z.number() }),
      checks: [{ name: 'some', passes: ({ value }) => value.total > 0 }],
      materialize: () => ({ total: 1 }),
    });
    asset({
      description: 'd',
      file: 'a.txt',
      checks: [{ name: 'some', passes: ({ value }) => value.bytes > 0 }],
      materialize: () => undefined,
    });
    const document = { description: 'd', value: z.string(), materialize: () => '' } as const;
    // @ts-expect-error: a document has no rows
    expect(() => asset({ ...document, checks: [unique('x')] })).toThrow();
  });

  test('on another asset fit what that holds', () => {
    const about = { on: users, description: 'd' } as const;
    checksOn({
      ...about,
      checks: [
        unique('user_id'),
        steady('name', 'nulls'),
        {
          name: 'named',
          passes: ({ value }) => {
            expectTypeOf(value).toEqualTypeOf<Table<UserRow>>();
            return value.rowCount > 0;
          },
        },
      ],
    });
    // @ts-expect-error: no such column
    expect(() => checksOn({ ...about, checks: [unique('id')] })).toThrow('"id", which is no column');
    // @ts-expect-error: a text has no mean
    checksOn({ ...about, checks: [steady('name', 'mean')] });
    expect(() => checksOn({ ...about, checks: [] })).toThrow('has no checks');
    expect(() => checksOn({ ...about, checks: [refersTo('user_id', users, 'user_id')] })).not.toThrow();
    const stranger = asset({ description: 'd', schema: User, materialize });
    expect(() => checksOn({ ...about, checks: [refersTo('user_id', stranger, 'user_id')] })).toThrow(
      'refers to an asset that is not among the deps',
    );
  });

  test('that refer to another asset name one of its columns', () => {
    expectTypeOf(refersTo('user_id', users, 'user_id')).not.toBeAny();
    // @ts-expect-error: no such column there
    refersTo('user_id', users, 'id');
  });
});

describe('what a dependent receives', () => {
  test('follows from how the dep says what it is', () => {
    expectTypeOf<ValueOf<typeof users>>().toEqualTypeOf<Table<UserRow>>();
    expectTypeOf<ValueOf<typeof totals>>().toEqualTypeOf<{ total: number }>();
    expectTypeOf<ValueOf<typeof report>>().toEqualTypeOf<FileValue>();
    expectTypeOf<RowOf<typeof users>>().toEqualTypeOf<UserRow>();
    expectTypeOf<RowOf<typeof totals>>().toBeNever();
  });

  test('is what the schema gives out, not what it takes', () => {
    const schema = z.object({ id: z.string().transform(Number), city: z.string().default('') });
    const made = asset({ description: 'd', schema, materialize: () => [{ id: '1' }] });
    expectTypeOf(made).not.toBeAny();
    expectTypeOf<RowOf<typeof made>>().toEqualTypeOf<{ id: number; city: string }>();
  });

  test('reaches materialize under the alias of the dep', () => {
    asset({
      description: 'd',
      file: 'x.csv',
      deps: { people: users, totals, report },
      materialize: (inputs) => {
        expectTypeOf(inputs).toEqualTypeOf<{
          readonly people: Table<UserRow>;
          readonly totals: { total: number };
          readonly report: FileValue;
        }>();
      },
    });
  });

  test('narrows to the columns that are asked for', () => {
    type Users = ValueOf<typeof users>;
    const read = async (table: Users) => {
      expectTypeOf(await table.rows()).toEqualTypeOf<UserRow[]>();
      expectTypeOf(await table.rows({ columns: ['name'] })).toEqualTypeOf<Pick<UserRow, 'name'>[]>();
      for await (const row of table.stream({ columns: ['user_id'] }))
        expectTypeOf(row).toEqualTypeOf<Pick<UserRow, 'user_id'>>();
      await table.rows({
        where: { email: null, name: { in: ['a'] }, user_id: { gte: 1 } },
        orderBy: ['-name', 'user_id'],
        limit: 1,
      });
      // @ts-expect-error: no such column
      await table.rows({ columns: ['id'] });
      // @ts-expect-error: no such column
      await table.rows({ where: { id: 1 } });
      // @ts-expect-error: a number column is compared with numbers
      await table.rows({ where: { user_id: 'a' } });
      // @ts-expect-error: this column is never null
      await table.rows({ where: { name: null } });
      // @ts-expect-error: no such column
      await table.rows({ orderBy: ['-id'] });
      const [first] = await table.rows({ columns: ['user_id'] });
      if (first) expectTypeOf(first).not.toHaveProperty('name');
    };
    expectTypeOf(read).toBeFunction();
  });
});

describe('what materialize may return', () => {
  test('rows in any shape that can be walked, queries and documents', () => {
    const row: UserRow = { user_id: 1, name: 'a', email: null };
    const document: JsonDocument = { type: 'json-document', path: 'x', source: 'y' };
    const deps = { users };
    const both = { description: 'd', schema: User, deps } as const;
    asset({ ...both, materialize: () => [row] });
    asset({ ...both, materialize: () => new Set([row]) });
    asset({ ...both, materialize: () => Promise.resolve([row]) });
    asset({ ...both, materialize: ({ users }) => users.rows() });
    asset({ ...both, materialize: ({ users }) => users.stream() });
    asset({ ...both, materialize: ({ users }) => sql`SELECT * FROM ${users}` });
    asset({ ...both, materialize: () => document });
    asset({
      ...both,
      *materialize() {
        yield row;
      },
    });
  });

  test('a field that is missing, or of another type does not compile', () => {
    // @ts-expect-error: email is missing
    asset({ description: 'd', schema: User, materialize: () => [{ user_id: 1, name: 'a' }] });
    // @ts-expect-error: user_id is a number
    asset({ description: 'd', schema: User, materialize: () => [{ user_id: '1', name: 'a', email: null }] });
    // @ts-expect-error: email is missing in what is promised
    asset({ description: 'd', schema: User, materialize: async () => [{ user_id: 1, name: 'a' }] });
    // @ts-expect-error: one row is not a list of rows
    asset({ description: 'd', schema: User, materialize: () => ({ user_id: 1, name: 'a', email: null }) });
    // @ts-expect-error: total is a number
    asset({ description: 'd', value: z.object({ total: z.number() }), materialize: () => ({ total: '1' }) });
    // @ts-expect-error: a file is written to context.file, not returned
    asset({ description: 'd', file: 'a.csv', materialize: () => 'text' });
  });

  test('rows of a dep that lack a column of the schema do not compile', () => {
    const more = User.extend({ city: z.string() });
    // @ts-expect-error: city is missing
    asset({ description: 'd', schema: more, deps: { users }, materialize: ({ users }) => users.rows() });
  });
});

describe('a definition that cannot be', () => {
  test('does not compile', () => {
    const materialize = () => [];
    const nothing = () => undefined;
    const wrong = () => {
      // @ts-expect-error: a description is required
      asset({ schema: User, materialize });
      // @ts-expect-error: an unknown option
      asset({ description: 'd', schema: User, dep: { users }, materialize });
      // @ts-expect-error: a dep is an imported asset, not a name
      asset({ description: 'd', schema: User, deps: { users: 'transforms/users' }, materialize });
      // @ts-expect-error: a dep is an asset, not its schema
      asset({ description: 'd', schema: User, deps: { users: User }, materialize });
      // @ts-expect-error: a schema or a value
      asset({ description: 'd', schema: User, value: z.number(), materialize });
      // @ts-expect-error: a schema or a file
      asset({ description: 'd', schema: User, file: 'a.csv', materialize });
      // @ts-expect-error: a value or a file
      asset({ description: 'd', value: z.number(), file: 'a.csv', materialize: () => 1 });
      // @ts-expect-error: one of schema, value and file
      asset({ description: 'd', materialize: nothing });
      // @ts-expect-error: a schema describes rows
      asset({ description: 'd', schema: z.array(User), materialize });
      // @ts-expect-error: no duration
      asset({ description: 'd', schema: User, freshness: { maxAge: '1 hour' }, materialize });
      // @ts-expect-error: metadata is JSON
      asset({ description: 'd', schema: User, metadata: { at: new Date() }, materialize });
      asset({
        description: 'd',
        file: 'a.csv',
        deps: { users },
        // @ts-expect-error: no dep of that alias
        materialize: ({ user }) => void user,
      });
      // @ts-expect-error: a resource is opened, not a client at hand
      asset({ description: 'd', schema: User, resources: { api: { get: () => 1 } }, materialize });
    };
    expectTypeOf(wrong).toBeFunction();
  });

  test('cannot be written into, nor its function be called without its inputs', () => {
    const wrong = () => {
      // @ts-expect-error: readonly
      users.description = 'other';
      // @ts-expect-error: inputs and context are missing
      void users.materialize();
    };
    expectTypeOf(wrong).toBeFunction();
  });
});

describe('the context', () => {
  test('has the clients that the resources open, and no others', () => {
    asset({
      description: 'd',
      file: 'x.csv',
      resources: { api },
      materialize: (_inputs, { resources, signal, file }) => {
        expectTypeOf(resources).toEqualTypeOf<{ readonly api: { get: (path: string) => number } }>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        expectTypeOf(file).toBeString();
        // @ts-expect-error: no such resource
        return void resources.db;
      },
    });
  });

  test('a promise of a client is the client by then', () => {
    const later = resource({
      description: 'd',
      open: () => Promise.resolve('client'),
      close: (client) => void client.length,
    });
    expectTypeOf(later).toEqualTypeOf<Resource<string>>();
  });
});

describe('sql', () => {
  test('takes tables, scalars and queries, and nothing else', () => {
    const use = (table: Table<UserRow>) => [
      sql`${table} ${'a'} ${1} ${1n} ${true} ${null} ${sql`x`}`,
      // @ts-expect-error: a date has no one way to be written
      sql`${new Date()}`,
      // @ts-expect-error: an array is no value
      sql`${['a']}`,
      // @ts-expect-error: the asset is not its table; take the input
      sql`${users}`,
    ];
    expectTypeOf(use).toBeFunction();
  });
});
