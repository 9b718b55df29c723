import { AssetError, type AssetKey } from '@nx-assets/core';
import type { HistoryReader } from '@nx-assets/event-log';
import type { AssetRecord } from '@nx-assets/storage/records';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { AssetDiff, CompareView, RowsDiff } from '../wire/index.ts';
import { compare, stateOf } from '@nx-assets/workspace/compare';
import { typeOf } from '@nx-assets/workspace/column-type';

/** In what the data of two runs differs, as `nx-assets diff` says it. */
export async function compareView(
  workspace: Workspace,
  history: HistoryReader,
  from: string,
  to: string,
): Promise<CompareView> {
  const [before, after] = [await stateOf(from, workspace, history), await stateOf(to, workspace, history)];
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const differing = keys.filter((key) => before.get(key)?.dataVersion !== after.get(key)?.dataVersion);
  const assets: AssetDiff[] = [];
  for (const key of differing) {
    const [was, now] = [before.get(key), after.get(key)];
    const diff = await compare(key, was, now, workspace);
    const matched = was && now ? await rowsOf(workspace, was, now, 0) : null;
    const typesOf = (record: AssetRecord | undefined) =>
      new Map((record?.value.columns ?? []).map((column) => [column.name, typeOf(column)]));
    const [typesBefore, typesAfter] = [typesOf(was), typesOf(now)];
    assets.push({
      key,
      status: diff.status,
      rowCount: diff.rowCount,
      columns: {
        added: diff.columns.added,
        removed: diff.columns.removed,
        changed: diff.columns.changed.map((name) => ({
          name,
          was: typesBefore.get(name) ?? '',
          now: typesAfter.get(name) ?? '',
        })),
      },
      statistics: diff.statistics,
      rows: matched?.counts ?? (diff.rows && { ...diff.rows, changed: 0 }),
      cause: causeOf(was, now),
    });
  }
  // A state of runs has no partitions in it; one record may be of one.
  const cut = RUNS.test(from) ? workspace.assets.filter(({ partitions }) => partitions).length : 0;
  return { from, to, assets, unchanged: keys.length - differing.length, notCompared: cut };
}

/** What is different about how it was made. */
function causeOf(was: AssetRecord | undefined, now: AssetRecord | undefined): string {
  if (!was) return 'new';
  if (!now) return 'gone';
  const isNewCode = was.code.version !== now.code.version;
  const isNewInput = Object.entries(now.inputs).some(
    ([alias, { dataVersion }]) => was.inputs[alias]?.dataVersion !== dataVersion,
  );
  const parts = [isNewCode ? 'code' : '', isNewInput ? 'upstream' : ''].filter(Boolean);
  return parts.length > 0 ? parts.join(' and ') : 'outside';
}

/** Rows that differ between two runs. Throws `COMMAND_INVALID` for an asset that neither has. */
export async function rowsDiff(
  workspace: Workspace,
  history: HistoryReader,
  request: { readonly from: string; readonly to: string; readonly asset: string; readonly limit: number },
): Promise<RowsDiff> {
  const { from, to, asset, limit } = request;
  const key = asset as AssetKey;
  const was = (await stateOf(from, workspace, history)).get(key);
  const now = (await stateOf(to, workspace, history)).get(key);
  const empty = { asset, by: [], columns: [], rows: [], total: 0 };
  if (!was && !now) throw new AssetError('COMMAND_INVALID', `Neither of the two knows an asset ${asset}.`);
  if (!was || !now) return { ...empty, because: was ? 'It was removed.' : 'It is new.' };
  const found = await rowsOf(workspace, was, now, limit);
  if (!found) {
    const because =
      was.value.type === 'table' && now.value.type === 'table'
        ? 'One of the two values is missing: Nx no longer has it in its cache.'
        : 'Only tables are compared row by row.';
    return { ...empty, because };
  }
  const { counts, ...rest } = found;
  return { asset, ...rest, total: counts.added + counts.removed + counts.changed, because: null };
}

/** Matches rows by the first likely key that is one on both sides; without any, whole rows are compared. */
async function rowsOf(workspace: Workspace, was: AssetRecord, now: AssetRecord, limit: number) {
  if (was.value.type !== 'table' || now.value.type !== 'table') return null;
  const [before, after] = [await workspace.valueOf(was), await workspace.valueOf(now)];
  if (before === null || after === null) return null;
  const names = ({ value }: AssetRecord) => (value.columns ?? []).map(({ name }) => name);
  const shared = names(now).filter((name) => names(was).includes(name));
  const keys = keysOf(workspace, now.key).filter((name) => shared.includes(name));
  const { compareRows } = await import('@nx-assets/workspace/query-tables');
  return compareRows({ before, after, keys, columns: shared, limit });
}

/** A run, and not a record. */
const RUNS = /^(?!record:)/;
const UNIQUE = /^unique_(.+)$/;

/** What a check calls unique, then what people call a key. */
function keysOf({ graph }: Workspace, key: AssetKey): readonly string[] {
  const manifest = graph.nodes.get(key);
  const columns = manifest?.output.type === 'table' ? manifest.output.columns.map(({ name }) => name) : [];
  const checked = (manifest?.checks ?? []).flatMap(({ name }) => UNIQUE.exec(name)?.[1] ?? []);
  const called = columns.filter((name) => /^(.*_)?(id|key)$/.test(name));
  const named = columns.filter((name) => name === 'id');
  return [...new Set([...checked, ...named, ...called])].filter((name) => columns.includes(name));
}
