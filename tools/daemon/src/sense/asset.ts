import type { HistoryReader, Materialization } from '@nx-assets/event-log';
import { FIRST, type Sense, UNCHANGED } from './scope.ts';

interface Cursor {
  /** The last materialization that was seen, by its id in the history. */
  readonly id: number;
  readonly dataVersion: string;
  /** Which partition it was of. */
  readonly partition?: string | null;
}

/** More materializations than these since the last look are not compared: so many will have changed something. */
const COMPARED = 1_000;

/** Whether an asset was materialized. Several times since the last look are one. */
export const senseAsset: Sense<'asset'> = async ({ asset, each }, cursor, { history }) => {
  const last = (await history?.lastMaterializations([asset]))?.get(asset);
  const now = last ? { id: last.id, dataVersion: last.dataVersion, partition: last.partition } : null;
  const was = (cursor ?? null) as Cursor | null;
  if (cursor === undefined) return { cursor: now, because: FIRST };
  if (!history || now === null || now.id === was?.id)
    return { because: `${UNCHANGED}: ${asset} was not materialized` };
  const isSame = was !== null && !(await hasChanged(history, asset, was));
  if (isSame && each === 'change')
    return { cursor: now, because: `${UNCHANGED}: ${asset} was materialized, to the same data` };
  const because = `${asset} was materialized${isSame ? ', to the same data' : ''}`;
  return { cursor: now, requests: [{ because }] };
};

/** Whether the data of any partition is other than at the last look. The newest of them all may be one that is not. */
async function hasChanged(
  history: HistoryReader,
  asset: Materialization['key'],
  was: Cursor,
): Promise<boolean> {
  const page = await history.materializations(asset, { limit: COMPARED + 1 });
  const fresh = page.filter(({ id }) => id > was.id);
  if (fresh.length > COMPARED) return true;
  for (const [partition, own] of Map.groupBy(fresh, (one) => one.partition)) {
    const [newest] = own;
    const older = await history.materializations(asset, { partition, limit: own.length + 1 });
    // What is no longer in the history is still in the cursor, where it was the last.
    const known = partition === (was.partition ?? null) ? was.dataVersion : undefined;
    const before = older[own.length]?.dataVersion ?? known;
    if (newest?.dataVersion !== before) return true;
  }
  return false;
}
