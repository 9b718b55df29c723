import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asset, assets, entriesOf, isAsset, memberOf, membersOf, multiAsset } from './index.ts';

const one = (description: string) => asset({ description, value: z.unknown(), materialize: () => 1 });

describe('a set of assets', () => {
  test('has an asset for each entry, and the entry as data', () => {
    const set = assets([{ code: 'eur', since: [1999] }, { code: '3m' }], (entry) => [
      entry.code,
      one(entry.code),
    ]);
    expect(Object.keys(set).sort()).toEqual(['3m', 'eur']);
    expect(set.eur.description).toBe('eur');
    expect(entriesOf(set)?.map(({ name, entry }) => [name, entry])).toEqual([
      ['eur', '{"code":"eur","since":[1999]}'],
      ['3m', '{"code":"3m"}'],
    ]);
    expect(membersOf(set)).toEqual({ eur: set.eur, '3m': set['3m'] });
    expect({ ...set }).toEqual(membersOf(set));
    expect(isAsset(set)).toBe(false);
    expect(entriesOf({ ...set })).toBeNull();
  });

  test('of an object takes its keys for names', () => {
    const set = assets({ eur: 1999, usd: 1792 }, (since, { name }) => one(`${name} ${since}`));
    expect(set.usd.description).toBe('usd 1792');
    expect(assets([], () => ['x', one('x')])).toEqual({});
  });

  test('hands out copies that nobody can change', () => {
    const shared = { tags: ['a'] };
    assets([shared, shared], (entry) => {
      expect(entry).not.toBe(shared);
      expect(() => (entry.tags as string[]).push('b')).toThrow(TypeError);
      return [`n${Math.random()}`.replace('.', ''), one('d')];
    });
    expect(shared.tags).toEqual(['a']);
  });

  test('lets an entry build on those before it', () => {
    const list = [{ name: 'a' }, { name: 'b', after: 'a' }];
    const set = assets(list, ({ name, after }, { member }) => [
      name,
      asset({
        description: name,
        deps: after === undefined ? {} : { before: member<number>(after) },
        value: z.unknown(),
        materialize: () => 1,
      }),
    ]);
    expect(memberOf(set, 'b').deps).toEqual({ before: set.a });
    const wrong = () => assets([{ name: 'b' }], ({ name }, { member }) => [name, (member('a'), one('d'))]);
    expect(wrong).toThrow('ASSET_MEMBER_UNKNOWN: There is no "a" further up in the list, but nothing.');
    expect(() => memberOf(set, 'z')).toThrow('There is no "z" in this set, but a, b.');
  });

  test.each([
    [
      [{ n: 'a' }, { n: 'b' }, { n: 'a' }],
      'ASSET_DUPLICATE: Entry 1 of the list and entry 3 of the list are both',
    ],
    [[{ n: 'DE' }], 'ASSET_NAME_INVALID: Entry 1 of the list is called "DE"'],
    [[{ n: '' }], 'ASSET_NAME_INVALID'],
    [[{ n: 3 }], 'ASSET_NAME_INVALID: Entry 1 of the list is called 3'],
    [
      [{ n: 'a', at: { day: new Date() } }],
      'ASSET_ENTRY_INVALID: Entry 1 of the list holds a Date at at.day',
    ],
    [[{ n: 'a', f: () => 1 }], 'holds a function at f'],
    [[{ n: 'a', x: undefined }], 'holds undefined at x'],
    [[{ n: 'a', x: [Number.NaN] }], 'holds NaN at x.0'],
  ])('refuses %j', (list, message) => {
    const make = () => assets(list as { n: string }[], ({ n }) => [n, one('d')]);
    expect(make).toThrow(message);
  });

  test('refuses what does not become an asset, and what holds itself', () => {
    expect(() => assets([1], () => ['a', {} as never])).toThrow('does not become an asset');
    expect(() => assets([1], () => one('d') as never)).toThrow('does not become a name and an asset');
    const round: Record<string, unknown> = {};
    round.self = round;
    expect(() => assets([round], () => ['a', one('d')])).toThrow('holds itself at self');
  });
});

describe('an asset of several', () => {
  const outputs = { users: { value: z.unknown(), description: 'Users.' }, page: { file: 'a.html' } } as const;

  test('says what is said for all, and what is said of it', () => {
    const source = one('source');
    const { users, page } = multiAsset({
      description: 'Both.',
      kind: 'api',
      deps: { source },
      outputs,
      timeout: '1m',
      materialize: () => ({ users: 1 }),
    });
    expect(users).toMatchObject({
      description: 'Users.',
      kind: 'api',
      deps: { source },
      control: { timeout: 60_000 },
    });
    expect(page).toMatchObject({ description: 'Both.', output: { type: 'file', path: 'a.html' } });
    expect(users.siblings).toBe(page.siblings);
    expect(users.siblings?.outputs).toEqual({ users, page });
  });

  test('gives its own part where it is materialized alone', async () => {
    const { users } = multiAsset({
      description: 'd',
      outputs,
      materialize: (_inputs, { files }) => ({ users: files.page }),
    });
    const context = { file: 'own', scratch: 'scratch' };
    expect(await users.materialize({}, context as never)).toBe('scratch/page');
  });

  test('needs another, and a function that returns nothing else', async () => {
    const single = { users: outputs.users };
    expect(() =>
      multiAsset({ description: 'd', outputs: single, materialize: () => ({ users: 1 }) }),
    ).toThrow('multiAsset() has 1 outputs.');
    const more = { users: 1, orders: 2 };
    const { users } = multiAsset({ description: 'd', outputs, materialize: () => more });
    await expect(users.materialize({}, {} as never)).rejects.toThrow(
      '"orders", which is not among its outputs',
    );
  });
});
