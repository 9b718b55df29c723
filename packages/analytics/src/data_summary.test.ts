import { fixture, type LiteralOf, materializeOne } from '@nx-assets/testing';
import { expect, test } from 'vitest';
import { data_summary } from './data_summary.ts';

const { users_cleaned: users, posts_cleaned: posts, user_activity_stats: activities } = data_summary.deps;
type User = LiteralOf<typeof users>[number];
type Post = LiteralOf<typeof posts>[number];
type Activity = LiteralOf<typeof activities>[number];

const user = (user_id: number, city: string | null = null): User =>
  fixture(users, { user_id, username: `user${user_id}`, city });
const post = (post_id: number, user_id: number, title_length = 0, body_length = 0): Post =>
  fixture(posts, { post_id, user_id, title_length, body_length });
const activity = (user_id: number, total_posts: number, total_words = 0): Activity =>
  fixture(activities, { user_id, username: `user${user_id}`, total_posts, total_words });

async function summarize(inputs: {
  readonly users?: readonly User[];
  readonly posts?: readonly Post[];
  readonly activities?: readonly Activity[];
}) {
  const literals = {
    users_cleaned: inputs.users ?? [],
    posts_cleaned: inputs.posts ?? [],
    user_activity_stats: inputs.activities ?? [],
  };
  return (await materializeOne(data_summary, { inputs: literals })).value;
}

test('counts, averages and the most active user', async () => {
  const summary = await summarize({
    users: [user(1, 'Paris'), user(2, 'Lima'), user(3, 'Paris')],
    posts: [post(1, 1, 10, 100), post(2, 1, 11, 101), post(3, 2, 11, 101), post(4, 9, 0, 3)],
    activities: [activity(1, 2), activity(2, 1), activity(3, 0)],
  });
  expect(Object.entries(summary)).toEqual([
    ['total_users', 3],
    ['total_posts', 4],
    ['avg_posts_per_user', 1.33],
    ['avg_title_length', 8],
    ['avg_body_length', 76.25],
    ['users_without_posts', 1],
    ['posts_without_user', 1],
    ['distinct_cities', 2],
    ['most_active_username', 'user1'],
  ]);
});

test('nothing at all: zeros, and null where there is nothing to average', async () => {
  expect(await summarize({})).toEqual({
    total_users: 0,
    total_posts: 0,
    avg_posts_per_user: null,
    avg_title_length: null,
    avg_body_length: null,
    users_without_posts: 0,
    posts_without_user: 0,
    distinct_cities: 0,
    most_active_username: null,
  });
});

test('users without posts: nobody is the most active', async () => {
  expect(await summarize({ users: [user(1)], activities: [activity(1, 0)] })).toMatchObject({
    total_users: 1,
    avg_posts_per_user: 0,
    avg_title_length: null,
    users_without_posts: 1,
    most_active_username: null,
  });
});

test('posts without users: all of them are of unknown users', async () => {
  expect(await summarize({ posts: [post(1, 1, 4, 5), post(2, 2, 4, 6)] })).toMatchObject({
    total_posts: 2,
    avg_posts_per_user: null,
    avg_title_length: 4,
    avg_body_length: 5.5,
    posts_without_user: 2,
    most_active_username: null,
  });
});

test('an unknown city is no city', async () => {
  const users = [user(1, null), user(2, ''), user(3, 'Paris'), user(4, 'paris')];
  expect(await summarize({ users })).toMatchObject({ distinct_cities: 3 });
});

test('the most active has more words among equal posts, then the smaller id', async () => {
  const largest = 2 ** 53 - 1;
  const named = async (...activities: Activity[]) => (await summarize({ activities })).most_active_username;
  expect(await named(activity(1, 2, 5), activity(2, 2, 9), activity(3, 1, 99))).toBe('user2');
  expect(await named(activity(largest, 2, 5), activity(largest - 1, 2, 5))).toBe(`user${largest - 1}`);
});
