import { AssetError, type AssetKey, type Column } from '@nx-assets/core';
import { type AssetRecord, readRecord, readRecordAt } from '@nx-assets/storage/records';
import { Workspace } from './workspace.ts';
import type { HistoryReader } from '@nx-assets/event-log';
import { existsSync, readFileSync } from 'node:fs';
import { findRun } from './history.ts';

/** In what one asset differs between two states. `null` where a side has no such asset or no rows. */
export interface AssetDiff {
  readonly key: AssetKey;
  readonly status: 'added' | 'removed' | 'changed';
  readonly rowCount: readonly [number | null, number | null];
  readonly columns: { readonly added: string[]; readonly removed: string[]; readonly changed: string[] };
  /** Columns of which nulls, smallest or largest value differ. */
  readonly statistics: readonly { readonly column: string; readonly was: string; readonly now: string }[];
  /** Rows that only one side has, where both values can still be read. */
  readonly rows: { readonly added: number; readonly removed: number } | null;
}

type State = ReadonlyMap<AssetKey, AssetRecord>;

const RECORD = /^record:(\d+)$/;

/** The record in a file of the workspace's user; `null` where `path` is none, and may be the name of a run. */
export function recordIn(path: string): State | null {
  if (!path.endsWith('.json') || !existsSync(path)) return null;
  const { key, partition } = namedIn(path);
  const reading = readRecordAt(path, key, partition);
  if (reading.status === 'found') return new Map([[key, reading.record]]);
  const problem = reading.status === 'unreadable' ? ` (${reading.problem})` : '';
  throw new AssetError('COMMAND_INVALID', `${path} is no record of an asset${problem}.`);
}

/** Of which asset a file says that it is the record. */
function namedIn(path: string): Pick<AssetRecord, 'key' | 'partition'> {
  try {
    const { key, partition = null } = JSON.parse(readFileSync(path, 'utf8')) as Partial<AssetRecord>;
    if (typeof key === 'string') return { key, partition };
  } catch {
    // A folder, or no JSON: no record in any case.
  }
  throw new AssetError('COMMAND_INVALID', `${path} is no record of an asset.`);
}

/** The records in force when a run had ended; or one record, `record:12` of the history. */
export async function stateOf(
  text: string,
  workspace: Workspace,
  history: HistoryReader | null,
): Promise<State> {
  const id = RECORD.exec(text)?.[1];
  if (id !== undefined) {
    const made = await history?.materialization(Number(id));
    if (!made) throw new AssetError('COMMAND_INVALID', `The history has no record ${id}.`);
    return new Map([[made.key, made.record as unknown as AssetRecord]]);
  }
  const run = await findRun(history, text);
  const end = run.finishedAt ?? Number.MAX_SAFE_INTEGER;
  const keys = workspace.assets.map(({ key }) => key);
  const versions = await history?.dataVersionsAt(keys, end);
  const state = new Map<AssetKey, AssetRecord>();
  for (const key of keys) {
    const found = await recordAt(key, end, versions?.get(key), workspace, history);
    if (found) state.set(key, found);
  }
  return state;
}

/**
 * The record of the data that an asset had at a time. A step that restored older data is newer than what made that, and
 * what another machine made is only in the record on disk.
 */
async function recordAt(
  key: AssetKey,
  at: number,
  dataVersion: string | undefined,
  { root }: Workspace,
  history: HistoryReader | null,
): Promise<AssetRecord | undefined> {
  const which = dataVersion === undefined ? {} : { dataVersion };
  const made = (await history?.materializations(key, { limit: 1_000, partition: null, ...which })) ?? [];
  const before = made.find((one) => one.at <= at);
  const found = before ?? (dataVersion === undefined ? undefined : made.at(-1));
  if (found || dataVersion === undefined) return found?.record as AssetRecord | undefined;
  const reading = readRecord(root, key);
  return reading.status === 'found' && reading.record.dataVersion === dataVersion
    ? reading.record
    : undefined;
}

/** In what one asset differs between two records. */
export async function compare(
  key: AssetKey,
  was: AssetRecord | undefined,
  now: AssetRecord | undefined,
  workspace: Workspace,
): Promise<AssetDiff> {
  const isTable = was?.value.type === 'table' && now?.value.type === 'table';
  return {
    key,
    status: !was ? 'added' : !now ? 'removed' : 'changed',
    rowCount: [was?.value.rowCount ?? null, now?.value.rowCount ?? null],
    columns: compareColumns(was?.value.columns ?? [], now?.value.columns ?? []),
    statistics: was && now ? compareStatistics(was, now) : [],
    rows: isTable ? await compareRows(was, now, workspace) : null,
  };
}

function compareColumns(was: readonly Column[], now: readonly Column[]): AssetDiff['columns'] {
  const [before, after] = [was, now].map(
    (columns) => new Map(columns.map((one) => [one.name, JSON.stringify(one)])),
  );
  const names = (map: ReadonlyMap<string, string> | undefined) => [...(map?.keys() ?? [])];
  return {
    added: names(after).filter((name) => !before?.has(name)),
    removed: names(before).filter((name) => !after?.has(name)),
    changed: names(after).filter((name) => before?.has(name) && before.get(name) !== after?.get(name)),
  };
}

function compareStatistics(was: AssetRecord, now: AssetRecord): AssetDiff['statistics'] {
  return Object.entries(now.statistics ?? {}).flatMap(([column, after]) => {
    const before = was.statistics?.[column];
    if (!before || JSON.stringify(before) === JSON.stringify(after)) return [];
    const words = ({ nulls, min, max }: typeof after) =>
      `${min ?? '–'} to ${max ?? '–'}, ${nulls ?? '?'} null`;
    return [{ column, was: words(before), now: words(after) }];
  });
}

/** Counts rows that only one side has. Old values are in Nx's cache for as long as it keeps them. */
async function compareRows(
  was: AssetRecord,
  now: AssetRecord,
  workspace: Workspace,
): Promise<AssetDiff['rows']> {
  const [before, after] = [await workspace.valueOf(was), await workspace.valueOf(now)];
  if (before === null || after === null) return null;
  const { countDifference } = await import('./query-tables.ts');
  return countDifference(before, after);
}
