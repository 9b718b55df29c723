import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { toControl } from './control.ts';
import { asset } from './asset.ts';
import type { AssetDefinition } from './asset-definition.ts';
import { type Deps, isAsset } from './asset-model.ts';
import type { Resources } from './resource.ts';
import { resource } from './resource.ts';

const Row = z.object({ id: z.int() });
const users = asset({ description: 'Users.', schema: Row, materialize: () => [] });

/** What JavaScript, or a cast, can hand over although TypeScript would not let it. */
type Anything = AssetDefinition<Deps, Resources, undefined, undefined> & { readonly file: string };
const define = (definition: object) =>
  asset({ materialize: () => undefined, ...definition } as unknown as Anything);

describe('a definition', () => {
  test('keeps what it is given and fills in the rest', () => {
    const materialize = () => [];
    expect(asset({ description: '  Users. ', schema: Row, materialize })).toEqual({
      type: 'asset',
      description: 'Users.',
      kind: 'node',
      deps: {},
      resources: {},
      config: null,
      output: { type: 'table', schema: Row, orderBy: [] },
      owners: [],
      tags: [],
      metadata: {},
      env: [],
      secrets: [],
      reads: [],
      freshness: null,
      isExternal: false,
      preview: true,
      checks: [],
      checked: null,
      control: toControl({}),
      retryOn: null,
      partitions: null,
      backfill: null,
      materialize,
    });
  });

  test('keeps options', () => {
    const api = resource({ description: 'An API.', env: ['API_URL'], open: () => 1 });
    const options = {
      kind: 'api',
      owners: ['@acme/data'],
      tags: ['pii'],
      metadata: { source: 'crm' },
      env: ['REGION'],
      isExternal: true,
      preview: false,
    } as const;
    const made = asset({
      description: 'd',
      schema: Row,
      deps: { users },
      resources: { api },
      materialize: () => [],
      ...options,
    });
    expect(made).toMatchObject({ ...options, deps: { users }, resources: { api } });
  });

  test('cannot be changed afterwards, nor its deps', () => {
    expect(Object.isFrozen(users)).toBe(true);
    const deps: Record<string, typeof users> = { users };
    const made = asset({ description: 'd', schema: Row, deps, materialize: () => [] });
    deps.more = users;
    expect(Object.keys(made.deps)).toEqual(['users']);
    expect(Object.isFrozen(made.deps)).toBe(true);
  });

  test('does not call its function', () => {
    let calls = 0;
    asset({ description: 'd', schema: Row, materialize: () => (calls++, []) });
    expect(calls).toBe(0);
  });

  test('says what its value is: rows, a document or a file', () => {
    const schema = z.array(z.string());
    expect(asset({ description: 'd', value: schema, materialize: () => [] }).output).toEqual({
      type: 'json',
      schema,
    });
    expect(define({ description: 'd', file: 'reports/users.csv' }).output).toEqual({
      type: 'file',
      path: 'reports/users.csv',
    });
  });
});

describe('a definition that is wrong', () => {
  test.each([undefined, '', '  \n'])('description %j: says what a description is', (description) => {
    expect(() => define({ description, file: 'a.csv' })).toThrow(
      'ASSET_DESCRIPTION_MISSING: An asset has no description. Say in one sentence what the asset holds.',
    );
  });

  test.each([
    [{}, 'says nothing of its value'],
    [{ file: '' }, 'says nothing of its value'],
    [{ schema: Row, value: Row }, 'has schema and value'],
    [{ schema: Row, file: 'a.csv' }, 'has schema and file'],
    [{ value: Row, file: 'a.csv' }, 'has value and file'],
    [{ schema: Row, value: Row, file: 'a.csv' }, 'has schema and value and file'],
  ])('%#: %s', (value, facts) => {
    expect(() => define({ description: 'd', ...value })).toThrow(
      `ASSET_VALUE_AMBIGUOUS: An asset ${facts}. Give exactly one of \`schema\``,
    );
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'not an asset'],
    ['transforms/users', 'not an asset'],
    [Row, 'not an asset'],
    [{ type: 'table' }, 'not an asset'],
  ])('a dep that is %j is named', (dep, what) => {
    expect(() => define({ description: 'd', file: 'a.csv', deps: { users, orders: dep } })).toThrow(
      `ASSET_DEP_INVALID: The dep "orders" is ${what}. Pass an imported asset.`,
    );
  });

  test.each(['../x', 'a/../../x', '/etc/passwd', './a.csv', 'a//b.csv', 'a/', 'a\\b.csv', '..', '.', 'a/.'])(
    'the path %j does not lead out of output/, nor is it spelled in two ways',
    (file) => {
      expect(() => define({ description: 'd', file })).toThrow(
        /^ASSET_OPTION_INVALID: .* is not a path under output\/\. Write a relative path/,
      );
    },
  );

  test.each(['a.csv', 'a/b/c.csv', '.hidden', '..a', 'a..b/c', 'ü/ñ.csv'])('the path %j is fine', (file) => {
    expect(define({ description: 'd', file }).output).toEqual({ type: 'file', path: file });
  });

  test.each([
    [{ schema: Row, orderBy: ['-nope'] }, 'orderBy names "-nope", which is no column of the schema.'],
    [{ value: Row, orderBy: ['id'] }, 'Only a table, an asset with a `schema`, has an order.'],
    [{ file: 'a.csv', orderBy: ['id'] }, 'Only a table, an asset with a `schema`, has an order.'],
  ])('%#: an order that is none is refused', (value, facts) => {
    expect(() => define({ description: 'd', ...value })).toThrow(`ASSET_OPTION_INVALID: ${facts}`);
  });

  test('a freshness that is no duration is refused where it is written', () => {
    expect(() => define({ description: 'd', file: 'a.csv', freshness: { maxAge: '1 hour' } })).toThrow(
      'ASSET_OPTION_INVALID: "1 hour" is not a duration.',
    );
  });
});

describe('isAsset', () => {
  test.each([undefined, null, 'asset', 1, {}, { type: 'table' }, () => users, [users]])(
    '%j is none',
    (value) => {
      expect(isAsset(value)).toBe(false);
    },
  );

  test('what asset() gives is one', () => {
    expect(isAsset(users)).toBe(true);
  });
});

describe('a resource', () => {
  test('declares no environment unless told', () => {
    const open = () => 1;
    expect(resource({ description: 'One.', open })).toEqual({
      description: 'One.',
      env: [],
      secrets: [],
      open,
    });
    expect(resource({ description: 'One.', env: ['URL'], open }).env).toEqual(['URL']);
  });
});
