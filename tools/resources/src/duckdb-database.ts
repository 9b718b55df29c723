import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AssetError, resource, type Resource, type Sql } from '@nx-assets/core';
import type { Connection, DuckDb } from '@nx-assets/storage';
import { z } from 'zod';
import { count, type Definition } from './definition.ts';
import { checkRows, type SqlClient } from './sql.ts';

const config = z.object({
  /** A DuckDB file; a relative path is one below the workspace. */
  path: z.string().min(1),
  /** `write` makes a file that is not there; one process at a time may have it open then. */
  mode: z.enum(['read', 'write']).default('read'),
  /** For example `'256MB'`. */
  memory: z.string().default('256MB'),
  threads: count(1).default(1),
});

type Config = z.output<typeof config>;

/** The tables of a file, and those of assets: a query may join them. */
export type DuckDbClient = SqlClient;

interface OpenClient extends SqlClient {
  close(): Promise<void>;
}

/** A file of DuckDB that others write or read. Opening throws `SOURCE_UNREADABLE` where there is nothing to read. */
export const duckdbDatabase = (definition: Definition<typeof config>): Resource<DuckDbClient> =>
  resource<OpenClient, typeof config>({
    description: definition.description,
    config,
    values: definition.values,
    dataFree: ['memory', 'threads', ...(definition.dataFree ?? [])],
    open: ({ config, signal }) => open(config, signal),
    close: (client) => client.close(),
  }) as Resource<DuckDbClient>;

async function open(given: Config, signal: AbortSignal): Promise<OpenClient> {
  const file = await share(given);
  const connection = await connect(file).catch(async (error: unknown) => {
    await file.release();
    throw error;
  });
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt);
  const { renderSql } = await import('@nx-assets/storage');
  const ask = async <T>(query: Sql, run: (text: string, values: Values) => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const { text, values } = renderSql(query);
    return run(text, values);
  };
  return {
    rows: async (schema, query) => checkRows(schema, await ask(query, connection.rows.bind(connection))),
    run: (statement) => ask(statement, connection.run.bind(connection)),
    async close() {
      signal.removeEventListener('abort', interrupt);
      connection.close();
      await file.release();
    },
  };
}

type Values = Parameters<Connection['rows']>[1];

async function connect({ duckdb, attached }: SharedFile): Promise<Connection> {
  await attached;
  const connection = await duckdb.connect();
  await connection.run('USE resource');
  return connection;
}

interface SharedFile {
  readonly duckdb: DuckDb;
  readonly mode: Config['mode'];
  readonly attached: Promise<void>;
  users: number;
  release(): Promise<void>;
}

/** Steps run side by side in one process, and there two engines on one file would damage it: they share one. */
const OPEN = new Map<string, SharedFile>();

async function share({ path: given, mode, memory, threads }: Config): Promise<SharedFile> {
  const path = resolve(given);
  const { DuckDb, literal } = await import('@nx-assets/storage');
  const spillTo = await mkdtemp(join(tmpdir(), 'nx-assets-duckdb-'));
  const before = OPEN.get(path);
  if (before) {
    await rm(spillTo, { recursive: true });
    if (before.mode !== mode) {
      throw new AssetError('SOURCE_UNREADABLE', `${given} is open to ${before.mode}, not to ${mode}.`, {
        remedy: 'Give both resources one mode, or let one asset depend on the other.',
      });
    }
    before.users++;
    return before;
  }
  const duckdb = new DuckDb({ memoryLimit: memory, threads, spillTo });
  const attach = async () => {
    if (mode === 'read' && !existsSync(path)) {
      throw new AssetError('SOURCE_UNREADABLE', `There is no file ${given}.`);
    }
    const connection = await duckdb.connect();
    try {
      await connection.run(`ATTACH ${literal(path)} AS resource${mode === 'read' ? ' (READ_ONLY)' : ''}`);
    } finally {
      connection.close();
    }
  };
  const shared: SharedFile = {
    duckdb,
    mode,
    attached: attach(),
    users: 1,
    async release() {
      if (--shared.users > 0) return;
      OPEN.delete(path);
      await duckdb.close();
      await rm(spillTo, { recursive: true, force: true });
    },
  };
  OPEN.set(path, shared);
  return shared;
}
