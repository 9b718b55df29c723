import { posts_cleaned, users_cleaned } from '@acme/transforms';
import { asset, sql } from '@nx-assets/core';
import { UserActivity } from './user_activity.ts';

export const user_activity_stats = asset({
  description: 'Every user with the number and the length of their posts.',
  kind: 'duckdb',
  deps: { users_cleaned, posts_cleaned },
  schema: UserActivity,
  orderBy: ['user_id'],
  // Averages come from sums of integers, so that the order of rows cannot change their last digits; the hundred
  // goes into the dividend, so that a half stays a half: 201 / 200 as a double is less than 1.005.
  materialize: ({ users_cleaned, posts_cleaned }) => sql`
    WITH posts AS (
      SELECT
        user_id,
        count(*) AS total_posts,
        sum(word_count) AS total_words,
        round(100 * sum(title_length) / count(*)) / 100 AS avg_title_length,
        round(100 * sum(body_length) / count(*)) / 100 AS avg_body_length
      FROM ${posts_cleaned}
      GROUP BY user_id
    )
    SELECT
      user_id,
      username,
      name,
      coalesce(total_posts, 0) AS total_posts,
      coalesce(total_words, 0) AS total_words,
      avg_title_length,
      avg_body_length
    FROM ${users_cleaned}
    LEFT JOIN posts USING (user_id)`,
});
