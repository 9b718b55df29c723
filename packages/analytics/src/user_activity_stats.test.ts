import { type LiteralOf, materializeOne } from '@nx-assets/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { user_activity_stats } from './user_activity_stats.ts';

type Deps = (typeof user_activity_stats)['deps'];
type User = LiteralOf<Deps['users_cleaned']>[number];
type Post = LiteralOf<Deps['posts_cleaned']>[number];

const user = (user_id: number): User => ({
  user_id,
  username: `user${user_id}`,
  name: `Name, "${user_id}"`,
  email: '',
  email_domain: null,
  phone: null,
  website: null,
  street: null,
  suite: null,
  city: null,
  zipcode: null,
  lat: null,
  lng: null,
  company_name: null,
  company_catch_phrase: null,
  company_bs: null,
});
const post = (post_id: number, user_id: number, lengths: Partial<Post> = {}): Post => ({
  post_id,
  user_id,
  title: '',
  body: '',
  title_length: 0,
  body_length: 0,
  word_count: 0,
  ...lengths,
});

const count = async (users_cleaned: readonly User[], posts_cleaned: readonly Post[]) =>
  (await materializeOne(user_activity_stats, { inputs: { users_cleaned, posts_cleaned } })).rows;

test('a user with posts: the columns of the contract, in its order', async () => {
  const posts = [
    post(1, 5, { title_length: 10, body_length: 100, word_count: 3 }),
    post(2, 5, { title_length: 11, body_length: 101, word_count: 4 }),
    post(3, 5, { title_length: 11, body_length: 101, word_count: 0 }),
  ];
  const [row] = await count([user(5)], posts);
  expect(Object.entries(row ?? {})).toEqual([
    ['user_id', 5],
    ['username', 'user5'],
    ['name', 'Name, "5"'],
    ['total_posts', 3],
    ['total_words', 7],
    ['avg_title_length', 10.67],
    ['avg_body_length', 100.67],
  ]);
});

test('a user without posts has counts of zero and no averages', async () => {
  const nothing = { total_posts: 0, total_words: 0, avg_title_length: null, avg_body_length: null };
  expect(await count([user(1)], [])).toMatchObject([nothing]);
  expect(await count([user(1)], [post(1, 2, { word_count: 9 })])).toMatchObject([nothing]);
});

test('posts of unknown users count for nobody, and no users give no rows', async () => {
  expect(await count([], [post(1, 1)])).toEqual([]);
  expect(await count([], [])).toEqual([]);
});

test('empty posts have averages: of zero', async () => {
  expect(await count([user(1)], [post(1, 1)])).toMatchObject([{ avg_title_length: 0, avg_body_length: 0 }]);
});

test('neighbouring large ids are different users, and ids give the order', async () => {
  const [a, b] = [2 ** 53 - 1, 2 ** 53 - 2];
  const rows = await count([user(a), user(3), user(b)], [post(1, a), post(2, a), post(3, b)]);
  expect(rows.map(({ user_id, total_posts }) => [user_id, total_posts])).toEqual([
    [3, 0],
    [b, 1],
    [a, 2],
  ]);
});

test('a half is rounded up, also where a double lies just below it', async () => {
  // 201 / 200 = 1.005
  const posts = Array.from({ length: 200 }, (_, id) => post(id, 1, { title_length: id === 0 ? 2 : 1 }));
  expect(await count([user(1)], posts)).toMatchObject([{ avg_title_length: 1.01 }]);
});

test('on any data it is what plain code would count', { timeout: 60_000 }, async () => {
  const length = fc.nat(500);
  const posts = fc.uniqueArray(
    fc.record({
      id: fc.nat(),
      by: fc.nat(12),
      title_length: length,
      body_length: length,
      word_count: length,
    }),
    { selector: ({ id }) => id, minLength: 20, maxLength: 120 },
  );
  await fc.assert(
    fc.asyncProperty(posts, async (drawn) => {
      const users = Array.from({ length: 10 }, (_, id) => user(id));
      const rows = drawn.map(({ id, by, ...lengths }) => post(id, by, lengths));
      const expected = users.map(({ user_id, username, name }) => {
        const own = rows.filter((row) => row.user_id === user_id);
        const sum = (field: 'title_length' | 'body_length' | 'word_count') =>
          own.reduce((total, row) => total + row[field], 0);
        const average = (total: number) =>
          own.length === 0 ? null : Math.round((100 * total) / own.length) / 100;
        return {
          user_id,
          username,
          name,
          total_posts: own.length,
          total_words: sum('word_count'),
          avg_title_length: average(sum('title_length')),
          avg_body_length: average(sum('body_length')),
        };
      });
      expect(await count(users.toReversed(), rows)).toEqual(expected);
    }),
    { numRuns: 10 },
  );
});
