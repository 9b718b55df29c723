import { readFileSync, statSync, writeFileSync } from 'node:fs';
import {
  AssetError,
  type AssetKey,
  type ByPartition,
  type Column,
  type DataVersion,
  type FileValue,
  isSql,
  type Json,
  type JsonDocument,
  type Output,
  type OutputManifest,
  type Sql,
} from '@nx-assets/core';
import type { z } from 'zod';
import { checkTable, fitToSchema } from './check-table.ts';
import { columnsOf } from './columns.ts';
import { type Connection, literal, readParquet, renderSql } from './duckdb.ts';
import { hashFile } from './hash.ts';
import { copyDocument, parseDocument } from './json-document.ts';
import { absolute } from './layout.ts';
import type { AssetRecord } from './record.ts';
import { type ColumnStatistics, cut, previewOf, statisticsOf } from './statistics.ts';
import { putInOrder } from './order.ts';
import { ParquetTable } from './table.ts';
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
  const text = JSON.stringify(parsed.data, null, 2) as string | undefined;
  if (text === undefined)
    throw new AssetError('VALUE_INVALID', `${scope.source} is nothing that JSON can hold.`);
  writeFileSync(scope.target, `${text}\n`);
  const preview = scope.preview ? cut(parsed.data as Json) : null;
  return { ...measure(scope), rowCount: null, columns: null, statistics: null, preview };
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
  const { text, values } = renderSql(query);
  const select = await fitToSchema(`(${text})`, values, columns, connection);
  const rowCount = await connection.run(`COPY (${select}) TO ${literal(target)} (FORMAT parquet)`, values);
  await checkTable(target, schema, rowCount, source, connection);
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
    ? await writeJsonLines(parseDocument(result), schema, path, result.source, result.uniqueBy)
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

/** A dep as a step reads it: one value, or those of several partitions. */
export interface StepInput {
  readonly key: AssetKey;
  /** Over all that is read. */
  readonly dataVersion: DataVersion;
  readonly records: readonly AssetRecord[];
  /** What the dep is, where it has partitions. */
  readonly partitioned: OutputManifest | null;
}

/** What a dependent receives. Of an asset with partitions: one table, or a value for each key. */
export function openInput(root: string, input: StepInput, connection: Connection): unknown {
  const { key, dataVersion, records, partitioned } = input;
  const [first] = records;
  if (!partitioned) return first && openValue(root, first, connection);
  if (partitioned.type !== 'table') {
    return new Values(
      key,
      records.map((record) => [record.partition ?? '', openValue(root, record, connection)]),
    );
  }
  const paths = records.map(({ value }) => absolute(root, value.path));
  const rowCount = records.reduce((total, { value }) => total + (value.rowCount ?? 0), 0);
  return new ParquetTable({ key, paths, dataVersion, rowCount, columns: partitioned.columns }, connection);
}

class Values extends Map<string, unknown> implements ByPartition<unknown> {
  readonly #key: AssetKey;

  constructor(key: AssetKey, entries: readonly (readonly [string, unknown])[]) {
    super(entries);
    this.#key = key;
  }

  only(): unknown {
    if (this.size === 1) return [...this.values()][0];
    const facts = `${this.#key} is read for ${this.size} partitions.`;
    throw new AssetError('PARTITION_NOT_ONE', facts);
  }
}

/** What a dependent receives of a materialized asset. The bytes are not read until it asks. */
export function openValue(root: string, record: AssetRecord, connection: Connection): unknown {
  const { key, dataVersion, value } = record;
  const path = absolute(root, value.path);
  switch (value.type) {
    case 'table':
      return new ParquetTable(
        { key, paths: [path], dataVersion, rowCount: value.rowCount ?? 0, columns: value.columns ?? [] },
        connection,
      );
    case 'json':
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    case 'file': {
      const { bytes, rowCount } = value;
      return {
        type: 'file',
        key,
        path,
        workspacePath: value.path,
        bytes,
        rowCount,
        dataVersion,
      } satisfies FileValue;
    }
  }
}
