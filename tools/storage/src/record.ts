import { readFileSync } from 'node:fs';
import type {
  AssetKey,
  CheckResult,
  CodeManifest,
  Column,
  DataVersion,
  Json,
  OutputManifest,
} from '@nx-assets/core';
import { absolute, recordPath } from './layout.ts';
import type { ColumnStatistics } from './statistics.ts';
import { writeAtomic } from './atomic.ts';

/** The shape of records on disk. A reader refuses other versions, and the asset runs again. */
export const RECORD_VERSION = 1;

/**
 * What lies beside a value: how it came about and what it is. Times and the run id are here and only here,
 * so that nothing downstream depends on them.
 */
export interface AssetRecord {
  readonly recordVersion: typeof RECORD_VERSION;
  readonly key: AssetKey;
  readonly partition: null;
  readonly runId: string;
  /** Hash over everything that decides the data: code, inputs, environment, observation. */
  readonly actionKey: string;
  readonly code: CodeManifest;
  readonly inputs: Readonly<Record<string, { readonly key: AssetKey; readonly dataVersion: DataVersion }>>;
  /** sha256 of each declared environment variable, `null` where it is not set. Never the value. */
  readonly env: Readonly<Record<string, string | null>>;
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
export const readRecord = (root: string, key: AssetKey): RecordReading =>
  readRecordAt(absolute(root, recordPath(key)), key);

/** The same for a record that lies somewhere else, for example in a cache. */
export function readRecordAt(path: string, key: AssetKey): RecordReading {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'missing' };
    return { status: 'unreadable', problem: (error as Error).message };
  }
  try {
    const record = JSON.parse(text) as AssetRecord;
    const problem = problemOf(record, key);
    return problem === null ? { status: 'found', record } : { status: 'unreadable', problem };
  } catch (error) {
    return { status: 'unreadable', problem: (error as Error).message };
  }
}

const isHash = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

function problemOf(record: Partial<AssetRecord> | null, key: AssetKey): string | null {
  if (!isObject(record)) return 'not an object';
  if (record.recordVersion !== RECORD_VERSION) return `record version ${String(record.recordVersion)}`;
  if (record.key !== key) return `it is the record of ${String(record.key)}`;
  if (!isHash(record.dataVersion) || !isHash(record.actionKey)) return 'no versions';
  return isComplete(record) ? null : 'incomplete';
}

/** Whether everything is there that readers use. What they only show may be anything. */
function isComplete(record: Partial<Record<keyof AssetRecord, unknown>>): boolean {
  const { code, value, runId, inputs, env, observedAt, statistics, checks, metadata, engine } = record;
  return (
    isObject<CodeManifest>(code) &&
    isText(code.version) &&
    isObject<ValueRecord>(value) &&
    isValue(value) &&
    isText(runId) &&
    [inputs, env, metadata, engine, statistics ?? {}].every(isObject) &&
    isList(checks, isObject) &&
    [record.startedAt, record.finishedAt, observedAt ?? record.startedAt].every(isTime)
  );
}

const isValue = ({ type, path, bytes, rowCount, columns }: Partial<ValueRecord>): boolean =>
  ['table', 'json', 'file'].includes(String(type)) &&
  isText(path) &&
  Number.isSafeInteger(bytes) &&
  Number.isSafeInteger(rowCount ?? 0) &&
  isList(columns ?? [], (column) => isObject<Column>(column) && isText(column.name) && isText(column.type));

const isText = (value: unknown): boolean => typeof value === 'string';
const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isObject = <T extends object>(value: unknown): value is Partial<T> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isList = (value: unknown, is: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(is);

export function writeRecord(root: string, record: AssetRecord): void {
  writeAtomic(absolute(root, recordPath(record.key)), `${JSON.stringify(record, null, 2)}\n`);
}
