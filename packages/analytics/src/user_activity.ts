import { z } from 'zod';

/** One user and how much they wrote. */
export const UserActivity = z.object({
  user_id: z.int(),
  username: z.string(),
  name: z.string(),
  total_posts: z.int(),
  total_words: z.int(),
  avg_title_length: z.number().nullable(),
  avg_body_length: z.number().nullable(),
});
