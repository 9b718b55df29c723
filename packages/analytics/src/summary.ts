import { z } from 'zod';

/** The data set in one object. */
export const DataSummary = z.object({
  total_users: z.int(),
  total_posts: z.int(),
  avg_posts_per_user: z.number().nullable(),
  avg_title_length: z.number().nullable(),
  avg_body_length: z.number().nullable(),
  users_without_posts: z.int(),
  posts_without_user: z.int(),
  distinct_cities: z.int(),
  most_active_username: z.string().nullable(),
});
