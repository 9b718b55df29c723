import { fixture, type LiteralOf, materializeOne } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { posts_with_user_info } from './posts_with_user_info.ts';

const { posts_cleaned: posts, users_cleaned: users } = posts_with_user_info.deps;
type Post = LiteralOf<typeof posts>[number];
type User = LiteralOf<typeof users>[number];

const post = (post_id: number, user_id: number): Post =>
  fixture(posts, { post_id, user_id, body: 'a "b",\nc' });
const user = (user_id: number, more: Partial<User> = {}): User =>
  fixture(users, {
    user_id,
    name: `Name ${user_id}`,
    username: `user${user_id}`,
    email: `u${user_id}@example.org`,
    city: `City ${user_id}`,
    company_name: `Company ${user_id}`,
    ...more,
  });

const join = async (posts_cleaned: readonly Post[], users_cleaned: readonly User[]) =>
  (await materializeOne(posts_with_user_info, { inputs: { posts_cleaned, users_cleaned } })).rows;

test('a post with its author: the columns of the contract, in its order', async () => {
  const [row] = await join([post(1, 2)], [user(1), user(2)]);
  expect(Object.entries(row ?? {})).toEqual([
    ...Object.entries(post(1, 2)),
    ['username', 'user2'],
    ['author_name', 'Name 2'],
    ['author_email', 'u2@example.org'],
    ['author_city', 'City 2'],
    ['author_company', 'Company 2'],
  ]);
});

test('a post of an unknown user stays, without an author', async () => {
  const nobody = {
    username: null,
    author_name: null,
    author_email: null,
    author_city: null,
    author_company: null,
  };
  expect(await join([post(1, 9)], [user(1)])).toEqual([{ ...post(1, 9), ...nobody }]);
  expect(await join([post(1, 9)], [])).toEqual([{ ...post(1, 9), ...nobody }]);
});

test('a user without posts brings no row', async () => {
  expect(await join([], [user(1)])).toEqual([]);
  expect(await join([], [])).toEqual([]);
});

test('a user whose city and company are not known', async () => {
  const rows = await join([post(1, 1)], [user(1, { city: null, company_name: null })]);
  expect(rows).toMatchObject([{ username: 'user1', author_city: null, author_company: null }]);
});

test('rows come by post, and neighbouring large ids are different users', async () => {
  const largest = 2 ** 53 - 1;
  const rows = await join(
    [post(largest, largest), post(3, largest - 1), post(largest - 1, 1)],
    [user(largest), user(largest - 1)],
  );
  expect(rows.map(({ post_id, username }) => [post_id, username])).toEqual([
    [3, `user${largest - 1}`],
    [largest - 1, null],
    [largest, `user${largest}`],
  ]);
});
