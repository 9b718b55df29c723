import { type AssetKey, type AssetManifest, type Column, groupOf, nameOf } from '@nx-assets/core';
import { describeFreshness, describeReason } from '@nx-assets/engine';
import type { Materialization } from '@nx-assets/event-log';
import { type AssetRecord, partitionPaths } from '@nx-assets/storage/records';
import { checksOf } from './checks-view.ts';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type {
  AssetDetail,
  AssetView,
  ColumnView,
  MaterializationView,
  RecordView,
  WhyLink,
} from '../wire/index.ts';
import { explain, type Link } from '@nx-assets/workspace/explain';
import { fromHistory } from '@nx-assets/workspace/history';
import { typeOf } from '@nx-assets/workspace/column-type';

/** One asset, with all that its page leads with. */
export async function assetDetail(workspace: Workspace, asset: AssetView): Promise<AssetDetail> {
  const manifest = workspace.graph.nodes.get(asset.key as AssetKey) as AssetManifest;
  const { key, output } = manifest;
  const reading = workspace.reading(key);
  const record = reading.status === 'found' ? reading.record : null;
  const before = await recordBefore(workspace, record);
  const downstream = workspace.assets
    .filter(({ deps }) => Object.values(deps).includes(key))
    .map((one) => one.key);
  return {
    asset,
    command: `npx nx run ${groupOf(key)}:${nameOf(key)}`,
    path: manifest.partitions ? partitionPaths(key, output, '<partition>').value : output.path,
    why: whyLink(await explain(workspace, key)),
    blocks: asset.status.failure ? blockedBy(workspace, key) : [],
    downstream,
    columns: output.type === 'table' ? columnsOf(output.columns, record, before) : null,
    metadata: manifest.metadata,
    freshness: manifest.freshness && describeFreshness(manifest.freshness),
    resources: Object.keys(manifest.config?.resources ?? {}),
    record: record && recordView(record, before),
    checks: await checksOf(workspace, [manifest]),
    preview: manifest.preview,
    siblings: (manifest.siblings ?? []).filter((other) => other !== key),
  };
}

const whyLink = ({ key, status, reasons, files, upstream }: Link): WhyLink => ({
  key,
  statuses: status as WhyLink['statuses'],
  reasons: reasons.map(describeReason),
  files: files.map(({ path, isUncommitted, commit }) => {
    const last = commit ? `${commit.hash} ${commit.subject} (${commit.author})` : '';
    return { path, change: [isUncommitted ? 'not committed' : '', last].filter(Boolean).join('; ') };
  }),
  upstream: upstream.map(whyLink),
});

/** Everything downstream: none of it can be brought up to date. */
function blockedBy({ assets }: Workspace, failed: AssetKey): AssetKey[] {
  const blocked = new Set([failed]);
  for (const { key, deps, blockingChecks } of assets) {
    if ([...Object.values(deps), ...blockingChecks].some((one) => blocked.has(one))) blocked.add(key);
  }
  blocked.delete(failed);
  return [...blocked];
}

/** The record of the last materialization with other columns or data, to compare with. */
async function recordBefore({ root }: Workspace, record: AssetRecord | null): Promise<AssetRecord | null> {
  if (!record) return null;
  const all = await fromHistory(
    root,
    (history) => history.materializations(record.key, { limit: 20, partition: record.partition }),
    [],
  );
  const older = all.map((one) => one.record as unknown as AssetRecord);
  return (
    older.find(({ runId, finishedAt }) => runId !== record.runId && finishedAt < record.finishedAt) ?? null
  );
}

function columnsOf(
  columns: readonly Column[],
  record: AssetRecord | null,
  before: AssetRecord | null,
): ColumnView[] {
  const was = new Map((before?.value.columns ?? []).map((column) => [column.name, typeOf(column)]));
  return columns.map((column) => {
    const type = typeOf(column);
    const old = was.get(column.name);
    const { nulls = null, min = null, max = null } = record?.statistics?.[column.name] ?? {};
    const changed =
      old === undefined ? ({ kind: 'added' } as const) : ({ kind: 'changed', was: old } as const);
    const change = was.size === 0 || old === type ? null : changed;
    return { name: column.name, type, nullable: column.nullable, change, nulls, min, max };
  });
}

function recordView(record: AssetRecord, before: AssetRecord | null): RecordView {
  const now = new Set((record.value.columns ?? []).map(({ name }) => name));
  return {
    runId: record.runId,
    dataVersion: record.dataVersion,
    codeVersion: record.code.version,
    startedAt: Date.parse(record.startedAt),
    finishedAt: Date.parse(record.finishedAt),
    rowCount: record.value.rowCount,
    bytes: record.value.bytes,
    inputs: inputsOf(record),
    metadata: record.metadata,
    removedColumns: (before?.value.columns ?? []).map(({ name }) => name).filter((name) => !now.has(name)),
  };
}

const inputsOf = (record: AssetRecord): RecordView['inputs'] =>
  Object.values(record.inputs).map(({ key, dataVersion }) => ({ key, dataVersion }));

/** A materialization as history knows it. */
export function materializationView(one: Materialization): MaterializationView {
  const record = one.record as unknown as AssetRecord;
  const numbers = Object.entries(record.metadata ?? {}).filter(([, value]) => typeof value === 'number');
  const took = Date.parse(record.finishedAt) - Date.parse(record.startedAt);
  return {
    id: one.id,
    runId: one.runId,
    partition: one.partition,
    at: one.at,
    took: Number.isFinite(took) ? Math.max(0, took) : null,
    rowCount: one.rowCount,
    bytes: one.bytes,
    dataVersion: one.dataVersion,
    codeVersion: one.codeVersion,
    inputs: inputsOf(record),
    numbers: Object.fromEntries(numbers) as Record<string, number>,
  };
}
