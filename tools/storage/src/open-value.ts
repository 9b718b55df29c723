import { constants, copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  AssetError,
  type AssetKey,
  type ByPartition,
  type DataVersion,
  type FileValue,
  type OutputManifest,
} from '@nx-assets/core';
import type { Connection } from './duckdb.ts';
import { fileName } from './layout.ts';
import type { AssetRecord } from './record.ts';
import { ParquetTable } from './table.ts';
import { notAsRecorded, type RecordedValue, type ValueStore } from './value-store.ts';

/** A dep as a step reads it: one value, or those of several partitions. */
export interface StepInput {
  readonly key: AssetKey;
  /** Over all that is read. */
  readonly dataVersion: DataVersion;
  readonly records: readonly AssetRecord[];
  /** What the dep is, where it has partitions. */
  readonly partitioned: OutputManifest | null;
  /** Whether it is at most one of them, which is read as it is. */
  readonly isPrevious?: boolean;
}

/**
 * What a dependent receives. Of an asset with partitions: one table, or a value for each key. With `folder`
 * it gets a copy of a file there, made when it asks for the path: what it writes there, nobody else reads.
 */
export async function openInput(
  store: ValueStore,
  input: StepInput,
  connection: Connection,
  folder?: string,
): Promise<unknown> {
  const { key, dataVersion, records, partitioned, isPrevious = false } = input;
  const [first] = records;
  if (!partitioned || (isPrevious && partitioned.type !== 'table'))
    return first && withCopy(await openValue(store, first, connection), folder);
  if (partitioned.type !== 'table') {
    const values = records.map(async (record) => {
      const partition = record.partition ?? '';
      const value = await openValue(store, record, connection);
      return [partition, withCopy(value, folder && `${folder}/${fileName(partition)}`)] as const;
    });
    return new Values(key, await Promise.all(values));
  }
  const paths = await Promise.all(records.map((record) => pathOf(store, record)));
  const rowCount = records.reduce((total, { value }) => total + (value.rowCount ?? 0), 0);
  return new ParquetTable({ key, paths, dataVersion, rowCount, columns: partitioned.columns }, connection);
}

function withCopy(value: unknown, folder: string | undefined): unknown {
  if (folder === undefined || !isFile(value)) return value;
  const { path, ...facts } = value;
  let copy: string | undefined;
  return Object.defineProperty(facts, 'path', {
    enumerable: true,
    get: () => (copy ??= copyInto(folder, path)),
  });
}

const isFile = (value: unknown): value is FileValue =>
  typeof value === 'object' &&
  value !== null &&
  (value as Partial<FileValue>).type === 'file' &&
  'dataVersion' in value;

function copyInto(folder: string, path: string): string {
  mkdirSync(folder, { recursive: true });
  const copy = join(folder, basename(path));
  // Where the file system can, it shares the blocks of both.
  copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  return copy;
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

/** What a dependent receives of a materialized asset. Throws `UPSTREAM_MISSING` where its bytes are gone. */
export async function openValue(
  store: ValueStore,
  record: RecordedValue,
  connection: Connection,
): Promise<unknown> {
  return valueAt(await pathOf(store, record), record, connection);
}

async function pathOf(store: ValueStore, record: RecordedValue): Promise<string> {
  const path = await store.locate(record);
  if (path === null) throw notAsRecorded(record);
  return path;
}

/**
 * The value whose bytes are at a path, published or not, as a dependent receives it. The rows of a table are not read
 * before somebody asks for them.
 */
export function valueAt(
  path: string,
  { key, dataVersion, value }: Pick<RecordedValue, 'key' | 'dataVersion' | 'value'>,
  connection: Connection,
): unknown {
  const { bytes, rowCount, columns } = value;
  switch (value.type) {
    case 'table': {
      const facts = { key, paths: [path], dataVersion, rowCount: rowCount ?? 0, columns: columns ?? [] };
      return new ParquetTable(facts, connection);
    }
    case 'json':
      return JSON.parse(readFileSync(path, 'utf8')) as unknown;
    case 'file': {
      const facts = { key, path, workspacePath: value.path, bytes, rowCount, dataVersion };
      return { type: 'file', ...facts } satisfies FileValue;
    }
  }
}
