import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetError, groupOf, identifier, nameOf } from '@nx-assets/core';
import { DuckDb, literal, readParquet, readTable } from '@nx-assets/storage';
import type { Workspace } from './workspace.ts';
import { type Row, viewOf } from './table-names.ts';

/** For who only looks: what does not fit in memory leaves nothing in the workspace. */
const openDuckDb = (): DuckDb =>
  new DuckDb({ memoryLimit: '512MB', spillTo: join(tmpdir(), 'nx-assets-queries') });

/** How many rows of two Parquet files only one of them has; a row counts as often as it is there. */
export async function countDifference(
  before: string,
  after: string,
): Promise<{ added: number; removed: number }> {
  const duckdb = openDuckDb();
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

/** How long a query may take that somebody only looks with. Milliseconds. */
const LONGEST = 60_000;

/**
 * Runs a query in a DuckDB in which every materialized table is a view. It reads those, and nothing else of the machine: a
 * query may come from a page or an agent. Throws `SQL_FAILED`, also where it takes longer than `longest` milliseconds.
 */
export async function query(
  workspace: Workspace,
  text: string,
  limit: number,
  longest = LONGEST,
): Promise<Row[]> {
  const duckdb = openDuckDb();
  const connection = await duckdb.connect();
  let isTooLong = false;
  const timer = setTimeout(() => {
    isTooLong = true;
    connection.interrupt();
  }, longest);
  try {
    const readable: string[] = [];
    const names = new Map<string, number>();
    for (const { key } of workspace.assets) names.set(nameOf(key), (names.get(nameOf(key)) ?? 0) + 1);
    for (const manifest of workspace.assets) {
      if (manifest.output.type !== 'table') continue;
      const parts = (await workspace.partitioning()).partitionsOf(manifest.key);
      const paths = await workspace.filesOf(manifest, parts);
      if (paths.length === 0) continue;
      readable.push(...paths);
      const relation = readTable({ paths, columns: manifest.output.columns });
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(groupOf(manifest.key))}`);
      const views = [
        viewOf(manifest.key),
        ...(names.get(nameOf(manifest.key)) === 1 ? [identifier(nameOf(manifest.key))] : []),
      ];
      for (const view of views) await connection.run(`CREATE VIEW ${view} AS FROM ${relation}`);
    }
    await connection.run(`SET allowed_paths = [${readable.map(literal).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const statement = text.trim().replace(/;$/, '');
    return await connection.rows(`SELECT * FROM (${statement}\n) LIMIT ${limit}`);
  } catch (error) {
    if (!isTooLong) throw error;
    throw new AssetError('SQL_FAILED', `The query took longer than ${longest / 1_000} s.`, {
      remedy: 'Ask for less: aggregate, filter, or look at one partition.',
    });
  } finally {
    clearTimeout(timer);
    connection.close();
    await duckdb.close();
  }
}

/** Some rows of a table that is these files, in an order, and how many there are. */
export async function page(
  table: Parameters<typeof readTable>[0],
  order: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ rows: Row[]; total: number }> {
  const duckdb = openDuckDb();
  const connection = await duckdb.connect();
  try {
    const relation = readTable(table);
    const { n } = await connection.row(`SELECT count(*) AS n FROM ${relation}`);
    const rows = await connection.rows(`FROM ${relation} ${order} LIMIT ${limit} OFFSET ${offset}`);
    return { rows, total: Number(n) };
  } finally {
    connection.close();
    await duckdb.close();
  }
}

export interface RowsRequest {
  readonly before: string;
  readonly after: string;
  /** Columns of which one may name a row, the likeliest first. Where none does, rows are compared whole. */
  readonly keys: readonly string[];
  /** Columns that both have. */
  readonly columns: readonly string[];
  readonly limit: number;
}

export interface ComparedRows {
  readonly by: readonly string[];
  readonly columns: readonly string[];
  readonly counts: { readonly added: number; readonly removed: number; readonly changed: number };
  readonly rows: readonly {
    readonly change: 'added' | 'removed' | 'changed';
    readonly was: Row | null;
    readonly now: Row | null;
  }[];
}

/** Rows of two Parquet files that differ, matched by key; where the key names several rows in one, compared whole. */
export async function compareRows(request: RowsRequest): Promise<ComparedRows> {
  const { before, after, columns, limit } = request;
  const duckdb = openDuckDb();
  const connection = await duckdb.connect();
  try {
    const list = columns.map(identifier).join(', ');
    const side = (path: string) => `SELECT ${list} FROM ${readParquet(path)}`;
    const isUnique = async (path: string, key: string) => {
      const { n } = await connection.row(
        `SELECT count(*) AS n FROM (SELECT ${key} FROM ${readParquet(path)} GROUP BY ${key} HAVING count(*) > 1)`,
      );
      return Number(n) === 0;
    };
    let key: string | undefined;
    for (const name of request.keys) {
      const quoted = identifier(name);
      if (!((await isUnique(before, quoted)) && (await isUnique(after, quoted)))) continue;
      key = name;
      break;
    }
    const by = key === undefined ? columns.map(identifier) : [identifier(key)];
    const same = by.map((name) => `"#w".${name} IS NOT DISTINCT FROM "#n".${name}`).join(' AND ');
    // A mark tells a row of nulls from no row. Names of sides are none that a column may have.
    const joined = `SELECT "#w", "#n"
      FROM (SELECT *, true AS "#" FROM (${side(before)})) "#w"
      FULL JOIN (SELECT *, true AS "#" FROM (${side(after)})) "#n" ON ${same}`;
    const kind = `CASE WHEN "#w"."#" IS NULL THEN 'added' WHEN "#n"."#" IS NULL THEN 'removed' ELSE 'changed' END`;
    const differing = `FROM (${joined}) WHERE "#w" IS DISTINCT FROM "#n"`;
    const counted = await connection.rows(
      `SELECT ${kind} AS change, count(*) AS n ${differing} GROUP BY change`,
    );
    const number = (change: string) => Number(counted.find((row) => row.change === change)?.n ?? 0);
    const counts = { added: number('added'), removed: number('removed'), changed: number('changed') };
    // What was and what is of one row stand together.
    const order = by.map((name) => `coalesce("#n".${name}, "#w".${name})`).join(', ');
    const found =
      limit === 0
        ? []
        : await connection.rows(
            `SELECT ${kind} AS change, "#w" AS was, "#n" AS now ${differing} ORDER BY ${order} LIMIT ${limit}`,
          );
    const rowOf = (value: unknown): Row | null => {
      const { '#': isThere, ...row } = (value ?? {}) as Row;
      return isThere ? row : null;
    };
    const rows = found.map((row) => ({
      change: row.change as 'added' | 'removed' | 'changed',
      was: rowOf(row.was),
      now: rowOf(row.now),
    }));
    return { by: key === undefined ? [] : [key], columns, counts, rows };
  } finally {
    connection.close();
    await duckdb.close();
  }
}
