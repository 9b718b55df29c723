import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { AssetError, type Column, type ColumnType, identifier, type JsonDocument } from '@nx-assets/core';
import type { z } from 'zod';
import { duckdbType } from './columns.ts';
import { fits } from './document-check.ts';
import { AS_IT_IS, type Connection, literal, readParquet } from './duckdb.ts';
import { parseExactly } from './exact-json.ts';

/** Up to this many bytes every row goes through zod; larger documents are checked inside the engine. */
const FULL_CHECK_BYTES = 8 * 1024 * 1024;

/** Refuses what is no UTF-8, where others would put a question mark. */
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The rows of a document, for zod. Throws `HTTP_NOT_JSON` when it is no JSON array. */
export function parseDocument(document: JsonDocument): unknown[] {
  let value: unknown;
  try {
    value = parseExactly(UTF_8.decode(readFileSync(document.path)));
  } catch (error) {
    throw new AssetError('HTTP_NOT_JSON', `${document.source} is not JSON (${(error as Error).message}).`, {
      cause: error,
    });
  }
  if (!Array.isArray(value)) {
    const what = value === null ? 'null' : typeof value;
    throw new AssetError('HTTP_NOT_JSON', `${document.source} should be a list of rows, but is ${what}.`);
  }
  return value;
}

/**
 * Writes a large document as a Parquet file in one pass, when the engine can see that every row fits as it is, and
 * gives the number of rows; otherwise `null`, and zod has to say what the rows are, or which do not fit.
 * 1M rows take a fifth of the time that rows in JavaScript take.
 */
export async function copyDocument(
  document: JsonDocument,
  schema: z.ZodObject,
  columns: readonly Column[],
  target: string,
  connection: Connection,
  fullCheckBytes = FULL_CHECK_BYTES,
): Promise<number | null> {
  if (statSync(document.path).size <= fullCheckBytes || !isBracketed(document.path)) return null;
  if (schema.def.catchall !== undefined || (schema.def.checks?.length ?? 0) > 0) return null;
  // A row that is null looks like one with nothing in it: zod has to say.
  const conditions = [`(${columns.map(({ name }) => `${identifier(name)} IS NOT NULL`).join(' OR ')})`];
  for (const [name, field] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const condition = fits(field, identifier(name));
    if (condition === null) return null;
    conditions.push(condition);
  }
  const types = columns.map((column) => `${literal(column.name)}: 'JSON'`);
  const select = columns.map(
    (column) => `${typed(column, identifier(column.name))} AS ${identifier(column.name)}`,
  );
  try {
    const rowCount = await connection.run(
      `COPY (
        SELECT ${select.join(', ')}
        FROM read_json(${literal(document.path)}, format='array', records='true', columns={${types.join(', ')}}, ${AS_IT_IS})
        WHERE CASE WHEN ${conditions.join(' AND ')} THEN TRUE ELSE error('a row does not fit') END
      ) TO ${literal(target)} (FORMAT parquet)`,
    );
    return (await isUnique(document.uniqueBy, target, connection)) ? rowCount : null;
  } catch {
    return null; // a row does not fit, or it is no array of objects: the slow reader finds the words
  }
}

async function isUnique(
  column: string | undefined,
  target: string,
  connection: Connection,
): Promise<boolean> {
  if (column === undefined) return true;
  const { repeated } = await connection.row(
    `SELECT count(*) - count(DISTINCT ${identifier(column)}) AS repeated FROM ${readParquet(target)}`,
  );
  return repeated === 0;
}

/**
 * DuckDB reads a list that was cut off between two rows, or has a byte order mark or other than JSON's white space
 * around it, as if all was well.
 */
function isBracketed(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const { size } = statSync(path);
    const read = (position: number) => {
      const buffer = Buffer.alloc(64);
      return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, position));
    };
    return /^[ \t\r\n]*\[/.test(read(0)) && /\][ \t\r\n]*$/.test(read(Math.max(0, size - 64)));
  } finally {
    closeSync(file);
  }
}

const typed = (column: Column, json: string): string => {
  if (column.type === 'string') return `(${json}->>'$')`;
  if (column.type !== 'struct' && column.type !== 'list') return `CAST(${json} AS ${duckdbType(column)})`;
  // A cast refuses objects without a key; this gives null for it.
  return `json_transform(${json}, ${literal(JSON.stringify(structureOf(column)))})`;
};

/** A column type as `json_transform` wants it. */
function structureOf(column: ColumnType): unknown {
  if (column.type === 'list') return [structureOf(column.items)];
  if (column.type !== 'struct') return duckdbType(column);
  return Object.fromEntries(column.fields.map((field) => [field.name, structureOf(field)]));
}
