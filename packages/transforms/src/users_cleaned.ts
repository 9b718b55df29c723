import { api_users_raw } from '@acme/sources';
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';

const text = () => z.string().nullable();

export const users_cleaned = asset({
  description: 'Users, one flat row each: tidy e-mail addresses, coordinates as numbers.',
  kind: 'duckdb',
  deps: { api_users_raw },
  schema: z.object({
    user_id: z.int(),
    name: z.string(),
    username: z.string(),
    email: z.string(),
    email_domain: text(),
    phone: text(),
    website: text(),
    street: text(),
    suite: text(),
    city: text(),
    zipcode: text(),
    lat: z.number().nullable(),
    lng: z.number().nullable(),
    company_name: text(),
    company_catch_phrase: text(),
    company_bs: text(),
  }),
  materialize: ({ api_users_raw }) => sql`
    SELECT
      id AS user_id,
      name,
      username,
      lower(trim(email)) AS email,
      CASE WHEN contains(email, '@') THEN split_part(lower(trim(email)), '@', -1) END AS email_domain,
      phone,
      website,
      address.street AS street,
      address.suite AS suite,
      address.city AS city,
      address.zipcode AS zipcode,
      TRY_CAST(address.geo.lat AS DOUBLE) AS lat,
      TRY_CAST(address.geo.lng AS DOUBLE) AS lng,
      company.name AS company_name,
      company.catchPhrase AS company_catch_phrase,
      company.bs AS company_bs
    FROM ${api_users_raw}
    ORDER BY user_id`,
});
