import { asset, sql } from '@nx-assets/core';
import { fixtures, type LiteralOf, materializeOne } from '@nx-assets/testing';
import { expectTable } from '@nx-assets/testing/golden';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { top_authors } from './top_authors.ts';
import { UserActivity } from './user_activity.ts';
import { user_activity_stats } from './user_activity_stats.ts';

type Activity = LiteralOf<typeof user_activity_stats>[number];

const activity = (user_id: number, total_posts: number, total_words = 0): Activity => ({
  user_id,
  username: `user${user_id}`,
  name: `Name ${user_id}`,
  total_posts,
  total_words,
  avg_title_length: total_posts === 0 ? null : 1.25,
  avg_body_length: total_posts === 0 ? null : 0.1 + 0.2,
});

const rank = async (rows: readonly Activity[]) =>
  (await materializeOne(top_authors, { inputs: { user_activity_stats: rows } })).rows;

test('the first five, with their rank before the columns of user_activity_stats', async () => {
  const rows = await rank([1, 2, 3, 4, 5, 6, 7].map((id) => activity(id, id)));
  expect(rows.map(({ rank, user_id }) => [rank, user_id])).toEqual([
    [1, 7],
    [2, 6],
    [3, 5],
    [4, 4],
    [5, 3],
  ]);
  expect(rows[0]).toEqual({ rank: 1, ...activity(7, 7) });
  expect(Object.keys(rows[0] ?? {})).toEqual(['rank', ...Object.keys(activity(1, 1))]);
});

test('more words come first among equal posts, then the smaller id', async () => {
  const rows = await rank([activity(3, 2, 5), activity(1, 2, 5), activity(2, 2, 9), activity(10, 2, 5)]);
  expect(rows.map(({ user_id }) => user_id)).toEqual([2, 1, 3, 10]);
});

test('a table of them, as somebody found it right', async () => {
  const posts = [3, 9, 4, 4, 1, 7, 0];
  const said = posts.map((total_posts, index) => ({ user_id: index + 1, total_posts, total_words: 10 }));
  const rows = await rank(fixtures(UserActivity, said));
  expectTable(rows).toMatchGolden('top_authors');
});

test('fewer than five, those without posts included', async () => {
  expect(await rank([activity(1, 0)])).toEqual([{ rank: 1, ...activity(1, 0) }]);
  expect(await rank([])).toEqual([]);
});

test('ids as large as they get are exact', async () => {
  const ids = [2 ** 53 - 1, 2 ** 53 - 2, 2 ** 53 - 3];
  expect((await rank(ids.map((id) => activity(id, 1)))).map(({ user_id }) => user_id)).toEqual(
    ids.toReversed(),
  );
});

/** The same computation without a frame. */
const inDuckDb = asset({
  description: 'The first five, computed in DuckDB.',
  deps: { user_activity_stats },
  schema: z.object({ rank: z.int(), ...UserActivity.shape }),
  materialize: ({ user_activity_stats }) => sql`
    SELECT row_number() OVER (ORDER BY total_posts DESC, total_words DESC, user_id) AS rank, *
    FROM ${user_activity_stats}
    QUALIFY rank <= 5
    ORDER BY rank`,
});

test('danfo ranks as DuckDB does', { timeout: 60_000 }, async () => {
  const average = fc.option(fc.nat(100_000).map((hundredths) => hundredths / 100));
  const rows = fc.uniqueArray(
    fc.record({
      // Few different numbers, so that there are ties of both kinds.
      user_id: fc.oneof(fc.integer({ min: -20, max: 20 }), fc.maxSafeInteger()),
      total_posts: fc.constantFrom(0, 1, 2, 10),
      total_words: fc.oneof(fc.constantFrom(0, 5, 30), fc.maxSafeNat()),
      username: fc.oneof(fc.string(), fc.constantFrom('', '1', '=1+1', 'שלום', '😀', 'a,"b"\n')),
      name: fc.string(),
      avg_title_length: average,
      avg_body_length: average,
    }),
    { selector: ({ user_id }) => user_id, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(rows, async (user_activity_stats) => {
      const options = { inputs: { user_activity_stats } };
      expect((await materializeOne(top_authors, options)).rows).toEqual(
        (await materializeOne(inDuckDb, options)).rows,
      );
    }),
    { numRuns: 12 },
  );
});
