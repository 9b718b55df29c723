import { resource, type Resource } from '@nx-assets/core';
import { z } from 'zod';
import type { Database, OpenDatabase } from './database-client.ts';
import { asking, type Definition } from './definition.ts';

export type { Database, OpenDatabase } from './database-client.ts';

const config = z.object({
  /** `sqlite:data/shop.db` for a file, or `postgres://user:password@host/name`. */
  url: z.string().regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)/, 'Must begin with sqlite: or postgres://'),
  /** Milliseconds until a connection stands, and for each statement. SQLite waits so long for a lock. */
  timeout: asking.timeout,
});

/** SQL over a URL. Values in a `sql` template are bound, in either dialect. A password in it is a secret. */
export const database = (definition: Definition<typeof config>): Resource<Database> =>
  resource<OpenDatabase, typeof config>({
    description: definition.description,
    config,
    values: definition.values,
    dataFree: ['timeout', ...(definition.dataFree ?? [])],
    async open({ config: { url, timeout }, signal, secret }) {
      const password = URL.canParse(url) ? new URL(url).password : '';
      if (password !== '') [password, decodeURIComponent(password), url].forEach(secret);
      // Each is loaded where it is used: nobody pays for the other.
      if (url.startsWith('sqlite:')) {
        return (await import('./sqlite.ts')).openSqlite(url.slice('sqlite:'.length), timeout, signal);
      }
      return (await import('./postgres.ts')).openPostgres(url, timeout, signal);
    },
    close: (client) => client.close(),
  }) as Resource<Database>;
