import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
import { posts_cleaned } from './posts_cleaned.ts';
import { users_cleaned } from './users_cleaned.ts';

export const posts_with_user_info = asset({
  description: 'Posts enriched with their author; the author is null where the user is unknown.',
  kind: 'duckdb',
  deps: { posts_cleaned, users_cleaned },
  schema: z.object({
    post_id: z.int(),
    user_id: z.int(),
    title: z.string(),
    body: z.string(),
    title_length: z.int(),
    body_length: z.int(),
    word_count: z.int(),
    username: z.string().nullable(),
    author_name: z.string().nullable(),
    author_email: z.string().nullable(),
    author_city: z.string().nullable(),
    author_company: z.string().nullable(),
  }),
  orderBy: ['post_id'],
  materialize: ({ posts_cleaned, users_cleaned }) => sql`
    SELECT
      posts.*,
      users.username,
      users.name AS author_name,
      users.email AS author_email,
      users.city AS author_city,
      users.company_name AS author_company
    FROM ${posts_cleaned} AS posts
    LEFT JOIN ${users_cleaned} AS users USING (user_id)`,
});
