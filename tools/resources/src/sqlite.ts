import { resolve } from 'node:path';
import { AssetError } from '@nx-assets/core';
import type { OpenDatabase } from './database-client.ts';
import { checkRows, withSqlErrors, render, type Scalar } from './sql.ts';

/** A file of SQLite, by the engine that Node has. `:memory:` is one of this step alone. */
export async function openSqlite(path: string, timeout: number, signal: AbortSignal): Promise<OpenDatabase> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = (() => {
    try {
      return new DatabaseSync(path === ':memory:' ? path : resolve(path), { timeout });
    } catch (cause) {
      throw new AssetError('SOURCE_UNREADABLE', `The database ${path} cannot be opened.`, { cause });
    }
  })();
  return {
    async rows(schema, query) {
      const { text, values } = render(query, () => '?');
      return checkRows(
        schema,
        await withSqlErrors(text, signal, () => database.prepare(text).all(...values.map(bound))),
      );
    },
    async run(statement) {
      const { text, values } = render(statement, () => '?');
      return withSqlErrors(text, signal, () =>
        Number(database.prepare(text).run(...values.map(bound)).changes),
      );
    },
    close: () => Promise.resolve(database.close()),
  };
}

/** SQLite has no booleans. */
const bound = (value: Scalar) => (typeof value === 'boolean' ? Number(value) : value);
