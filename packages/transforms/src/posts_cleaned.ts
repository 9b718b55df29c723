import { api_posts_raw } from '@acme/sources';
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';

export const posts_cleaned = asset({
  description: 'Posts with tidy white space, and how long they are.',
  kind: 'duckdb',
  deps: { api_posts_raw },
  schema: z.object({
    post_id: z.int(),
    user_id: z.int(),
    title: z.string(),
    body: z.string(),
    title_length: z.int(),
    body_length: z.int(),
    word_count: z.int(),
  }),
  // `length` counts Unicode code points. `\s` is ASCII white space.
  materialize: ({ api_posts_raw }) => sql`
    WITH tidy AS (
      SELECT
        id AS post_id,
        userId AS user_id,
        trim(regexp_replace(title, '\\s+', ' ', 'g')) AS title,
        trim(replace(body, E'\\r\\n', E'\\n'), E' \\t\\r\\n') AS body
      FROM ${api_posts_raw}
    )
    SELECT
      *,
      length(title) AS title_length,
      length(body) AS body_length,
      len(regexp_extract_all(body, '\\S+')) AS word_count
    FROM tidy
    ORDER BY post_id`,
});
