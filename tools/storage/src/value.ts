import { statSync, writeFileSync } from 'node:fs';
import {
  AssetError,
  type Column,
  type DataVersion,
  isSql,
  type Json,
  type JsonDocument,
  type Output,
  type Sql,
} from '@nx-assets/core';
import type { z } from 'zod';
import { checkTable } from './check-table.ts';
import { columnsOf } from './columns.ts';
import { type Connection, literal, readParquet, renderSql } from './duckdb.ts';
import { notJson } from './exact-json.ts';
import { fitToSchema } from './fit-query.ts';
import { hashFile } from './hash.ts';
import { copyDocument, parseDocument } from './json-document.ts';
import { describeLoss, isLoss } from './lost-digits.ts';
import { refuseChanges } from './schema-changes.ts';
import { type ColumnStatistics, cut, previewOf, statisticsOf } from './statistics.ts';
import { putInOrder } from './order.ts';
import { readJsonLines, writeJsonLines } from './write-rows.ts';

export interface WriteScope {
  /** The file to write: not yet in its place. */
  readonly target: string;
  /** A folder for what is needed meanwhile. */
  readonly scratch: string;
  /** Names the asset in errors. */
  readonly source: string;
  readonly preview: boolean;
  readonly connection: Connection;
}

/** What was written, as the record keeps it. */
export interface Written {
  readonly dataVersion: DataVersion;
  readonly bytes: number;
  readonly rowCount: number | null;
  readonly columns: readonly Column[] | null;
  readonly statistics: Readonly<Record<string, ColumnStatistics>> | null;
  readonly preview: Json;
}

/** Checks what `materialize` returned against the definition, and writes it to `scope.target`. */
export async function writeValue(output: Output, result: unknown, scope: WriteScope): Promise<Written> {
  switch (output.type) {
    case 'table':
      return writeTable(output, result, scope);
    case 'json':
      return writeJson(output.schema, result, scope);
    case 'file':
      return { ...measure(scope), rowCount: null, columns: null, statistics: null, preview: null };
  }
}

function measure(scope: WriteScope): { dataVersion: DataVersion; bytes: number } {
  const dataVersion = hashFile(scope.target);
  if (dataVersion === null) {
    throw new AssetError('MATERIALIZE_RESULT', `${scope.source} wrote no file to context.file.`);
  }
  return { dataVersion, bytes: statSync(scope.target).size };
}

function writeJson(schema: z.ZodType, result: unknown, scope: WriteScope): Written {
  const parsed = schema.safeParse(result);
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 20);
    const lines = issues.map((issue) => `  ${issue.path.join('.') || 'value'}: ${issue.message}`);
    throw new AssetError('VALUE_INVALID', `${scope.source} does not fit its schema:\n${lines.join('\n')}\n`);
  }
  const text = jsonText(parsed.data, scope.source);
  writeFileSync(scope.target, `${text}\n`);
  const preview = scope.preview ? cut(parsed.data as Json) : null;
  return { ...measure(scope), rowCount: null, columns: null, statistics: null, preview };
}

/** Refuses what JSON would leave out, or make something else of without a word. */
function jsonText(value: unknown, source: string): string {
  function strict(this: Readonly<Record<string, unknown>>, field: string, written: unknown): unknown {
    const one = this[field];
    // In a list it would become null; a field that is undefined is one that is not there.
    const unheld = one === undefined && Array.isArray(this) ? 'undefined' : notJson(one);
    if (unheld === null) return written;
    const place = field === '' ? '' : ` in "${field}"`;
    throw new AssetError('VALUE_INVALID', `${source} has ${unheld}${place}, which JSON cannot hold.`);
  }
  try {
    const text = JSON.stringify(value, strict, 2) as string | undefined;
    if (text !== undefined) return text;
  } catch (error) {
    if (error instanceof AssetError) throw error;
    // Something in it refers to itself, or does not want to be written.
    const [reason = ''] = error instanceof Error ? error.message.split('\n') : [String(error)];
    throw new AssetError('VALUE_INVALID', `${source} cannot be written as JSON: ${reason}.`, {
      cause: error,
    });
  }
  throw new AssetError('VALUE_INVALID', `${source} is nothing that JSON can hold.`);
}

async function writeTable(
  { schema, orderBy }: Extract<Output, { type: 'table' }>,
  result: unknown,
  scope: WriteScope,
): Promise<Written> {
  const { connection, target, source } = scope;
  const columns = columnsOf(schema);
  const rowCount = isSql(result)
    ? await copyQuery(result, schema, columns, scope)
    : await copyRows(result, schema, columns, scope);
  if (orderBy.length > 0) await putInOrder(target, orderBy, source, connection);
  return {
    ...measure(scope),
    rowCount,
    columns,
    statistics: await statisticsOf(target, columns, scope.preview, connection),
    preview: scope.preview ? await previewOf(readParquet(target), connection) : null,
  };
}

/** Writes what a query gives, and checks it afterwards. Gives the number of rows. */
async function copyQuery(
  query: Sql,
  schema: z.ZodObject,
  columns: readonly Column[],
  { connection, target, source }: WriteScope,
): Promise<number> {
  refuseChanges(schema, source);
  const { text, values } = renderSql(query);
  const relation = `(${text})`;
  const { select, losses } = await fitToSchema(relation, values, columns, connection);
  const copy = connection.run(`COPY (${select}) TO ${literal(target)} (FORMAT parquet)`, values);
  const rowCount = await copy.catch(async (error: unknown) => {
    if (!(error instanceof AssetError) || !isLoss(error)) throw error;
    throw await describeLoss(relation, values, losses, source, connection);
  });
  await checkTable(target, schema, columns, rowCount, source, connection);
  return rowCount;
}

/** Checks rows or a document, and writes them. Gives the number of rows. */
async function copyRows(
  result: unknown,
  schema: z.ZodObject,
  columns: readonly Column[],
  { connection, target, scratch, source }: WriteScope,
): Promise<number> {
  if (isDocument(result)) {
    const rowCount = await copyDocument(result, schema, columns, target, connection);
    if (rowCount !== null) return rowCount;
  }
  const path = `${scratch}/rows.ndjson`;
  const lines = isDocument(result)
    ? await writeJsonLines(parseDocument(result), schema, path, result.source, result)
    : await writeJsonLines(rowsIn(result, source), schema, path, source);
  const select = `SELECT * FROM ${readJsonLines(lines, columns)}`;
  return connection.run(`COPY (${select}) TO ${literal(target)} (FORMAT parquet)`);
}

function rowsIn(result: unknown, source: string): Iterable<unknown> | AsyncIterable<unknown> {
  if (isIterable(result)) return result;
  const what = result === null ? 'null' : typeof result;
  throw new AssetError('MATERIALIZE_RESULT', `${source} returned ${what} instead of rows or a query.`);
}

const isDocument = (value: unknown): value is JsonDocument =>
  typeof value === 'object' && value !== null && (value as Partial<JsonDocument>).type === 'json-document';

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
