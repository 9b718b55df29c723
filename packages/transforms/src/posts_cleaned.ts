import { api_posts_raw } from '@acme/sources';
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
import { WHITE_SPACE } from './white_space.ts';

// Most texts are tidy already, and looking costs a fifth of tidying.
const UNTIDY_TITLE = `^ | $|  |[${WHITE_SPACE.slice(1)}]`;
// Other than printable ASCII with one space or line break between words: nothing to tidy there, and words can be
// counted by what is between them.
const ODD_BODY = '[^ \\n!-~]|[ \\n][ \\n]|^[ \\n]|[ \\n]$|^$';

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
  orderBy: ['post_id'],
  // `length` counts Unicode code points.
  materialize: ({ api_posts_raw }) => sql`
    WITH
      posts AS (SELECT *, regexp_matches(body, ${ODD_BODY}) AS is_odd FROM ${api_posts_raw}),
      tidy AS (
        SELECT
          id AS post_id,
          userId AS user_id,
          CASE
            WHEN regexp_matches(title, ${UNTIDY_TITLE})
            THEN trim(regexp_replace(title, ${`[${WHITE_SPACE}]+`}, ' ', 'g'))
            ELSE title
          END AS title,
          CASE WHEN is_odd THEN trim(replace(body, E'\\r\\n', E'\\n'), ${WHITE_SPACE}) ELSE body END AS body,
          is_odd
        FROM posts
      )
    SELECT
      * EXCLUDE (is_odd),
      length(title) AS title_length,
      length(body) AS body_length,
      CASE
        WHEN is_odd THEN len(regexp_extract_all(body, ${`[^${WHITE_SPACE}]+`}))
        ELSE len(string_split(body, ' ')) + len(string_split(body, E'\\n')) - 1
      END AS word_count
    FROM tidy`,
});
