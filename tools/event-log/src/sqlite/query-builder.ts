import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteStatement } from 'kysely';
import type { Schema } from './schema.ts';

/**
 * Kysely over node:sqlite. It never closes the database, and must not be asked for transactions: an `await` inside one
 * would hold the lock while this process does other things, such as waiting for that lock.
 */
export function queryBuilder(database: DatabaseSync): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: new SqliteDialect({
      database: { close: () => undefined, prepare: (text) => adapt(database.prepare(text)) },
    }),
  });
}

function adapt(statement: StatementSync): SqliteStatement {
  const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[];
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...values(parameters)),
    run: (parameters) => statement.run(...values(parameters)),
    iterate: (parameters) => statement.iterate(...values(parameters)),
  };
}
