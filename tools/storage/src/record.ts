import { readFileSync } from 'node:fs';
import type {
  AssetKey,
  CheckResult,
  CodeManifest,
  Column,
  DataVersion,
  Json,
  OutputManifest,
} from '@nx-assets/core/data';
import { hashText } from './hash.ts';
import { absolute, recordPath } from './layout.ts';
import type { ColumnStatistics } from './statistics.ts';
import { writeAtomic, writeBeside } from './atomic.ts';

/** The shape of records on disk. A reader refuses other versions, and the asset runs again. */
export const RECORD_VERSION = 1;

/**
 * What lies beside a value: how it came about and what it is. Times and the run id are here and only here,
 * so that nothing downstream depends on them.
 */
export interface AssetRecord {
  readonly recordVersion: typeof RECORD_VERSION;
  readonly key: AssetKey;
  /** `null` for an asset without partitions. */
  readonly partition: string | null;
  readonly runId: string;
  /** Hash over everything that decides the data: code, inputs, environment, observation. */
  readonly actionKey: string;
  readonly code: CodeManifest;
  readonly inputs: Readonly<Record<string, InputRecord>>;
  /** sha256 of each declared environment variable, `null` where it is not set. Never the value. */
  readonly env: Readonly<Record<string, string | null>>;
  /** What it was configured with; absent where nothing is. */
  readonly config?: ConfigRecord | undefined;
  /** When data from outside was asked for, ISO 8601. Only on assets with a freshness policy and no deps. */
  readonly observedAt: string | null;
  /** sha256 of the value's bytes. */
  readonly dataVersion: DataVersion;
  readonly value: ValueRecord;
  readonly statistics: Readonly<Record<string, ColumnStatistics>> | null;
  readonly checks: readonly CheckResult[];
  readonly metadata: Readonly<Record<string, Json>>;
  /** The first rows, or the document; `null` where the asset opted out or is a file. */
  readonly preview: Json;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Versions of what wrote it. */
  readonly engine: Readonly<Record<string, string>>;
}

/**
 * The version of what dependents get of a value: of its bytes, and for a file of the number of rows as well, which its maker
 * says beside it. The columns of a table and the path of a file are in the definition.
 */
export const versionForDependents = ({
  dataVersion,
  value,
}: Pick<AssetRecord, 'dataVersion' | 'value'>): DataVersion =>
  value.type === 'file' && value.rowCount !== null
    ? (hashText(`${dataVersion} ${value.rowCount}`) as DataVersion)
    : dataVersion;

/** What a value was made from. */
export interface InputRecord {
  readonly key: AssetKey;
  /** Of an asset with partitions: over all that were read. */
  readonly dataVersion: DataVersion;
  /** Key to data version, of an asset with partitions. */
  readonly partitions?: Readonly<Record<string, DataVersion>> | undefined;
}

export interface ConfigRecord {
  /** The environment whose values its resources had. It decides nothing by itself. */
  readonly environment: string;
  /** Hash of each field that decides data: `field` of the asset itself, `alias.field` of a resource. Never the value. */
  readonly fields: Readonly<Record<string, string>>;
  /** What the run gave the asset itself, with its defaults. */
  readonly values: Readonly<Record<string, Json>>;
}

export interface ValueRecord {
  readonly type: OutputManifest['type'];
  /** From the workspace root, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly rowCount: number | null;
  readonly columns: readonly Column[] | null;
}

export type RecordReading =
  | { readonly status: 'found'; readonly record: AssetRecord }
  | { readonly status: 'missing' }
  | { readonly status: 'unreadable'; readonly problem: string };

/** Reads the record of an asset. A torn or foreign file is `unreadable`, never trusted. */
export const readRecord = (root: string, key: AssetKey, partition: string | null = null): RecordReading =>
  readRecordAt(absolute(root, recordPath(key, partition)), key, partition);

/** The same for a record that lies somewhere else, for example in a cache. */
export function readRecordAt(path: string, key: AssetKey, partition: string | null = null): RecordReading {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'missing' };
    return { status: 'unreadable', problem: (error as Error).message };
  }
  try {
    const record: unknown = JSON.parse(text);
    const problem = problemOf(record, key, partition);
    return problem === null
      ? { status: 'found', record: record as AssetRecord }
      : { status: 'unreadable', problem };
  } catch (error) {
    return { status: 'unreadable', problem: (error as Error).message };
  }
}

