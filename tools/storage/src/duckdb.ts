import { channel, type Channel } from 'node:diagnostics_channel';
import { mkdirSync } from 'node:fs';
import type {
  DuckDBConnection,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBResult,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import {
  AssetError,
  type DiagnosticCode,
  type DuckDbLimits,
  type Json,
  type Sql,
  identifier,
  type SqlValue,
  type Table,
} from '@nx-assets/core';
import { duckdbType } from './columns.ts';
import { parseExactly } from './exact-json.ts';
import { refuseHalves, type Scalar } from './scalar.ts';

export interface DuckDbOptions {
  /** For example `'700MB'`: beyond it DuckDB spills to `spillTo`. */
  readonly memoryLimit: string;
  /** For each query. Default: 1. */
  readonly threads?: number;
  /** Folder for what does not fit in memory. */
  readonly spillTo: string;
}

export type SqlRow = Record<string, Json>;

/** Hears of each query of this process before it runs, on the stack of whoever asks: `{ text, values }`. */
export const queryChannel: Channel = channel('nx-assets:query');

/** DuckDB reads sizes itself; what it says of one that it cannot read names no setting of ours. */
function refusedLimit(error: unknown, limit: string): unknown {
  const { message } = error as Error;
  return /memory/i.test(message)
    ? new AssetError('MEMORY_LIMIT_INVALID', `The memory limit "${limit}" is not a size.`, { cause: error })
    : error;
}

/** One embedded DuckDB for a process. Nothing is loaded until the first query. */
export class DuckDb {
  readonly #options: DuckDbOptions;
  #instance: Promise<DuckDBInstance> | undefined;

  constructor(options: DuckDbOptions) {
    this.#options = options;
  }

  /** Another one with limits of its own, which its user closes. */
  with({ memory, threads }: DuckDbLimits): DuckDb {
    const { memoryLimit } = this.#options;
    return new DuckDb({ ...this.#options, memoryLimit: memory ?? memoryLimit, threads: threads ?? 1 });
  }

  /** A connection for one step; steps on different connections run side by side. */
  async connect(): Promise<Connection> {
    this.#instance ??= this.#open();
    const instance = await this.#instance;
    return new Connection(await instance.connect());
  }

  async #open(): Promise<DuckDBInstance> {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    await keepByteOrderMarks();
    mkdirSync(this.#options.spillTo, { recursive: true });
    const create = DuckDBInstance.create(':memory:', {
      // By default one thread a query: steps run side by side anyway, and sums of floats come out the same every time.
      threads: String(this.#options.threads ?? 1),
      memory_limit: this.#options.memoryLimit,
      temp_directory: this.#options.spillTo,
      preserve_insertion_order: 'true',
      default_null_order: 'nulls_last',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const instance = await create.catch((error: unknown) => {
      throw refusedLimit(error, this.#options.memoryLimit);
    });
    const connection = await instance.connect();
    await connection.run(`SET GLOBAL TimeZone = 'UTC'`).catch(() => undefined);
    connection.closeSync();
    return instance;
  }

  async close(): Promise<void> {
    const instance = await this.#instance?.catch(() => undefined);
    this.#instance = undefined;
    instance?.closeSync();
  }
}

/** The binding decodes each text as if it were a file, and would swallow a U+FEFF at its start. */
async function keepByteOrderMarks(): Promise<void> {
  const { default: accessors } = await import('@duckdb/node-api/lib/vectors/dataAccessors.js');
  Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) });
}

/** Runs SQL and gives plain JavaScript values: numbers, strings, booleans, null, arrays and objects. */
export class Connection {
  readonly #connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Runs a statement; gives how many rows it wrote. */
  async run(text: string, values: readonly Scalar[] = []): Promise<number> {
    return (await this.#run(text, values)).rowsChanged;
  }

  async rows(text: string, values: readonly Scalar[] = []): Promise<SqlRow[]> {
    const result = await this.#run(text, values);
    refuseProto(result);
    return parseJsonColumns((await result.convertRowObjects(toJson)) as SqlRow[], result);
  }

  /** The first row, for queries that always have one. */
  async row(text: string, values: readonly Scalar[] = []): Promise<SqlRow> {
    const [row] = await this.rows(text, values);
    if (!row) throw new AssetError('FRAMEWORK_BUG', `A query gave no row: ${text}`);
    return row;
  }

  async *stream(text: string, values: readonly Scalar[] = []): AsyncGenerator<SqlRow> {
    refuseHalves(values);
    queryChannel.publish({ text, values });
    const result = await withSqlErrors(text, () => this.#connection.stream(text, [...values]));
    refuseProto(result);
    for await (const rows of result.yieldConvertedRowObjects(toJson))
      yield* parseJsonColumns(rows as SqlRow[], result);
  }

  /** The rows as they are, for a check: what JavaScript would change comes as something that no schema takes. */
  async *streamExactly(text: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
    const result = await withSqlErrors(text, () => this.#connection.stream(text));
    refuseProto(result);
    for await (const rows of result.yieldConvertedRowObjects(toExact))
      yield* parseJsonColumns(rows as Record<string, unknown>[], result, readExactly);
  }

  async #run(text: string, values: readonly Scalar[]): Promise<DuckDBResult> {
    refuseHalves(values);
    queryChannel.publish({ text, values });
    return withSqlErrors(text, () => this.#connection.run(text, [...values]));
  }

  /** Stops what is running. */
  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#connection.closeSync();
  }
}

/** A query as text with `?` for its scalars. Tables read their Parquet files. */
export function renderSql(query: Sql): { text: string; values: Scalar[] } {
  const values: Scalar[] = [];
  let text = query.strings[0] ?? '';
  query.values.forEach((value, index) => {
    text += renderValue(value, values) + (query.strings[index + 1] ?? '');
  });
  return { text, values };
}

function renderValue(value: SqlValue, values: Scalar[]): string {
  if (typeof value !== 'object' || value === null) {
    values.push(value);
    return '?';
  }
  if (value.type === 'table') return readTable(value);
  const nested = renderSql(value);
  values.push(...nested.values);
  return `(${nested.text})`;
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A folder above that is called `day=1` is none of its columns, as the engine would have it. */
export const AS_IT_IS = 'hive_partitioning = false';

export const readParquet = (path: string, ...options: readonly string[]): string =>
  `read_parquet(${[literal(path), AS_IT_IS, ...options].join(', ')})`;

/** A table as a relation: its file, the files of its partitions one after another, or no rows. */
export function readTable({ paths, columns }: Pick<Table<object>, 'paths' | 'columns'>): string {
  const [first] = paths;
  if (paths.length > 1) return `read_parquet([${paths.map(literal).join(', ')}], ${AS_IT_IS})`;
  if (first !== undefined) return readParquet(first);
  const nulls = columns.map((column) => `CAST(NULL AS ${duckdbType(column)}) AS ${identifier(column.name)}`);
  return `(SELECT ${nulls.join(', ')} WHERE FALSE)`;
}

async function withSqlErrors<T>(text: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const message = (error as Error).message.trim();
    throw new AssetError(codeOf(message), `${message}\n${text.trim()}\n`, { cause: error });
  }
}

/** A full disk or memory is not the author's fault, nor the query's. */
function codeOf(message: string): DiagnosticCode {
  if (message.startsWith('Out of Memory Error')) return 'MEMORY_EXHAUSTED';
  return message.startsWith('IO Error') ? 'STORAGE_WRITE_FAILED' : 'SQL_FAILED';
}

/** What becomes of a whole number, of a decimal, and of JSON. */
interface Reading {
  readonly whole: (value: bigint) => unknown;
  readonly json: (text: string) => unknown;
}

const toJson = converter({ whole: safeNumber, json: (text) => JSON.parse(text) as unknown });
const toExact = converter({
  whole: (value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value),
  json: readExactly,
});

function converter(reading: Reading) {
  const convert = (value: DuckDBValue, type: DuckDBType): unknown => {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
    if (typeof value === 'bigint') return reading.whole(value);
    if (typeof value === 'string') return type.alias === 'JSON' ? reading.json(value) : value;
    if ('items' in value && 'valueType' in type) {
      return value.items.map((item) => convert(item, type.valueType));
    }
    if ('entries' in value && 'entryNames' in type && !Array.isArray(value.entries)) {
      const entries = value.entries as Readonly<Record<string, DuckDBValue>>;
      return Object.fromEntries(
        type.entryNames.map((name, index) => [
          name,
          convert(entries[name] as DuckDBValue, type.entryTypes[index] as DuckDBType),
        ]),
      );
    }
    if ('toDouble' in value) return safeDecimal(value);
    return value.toString();
  };
  return convert;
}

/** NaN where a text only looks like JSON: the engine takes `NaN` and `Infinity`. */
function readExactly(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    return Number.NaN;
  }
}

/** At the top level the values of JSON columns come without the name of their type: as plain text. */
function parseJsonColumns<Row extends Record<string, unknown>>(
  rows: Row[],
  result: DuckDBResult,
  read: (text: string) => unknown = JSON.parse,
): Row[] {
  const names = result.columnNames().filter((_, index) => result.columnType(index).alias === 'JSON');
  for (const row of rows as Record<string, unknown>[]) {
    for (const name of names) {
      const text = row[name];
      if (typeof text === 'string') row[name] = read(text);
    }
  }
  return rows;
}

/** A field of this name would be the prototype of the row. */
function refuseProto(result: DuckDBResult): void {
  if (!result.columnNames().includes('__proto__')) return;
  throw new AssetError('SQL_FAILED', 'A column cannot have the name "__proto__".');
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw unsafe(String(value));
  return number;
}

/** Every decimal of fifteen digits has a double of its own; of longer ones, those that come back as they were. */
function safeDecimal(decimal: DuckDBDecimalValue): number {
  const { value, scale } = decimal;
  const number = decimal.toDouble();
  if (Number.isSafeInteger(Number(value))) return number;
  const isSame = Math.abs(number) < 1e21 && number.toFixed(Math.min(scale, 100)) === decimal.toString();
  if (!isSame) throw unsafe(decimal.toString());
  return number;
}

const unsafe = (text: string) => new AssetError('NUMBER_UNSAFE', `${text} cannot be a JavaScript number.`);
