import { api_users_raw } from '@acme/sources';
import { asset, pattern, range, sql, type Sql } from '@nx-assets/core';
import { z } from 'zod';
import { WHITE_SPACE } from './white_space.ts';

const text = () => z.string().nullable();

/** A text as a number; null where it is none, as for `nan`, `inf` and `1_000`, which the engine would take. */
const number = (text: Sql): Sql => {
  const cast = sql`TRY_CAST(replace(${text}, '_', 'x') AS DOUBLE)`;
  return sql`CASE WHEN isfinite(${cast}) THEN ${cast} END`;
};

const email = sql`lower(trim(email, ${WHITE_SPACE}))`;

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
  orderBy: ['user_id'],
  checks: [
    pattern('email', /^[^@\s]+@[^@\s]+$/, { severity: 'warn' }),
    range('lat', { min: -90, max: 90 }, { severity: 'warn' }),
    range('lng', { min: -180, max: 180 }, { severity: 'warn' }),
  ],
  materialize: ({ api_users_raw }) => sql`
    SELECT
      id AS user_id,
      name,
      username,
      ${email} AS email,
      nullif(regexp_extract(${email}, '@([^@]*)$', 1), '') AS email_domain,
      phone,
      website,
      address.street AS street,
      address.suite AS suite,
      address.city AS city,
      address.zipcode AS zipcode,
      ${number(sql`address.geo.lat`)} AS lat,
      ${number(sql`address.geo.lng`)} AS lng,
      company.name AS company_name,
      company.catchPhrase AS company_catch_phrase,
      company.bs AS company_bs
    FROM ${api_users_raw}`,
});
