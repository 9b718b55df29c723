import { posts_cleaned, users_cleaned } from '@acme/transforms';
import { asset, sql } from '@nx-assets/core';
import type { z } from 'zod';
import { DataSummary } from './summary.ts';
import { user_activity_stats } from './user_activity_stats.ts';

export const data_summary = asset({
  description:
    'The data set in one object. Averages have two decimals, and are null where there is nothing to average.',
  kind: 'duckdb',
  deps: { users_cleaned, posts_cleaned, user_activity_stats },
  value: DataSummary,
  async materialize({ users_cleaned, posts_cleaned, user_activity_stats }, { query }) {
    const [summary] = await query<z.input<typeof DataSummary>>(sql`
      WITH
        users AS (SELECT count(*) AS total, count(DISTINCT city) AS cities FROM ${users_cleaned}),
        posts AS (
          SELECT count(*) AS total, sum(title_length) AS title_length, sum(body_length) AS body_length
          FROM ${posts_cleaned}
        )
      SELECT
        users.total AS total_users,
        posts.total AS total_posts,
        round(100 * posts.total / nullif(users.total, 0)) / 100 AS avg_posts_per_user,
        round(100 * posts.title_length / nullif(posts.total, 0)) / 100 AS avg_title_length,
        round(100 * posts.body_length / nullif(posts.total, 0)) / 100 AS avg_body_length,
        (SELECT count(*) FROM ${user_activity_stats} WHERE total_posts = 0) AS users_without_posts,
        (SELECT count(*) FROM ${posts_cleaned} ANTI JOIN ${users_cleaned} USING (user_id)) AS posts_without_user,
        users.cities AS distinct_cities,
        (
          SELECT username FROM ${user_activity_stats} WHERE total_posts > 0
          ORDER BY total_posts DESC, total_words DESC, user_id LIMIT 1
        ) AS most_active_username
      FROM users, posts`);
    if (!summary) throw new Error('An aggregate without groups always gives a row.');
    return summary;
  },
});