function problemOf(record: unknown, key: AssetKey, partition: string | null): string | null {
  if (!isObject(record)) return 'not an object';
  if (record.recordVersion !== RECORD_VERSION) return `record version ${String(record.recordVersion)}`;
  if (record.key !== key) return `it is the record of ${String(record.key)}`;
  if (record.partition !== partition) return `it is the record of ${key} [${String(record.partition)}]`;
  if (!isHash(record.dataVersion) || !isHash(record.actionKey)) return 'no versions';
  const wrong = Object.entries(SHAPE).find(([name, fits]) => !fits(record[name]));
  return wrong ? `its ${wrong[0]} is not what it should be` : null;
}

type Fits = (value: unknown) => boolean;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText: Fits = (value) => typeof value === 'string';
const isHash: Fits = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isTime: Fits = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isCount: Fits = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const orNull =
  (fits: Fits): Fits =>
  (value) =>
    value === null || fits(value);
const orAbsent =
  (fits: Fits): Fits =>
  (value) =>
    value === undefined || fits(value);
const each =
  (fits: Fits): Fits =>
  (value) =>
    isObject(value) && Object.values(value).every(fits);
const list =
  (fits: Fits): Fits =>
  (value) =>
    Array.isArray(value) && value.every(fits);
const shape =
  (fields: Readonly<Record<string, Fits>>): Fits =>
  (value) =>
    isObject(value) && Object.entries(fields).every(([name, fits]) => fits(value[name]));

/**
 * What readers rely on. By hand: a command reads thousands of records, and zod takes longer to load than this takes for
 * all of them. `record-schema.ts` says the same for readers outside; a test compares the two.
 */
const SHAPE: Readonly<Record<string, Fits>> = {
  runId: isText,
  code: shape({
    version: isText,
    file: isText,
    files: each(isText),
    packages: each(isText),
    definition: isText,
    runtime: isText,
    reads: orAbsent(each(isText)),
  }),
  inputs: each(shape({ key: isText, dataVersion: isHash, partitions: orAbsent(each(isHash)) })),
  env: each(orNull(isHash)),
  config: (value) =>
    value === undefined || shape({ environment: isText, fields: each(isHash), values: isObject })(value),
  observedAt: orNull(isTime),
  value: shape({
    type: (type) => type === 'table' || type === 'json' || type === 'file',
    path: isText,
    bytes: isCount,
    rowCount: orNull(isCount),
    columns: orNull(list(shape({ name: isText, type: isText }))),
  }),
  statistics: orNull(each(shape({ nulls: orNull(isCount), min: orNull(isText), max: orNull(isText) }))),
  checks: list(
    shape({
      name: isText,
      description: isText,
      severity: (severity) => severity === 'warn' || severity === 'error',
      passed: (passed) => typeof passed === 'boolean',
      facts: isObject,
      rows: Array.isArray,
    }),
  ),
  metadata: isObject,
  startedAt: isTime,
  finishedAt: isTime,
  engine: each(isText),
};

const textOf = (record: AssetRecord): string => `${JSON.stringify(record, null, 2)}\n`;

export function writeRecord(root: string, record: AssetRecord): void {
  writeAtomic(absolute(root, recordPath(record.key, record.partition)), textOf(record));
}

/** Writes a record beside its place, and gives the temporary path. */
export const writeRecordBeside = (root: string, record: AssetRecord): string =>
  writeBeside(absolute(root, recordPath(record.key, record.partition)), textOf(record));
