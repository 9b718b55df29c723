import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assetKey, type AssetKey, type DataVersion } from '@nx-assets/core';
import { fingerprintsOnDisk, observe } from '@nx-assets/engine';
import type { LogEvent } from '@nx-assets/event-log';
import { DuckDb, literal } from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  hashFile,
  RECORD_VERSION,
  valuePath,
  writeRecord,
} from '@nx-assets/storage/records';
import { afterAll } from 'vitest';
import { openHistory } from './history.ts';
import type { ProcessContext } from './run-context.ts';
import { TestWorkspace } from './test-workspace.ts';
import { Workspace } from './workspace.ts';

/** The moment at which tests run. */
export const NOW = new Date('2026-03-05T12:00:00.000Z');

/** What a process in `cwd` would be given, with nothing of this one. */
export const processHere = (
  cwd: string,
  given: Partial<Pick<ProcessContext, 'env' | 'argv' | 'now'>> = {},
): ProcessContext => ({
  cwd,
  env: {},
  argv: [],
  conditions: [],
  stdout: { write: () => true },
  stderr: { write: () => true },
  now: () => NOW,
  exit: (code) => {
    throw new Error(`exit ${code}`);
  },
  ...given,
});

export const NUMBERS = assetKey('lab', 'numbers');
export const TOTAL = assetKey('lab', 'total');
export const DAYS = assetKey('lab', 'days');
export const SIZED = assetKey('lab', 'sized');
export const REPORT = assetKey('reports', 'report');
export const OTHER_TOTAL = assetKey('reports', 'total');

const LAB = `
import { asset, daily, job, op } from '@nx-assets/core';
import { z } from 'zod';

export const numbers = asset({
  description: 'Numbers.',
  tags: ['pii'],
  freshness: { maxAge: '1d' },
  schema: z.object({ id: z.int(), n: z.int() }),
  materialize: () => [{ id: 1, n: 1 }],
});
export const total = asset({ description: 'Their sum.', deps: { numbers }, value: z.int(), materialize: () => 1 });
export const days = asset({
  description: 'A number for each of four days.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-05', timeZone: 'UTC' }),
  schema: z.object({ n: z.int() }),
  materialize: () => [{ n: 1 }],
});
export const sized = asset({
  description: 'As large as a run says.',
  config: z.object({ size: z.int().max(9).default(2) }),
  value: z.int(),
  materialize: (_, { config }) => config.size,
});
const sweep = op({ name: 'sweep', description: 'Sweeps.', run: () => undefined });
export const nightly = job({
  description: 'Every night.',
  before: [sweep],
  select: total,
  schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
});
export const latest = job({ description: 'The last day.', select: days, partition: 'latest' });
export const lost = job({ description: 'A day that is none.', select: days, partition: '1999-01-01' });
export const old = job({ description: 'What is out of date.', select: 'status:stale' });
export const wide = job({ description: 'Too large.', select: sized, config: { 'lab/sized': { size: 10 } } });
export const cleaning = job({ description: 'Nothing but ops.', after: [sweep] });
`;
const REPORTS = `
import { asset } from '@nx-assets/core';
import { total as sum } from '@test/lab';
import { z } from 'zod';

export const total = asset({ description: 'The same.', deps: { sum }, value: z.int(), materialize: () => 1 });
export const report = asset({ description: 'A report.', deps: { total }, file: 'report.txt', materialize: () => undefined });
export const nightly = 'no job';
`;

/** A workspace with two groups, of which nothing was materialized. It is gone when the tests of the file have ended. */
export function makeLab(): TestWorkspace {
  const lab = new TestWorkspace().group('lab', { 'index.ts': LAB }).group('reports', { 'index.ts': REPORTS });
  afterAll(() => lab.dispose());
  return lab;
}

export const openLab = (root: string, given?: Parameters<typeof processHere>[1]): Promise<Workspace> =>
  Workspace.open(processHere(root, given));

interface Made {
  readonly partition?: string | null;
  readonly runId?: string;
  readonly at?: string;
  readonly record?: Partial<AssetRecord>;
}

/** Leaves a value and its record as a step that runs now would; a table is what a query gives, all else a text. */
export async function make(
  { root, env = {} }: { readonly root: string; readonly env?: NodeJS.ProcessEnv },
  key: AssetKey,
  content: string,
  { partition = null, runId = 'run-1', at = '2026-03-05T11:00:00.000Z', record: given = {} }: Made = {},
): Promise<AssetRecord> {
  const workspace = await openLab(root, { env });
  const manifest = workspace.graph.nodes.get(key);
  if (!manifest) throw new Error(`There is no ${key}.`);
  const { output } = manifest;
  const path = valuePath(key, output, partition);
  const file = absolute(root, path);
  mkdirSync(dirname(file), { recursive: true });
  const rowCount = output.type === 'table' ? await writeParquet(root, file, content) : null;
  if (output.type !== 'table') writeFileSync(file, content);
  const observedAt = observe(root, manifest, new Date(at), true);
  const fingerprint = fingerprintsOnDisk(manifest, await workspace.world(), observedAt).of(partition);
  const { inputs, env: hashes, config } = fingerprint.inputs();
  const record: AssetRecord = {
    recordVersion: RECORD_VERSION,
    ...{ key, partition, runId, actionKey: fingerprint.actionKey(), code: manifest.code, env: hashes },
    inputs: inputs as AssetRecord['inputs'],
    ...(config ? { config } : {}),
    observedAt,
    dataVersion: hashFile(file) as DataVersion,
    value: {
      ...{ type: output.type, path, bytes: 10, rowCount },
      columns: output.type === 'table' ? output.columns : null,
    },
    ...{ statistics: null, checks: [], metadata: {}, preview: null },
    ...{ startedAt: at, finishedAt: at, engine: { node: '24' } },
    ...given,
  };
  writeRecord(root, record);
  return record;
}

/** Writes what a query gives to a Parquet file, and says how many rows that are. */
export async function writeParquet(root: string, file: string, query: string): Promise<number> {
  const duckdb = new DuckDb({ memoryLimit: '300MB', spillTo: join(root, '.nx/spill') });
  const connection = await duckdb.connect();
  try {
    return await connection.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet)`);
  } finally {
    connection.close();
    await duckdb.close();
  }
}

/** Writes events to the history of a workspace. */
export async function remember(root: string, events: readonly LogEvent[]): Promise<void> {
  const history = await openHistory(root);
  await history.append(events);
  await history.close();
}

interface Ended {
  readonly runId: string;
  readonly at: number;
  readonly key: AssetKey;
  readonly partition?: string | null;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A whole run of one step. With an error, it failed. */
export function runOf({ runId, at, key, partition = null, error }: Ended): LogEvent[] {
  const step = { runId, key, partition, reasons: [{ kind: 'missing' }] };
  const status = error ? 'failed' : 'materialized';
  return [
    {
      ...{ type: 'run-started', runId, at, command: ['nx'], requested: [key] },
      pid: process.pid,
      host: 'here',
    },
    { ...step, type: 'step-started', at: at + 1, attempt: 1 },
    {
      ...{ ...step, type: 'step-finished', at: at + 2, startedAt: at + 1, status, changed: !error },
      ...{ rowCount: null, bytes: null, dataVersion: null, error: error ?? null },
    },
    { type: 'run-finished', runId, at: at + 3, status: error ? 'failed' : 'succeeded' },
  ];
}
