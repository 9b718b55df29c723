import type { Column } from '@nx-assets/core';
import type { z } from 'zod';
import { type Connection, literal, readParquet } from './duckdb.ts';
import { ROW_NUMBER } from './columns.ts';
import { rulesOf } from './engine-rules.ts';
import type { EngineRules } from './engine-checks.ts';
import { changesOf } from './row-changes.ts';
import { COUNTED, RowProblems } from './rows-error.ts';

/** Up to this many rows every one goes through zod; of larger tables those that the engine cannot vouch for. */
const FULL_CHECK_ROWS = 10_000;

/** Throws `ROWS_INVALID` when rows of a written table do not fit its schema. */
export async function checkTable(
  path: string,
  schema: z.ZodObject,
  columns: readonly Column[],
  rowCount: number,
  source: string,
  connection: Connection,
  fullCheckRows = FULL_CHECK_ROWS,
): Promise<void> {
  const rules = rowCount <= fullCheckRows ? null : await usableRules(path, schema, columns, connection);
  if (rules?.length === 0) return;
  const condition = rules?.join(' OR ');
  // Only what the rules ask about is read; mostly there is no such row.
  if (condition !== undefined && !(await hasRows(path, condition, connection))) return;
  const problems = new RowProblems();
  let row = 0;
  for await (const { [ROW_NUMBER]: place, ...value } of connection.streamExactly(select(path, condition))) {
    row++;
    const parsed = schema.safeParse(value);
    const issues = parsed.success ? changesOf(value, parsed.data) : parsed.error.issues;
    if (issues.length > 0) problems.add(condition === undefined ? row : Number(place) + 1, issues);
    if (problems.count >= COUNTED) break;
  }
  if (problems.count > 0) throw problems.toError(source, rowCount);
}

function select(path: string, condition: string | undefined): string {
  return condition === undefined
    ? `SELECT * FROM ${readParquet(path)}`
    : `SELECT * FROM ${readParquet(path, `${ROW_NUMBER} = true`)} WHERE ${condition}`;
}

async function hasRows(path: string, condition: string, connection: Connection): Promise<boolean> {
  const { found } = await connection.row(
    `SELECT count(*) AS found FROM ${readParquet(path)} WHERE ${condition}`,
  );
  return found !== 0;
}

/** `null` where the engine cannot say, or cannot run a pattern. */
async function usableRules(
  path: string,
  schema: z.ZodObject,
  columns: readonly Column[],
  connection: Connection,
): Promise<EngineRules> {
  const rules = rulesOf(schema, columns, await columnsWithNulls(path, connection));
  if (rules === null || rules.length === 0) return rules;
  try {
    await connection.rows(`SELECT 1 FROM ${readParquet(path)} WHERE FALSE AND (${rules.join(' OR ')})`);
    return rules;
  } catch {
    return null;
  }
}

/** Top-level columns that hold a null, from the file's footer: reading long texts only to find none is slow. */
async function columnsWithNulls(path: string, connection: Connection): Promise<ReadonlySet<unknown>> {
  const rows = await connection.rows(
    `SELECT path_in_schema AS name FROM parquet_metadata(${literal(path)})
     GROUP BY path_in_schema HAVING count(stats_null_count) < count(*) OR sum(stats_null_count) > 0`,
  );
  return new Set(rows.map(({ name }) => name));
}
