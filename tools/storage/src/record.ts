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

const HEX = /^[0-9a-f]{64}$/;

function problemOf(record: Partial<AssetRecord> | null, key: AssetKey): string | null {
  if (typeof record !== 'object' || record === null) return 'not an object';
  if (record.recordVersion !== RECORD_VERSION) return `record version ${String(record.recordVersion)}`;
  if (record.key !== key) return `it is the record of ${String(record.key)}`;
  if (!HEX.test(String(record.dataVersion)) || !HEX.test(String(record.actionKey))) return 'no versions';
  if (typeof record.value?.path !== 'string' || typeof record.code?.version !== 'string') return 'incomplete';
  return isObject(record.inputs) && isObject(record.env) ? null : 'incomplete';
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const textOf = (record: AssetRecord): string => `${JSON.stringify(record, null, 2)}\n`;

export function writeRecord(root: string, record: AssetRecord): void {
  writeAtomic(absolute(root, recordPath(record.key)), textOf(record));
}

/** Writes a record beside its place, and gives the temporary path. */
export const writeRecordBeside = (root: string, record: AssetRecord): string =>
  writeBeside(absolute(root, recordPath(record.key)), textOf(record));
