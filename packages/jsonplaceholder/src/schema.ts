import { z } from 'zod';

/** A text that the API may leave out: null then. */
const optional = () => z.string().nullable().default(null);

/** A user as the API gives it: https://jsonplaceholder.typicode.com/users */
export const User = z.object({
  id: z.int(),
  name: z.string(),
  username: z.string(),
  email: z.string(),
  address: z
    .object({
      street: optional(),
      suite: optional(),
      city: optional(),
      zipcode: optional(),
      geo: z.object({ lat: optional(), lng: optional() }).nullable().default(null),
    })
    .nullable()
    .default(null),
  phone: optional(),
  website: optional(),
  company: z.object({ name: optional(), catchPhrase: optional(), bs: optional() }).nullable().default(null),
});

/** A post as the API gives it: https://jsonplaceholder.typicode.com/posts */
export const Post = z.object({
  userId: z.int(),
  id: z.int(),
  title: z.string(),
  body: z.string(),
});
