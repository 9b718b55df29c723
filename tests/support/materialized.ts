import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDb, literal } from '@nx-assets/storage';
import type { Row } from './contract.ts';

export interface MaterializedTable {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** Reads tables of a workspace, every row, in the order of the file. */
export async function readTables(
  root: string,
  keys: readonly string[],
): Promise<Record<string, MaterializedTable>> {
  const spillTo = mkdtempSync(join(tmpdir(), 'spill-'));
  const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo });
  const connection = await duckdb.connect();
  try {
    const tables: Record<string, MaterializedTable> = {};
    for (const key of keys) {
      const from = `FROM read_parquet(${literal(join(root, 'output', `${key}.parquet`))})`;
      const described = await connection.rows(`DESCRIBE SELECT * ${from}`);
      const columns = described.map(({ column_name }) => String(column_name));
      tables[key] = { columns, rows: await connection.rows(`SELECT * ${from}`) };
    }
    return tables;
  } finally {
    connection.close();
    await duckdb.close();
    rmSync(spillTo, { recursive: true, force: true });
  }
}
