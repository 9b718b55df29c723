import { AssetError, type AssetManifest } from '@nx-assets/core';
import { describeReasons } from '@nx-assets/engine';
import { countStates, type PartitionState, stateOf } from '@nx-assets/workspace/partition-status';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { PartitionsView, PartitionView } from '../wire/index.ts';
import { failedPartitions } from '@nx-assets/workspace/asset-status';

const LETTERS: Readonly<Record<PartitionState | 'running', string>> = {
  fresh: 'f',
  stale: 's',
  missing: 'm',
  failed: 'x',
  running: 'r',
};

export interface PartitionsRequest {
  /** `null`: the last ones. */
  readonly offset: number | null;
  readonly limit: number;
  readonly state: string | null;
}

/** How all partitions of an asset stand, and some of them with details. */
export async function partitionsView(
  workspace: Workspace,
  { key, partitions }: AssetManifest,
  running: ReadonlySet<string>,
  { offset, limit, state }: PartitionsRequest,
): Promise<PartitionsView> {
  if (!partitions) throw new AssetError('PARTITION_UNKNOWN', `${key} has no partitions.`);
  const planned = await workspace.plan([key], { force: false, refresh: false });
  const steps = planned.filter((step) => step.key === key);
  const failed = await failedPartitions(workspace, [key]);
  const states = steps.map((step): PartitionState | 'running' =>
    running.has(step.partition ?? '') ? 'running' : stateOf(step, failed),
  );
  const fits = steps.flatMap((step, index) =>
    state === null || states[index] === state ? [{ step, state: states[index] ?? 'missing' }] : [],
  );
  const from = offset ?? Math.max(0, fits.length - limit);
  const world = await workspace.world();
  const page = fits.slice(from, from + limit).map(({ step, state: now }): PartitionView => {
    const reading = world.reading(key, step.partition);
    const record = reading.status === 'found' ? reading.record : null;
    return {
      key: step.partition ?? '',
      state: now,
      why: now === 'fresh' ? '' : describeReasons(step.reasons),
      rowCount: record?.value.rowCount ?? null,
      bytes: record?.value.bytes ?? null,
      madeAt: record ? Date.parse(record.finishedAt) : null,
    };
  });
  const [first, last] = [steps[0]?.partition, steps.at(-1)?.partition];
  return {
    counts: countStates(steps, failed),
    dimensions: partitions.kind === 'product' ? partitions.dimensions.map(({ name }) => name) : [''],
    states: states.map((one) => LETTERS[one]).join(''),
    page,
    offset: from,
    ends: first != null && last != null ? [first, last] : null,
  };
}
