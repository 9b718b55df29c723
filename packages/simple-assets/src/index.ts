// Four assets, readable from top to bottom: a first lesson.
//
// An asset is something that lives in storage (a table, a document, a file), declared next to the function that
// makes it. The name under which this file exports it is its name. Try:
//
//     npx nx run simple-assets:materialize
//     npx nx run simple-assets:user_data_csv

import { jsonplaceholder, User } from '@acme/jsonplaceholder';
import { asset, sql } from '@nx-assets/core';
import { csv } from '@nx-assets/csv';
import { frame, rowsOf } from '@nx-assets/danfo';
import { z } from 'zod';

// 1. Data comes in from outside. `schema` says what one row is: every row is checked when it arrives, and the
//    next asset gets its type. After an hour the API is asked again; `--refresh` asks now.
export const raw_user_data = asset({
  description: 'The users of JSONPlaceholder, as the API gives them.',
  kind: 'api',
  resources: { api: jsonplaceholder },
  freshness: { maxAge: '1h' },
  schema: User,
  materialize: (_inputs, context) => context.resources.api.collection('users', context),
});

// 2. An asset made from another one: `deps` is the edge in the graph and the type of the input at once.
export const transformed_user_data = asset({
  description: 'The columns that matter, one flat row for each user.',
  kind: 'danfo',
  deps: { raw_user_data },
  schema: z.object({
    user_id: z.int(),
    name: z.string(),
    email: z.string(),
    city: z.string().nullable(),
    company: z.string().nullable(),
  }),
  async materialize({ raw_user_data }, { query }) {
    // The query reads from the file only what is needed; the frame is where danfo goes on from there.
    const users = await frame(
      await query<{
        id: number;
        name: string;
        email: string;
        city: string | null;
        company: string | null;
      }>(sql`
        SELECT id, name, email, address.city AS city, company.name AS company FROM ${raw_user_data}`),
    );
    return rowsOf(users.rename({ id: 'user_id' }));
  },
});

// 3. A file that people open. It runs again only when the rows above really change.
export const user_data_csv = csv({
  description: 'The users, for a spreadsheet.',
  from: transformed_user_data,
  file: 'user_data.csv',
});

// 4. A small document about the others. `value` is the schema of the whole document.
export const data_extraction_summary = asset({
  description: 'How many users there are, where they live, and where the file is.',
  kind: 'node',
  deps: { transformed_user_data, user_data_csv },
  value: z.object({
    total_users: z.int(),
    columns: z.array(z.string()),
    cities: z.array(z.string()),
    csv_path: z.string(),
    csv_bytes: z.int(),
  }),
  async materialize({ transformed_user_data, user_data_csv }) {
    const rows = await transformed_user_data.rows({ columns: ['city'] });
    const cities = rows.flatMap(({ city }) => city ?? []);
    return {
      total_users: transformed_user_data.rowCount,
      columns: transformed_user_data.columns.map(({ name }) => name),
      cities: [...new Set(cities)].sort(),
      csv_path: user_data_csv.workspacePath,
      csv_bytes: user_data_csv.bytes,
    };
  },
});
