import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupOf, identifier, nameOf } from '@nx-assets/core';
import { DuckDb, readParquet } from '@nx-assets/storage';
import { absolute, STATE } from '@nx-assets/storage/records';
import { type Row, viewOf } from './views.ts';
import type { Workspace } from './workspace.ts';

/** How many rows of two Parquet files only one of them has; a row counts as often as it is there. */
export async function countDifference(
  before: string,
  after: string,
): Promise<{ added: number; removed: number }> {
  const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(tmpdir(), 'nx-assets-diff') });
  const connection = await duckdb.connect();
  const only = async (one: string, other: string) => {
    const columns = async (path: string) =>
      (await connection.rows(`DESCRIBE FROM ${readParquet(path)}`)).map((row) => String(row.column_name));
    const others = new Set(await columns(other));
    const common = (await columns(one)).filter((name) => others.has(name)).map(identifier);
    if (common.length === 0) return 0;
    const rows = (path: string) => `SELECT ${common.join(', ')} FROM ${readParquet(path)}`;
    const { n } = await connection.row(`SELECT count(*) AS n FROM (${rows(one)} EXCEPT ALL ${rows(other)})`);
    return Number(n);
  };
  try {
    return { added: await only(after, before), removed: await only(before, after) };
  } finally {
    connection.close();
    await duckdb.close();
  }
}

/** Runs a query in a DuckDB in which every materialized table is a view. */
export async function query(workspace: Workspace, text: string, limit: number): Promise<Row[]> {
  const duckdb = new DuckDb({
    memoryLimit: '512MB',
    spillTo: absolute(workspace.root, `${STATE}/scratch/preview`),
  });
  const connection = await duckdb.connect();
  try {
    const names = new Map<string, number>();
    for (const { key } of workspace.assets) names.set(nameOf(key), (names.get(nameOf(key)) ?? 0) + 1);
    for (const manifest of workspace.assets) {
      const reading = workspace.reading(manifest.key);
      if (manifest.output.type !== 'table' || reading.status !== 'found') continue;
      const path = absolute(workspace.root, reading.record.value.path);
      if (!existsSync(path)) continue;
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(groupOf(manifest.key))}`);
      const views = [
        viewOf(manifest.key),
        ...(names.get(nameOf(manifest.key)) === 1 ? [identifier(nameOf(manifest.key))] : []),
      ];
      for (const view of views) await connection.run(`CREATE VIEW ${view} AS FROM ${readParquet(path)}`);
    }
    const statement = text.trim().replace(/;$/, '');
    return await connection.rows(`SELECT * FROM (${statement}) LIMIT ${limit}`);
  } finally {
    connection.close();
    await duckdb.close();
  }
}
