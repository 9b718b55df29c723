import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Connection, DuckDb } from './duckdb.ts';

/** A folder and a connection for the tests of one file, gone afterwards. */
export function useDuckDb(name: string): { readonly root: string; readonly connection: Connection } {
  const root = mkdtempSync(join(tmpdir(), `${name}-`));
  const duckdb = new DuckDb({ memoryLimit: '300MB', spillTo: join(root, 'spill') });
  let connection: Connection | undefined;
  beforeAll(async () => {
    connection = await duckdb.connect();
  });
  afterAll(async () => {
    connection?.close();
    await duckdb.close();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    root,
    get connection() {
      if (!connection) throw new Error('Connections open when tests begin.');
      return connection;
    },
  };
}
