import { AssetError, type AssetManifest } from '@nx-assets/core';
import { choosePartitions } from '@nx-assets/core/partitions';
import { describeReasons, localLocks, type PlannedStep } from '@nx-assets/engine';
import { type AssetRecord, changeDynamicKeys, readDynamicKeys } from '@nx-assets/storage/records';
import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import {
  countStates,
  describeCounts,
  type PartitionState,
  stateOf,
} from '@nx-assets/workspace/partition-status';
import type { PartitionsFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { EXIT } from './exit.ts';
import { failedPartitions } from '@nx-assets/workspace/asset-status';
import { count, plural, table, type TableColumn } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

const SIGNS: Readonly<Record<PartitionState, string>> = {
  fresh: pc.green('✔'),
  stale: pc.yellow('◐'),
  failed: pc.red('✖'),
  missing: pc.dim('◌'),
};

const STATES: readonly PartitionState[] = ['failed', 'missing', 'stale', 'fresh'];

/** Lists the partitions of an asset and how they stand; or adds and removes keys of a dynamic set. */
export async function partitionsCommand(
  context: ProcessContext,
  word: string,
  flags: PartitionsFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const manifest = chooseOne(workspace, word);
  if (!manifest.partitions) {
    throw new AssetError('PARTITION_UNKNOWN', `${manifest.key} has no partitions.`, {
      remedy: 'It has a single value.',
    });
  }
  if (flags.status !== undefined && !STATES.includes(flags.status as PartitionState)) {
    throw new AssetError('COMMAND_INVALID', `Unknown status "${flags.status}".`, {
      remedy: `It is one of ${STATES.join(', ')}.`,
    });
  }
  if (flags.add || flags.remove) return change(workspace, manifest, flags);
  const partitioning = await workspace.partitioning();
  const set = partitioning.set(manifest.key);
  if (!set) return EXIT.failed;
  const steps = (await workspace.plan([manifest.key], { force: false, refresh: false })).filter(
    ({ key }) => key === manifest.key,
  );
  const failed = await failedPartitions(workspace, [manifest.key]);
  const chosen =
    flags.partition === undefined ? null : new Set(choosePartitions(set, flags.partition, manifest.key));
  const fits = steps.filter(
    (step) =>
      (chosen?.has(step.partition ?? '') ?? true) &&
      (flags.status === undefined || stateOf(step, failed) === flags.status),
  );
  // The newest are what one looks for; pages go back from there.
  const end = fits.length - (flags.page - 1) * flags.limit;
  const page = fits.slice(Math.max(0, end - flags.limit), Math.max(0, end));
  if (page.length === 0 && flags.page > 1) {
    const pages = Math.max(1, Math.ceil(fits.length / flags.limit));
    throw new AssetError('COMMAND_INVALID', `There is no page ${flags.page}.`, {
      remedy: pages === 1 ? 'There is one page.' : `The oldest are on page ${pages}.`,
    });
  }
  const world = await workspace.world();
  const rows = page.map((step) => {
    const reading = world.reading(manifest.key, step.partition);
    const record = reading.status === 'found' ? reading.record : null;
    return { step, state: stateOf(step, failed), record };
  });
  const counts = countStates(steps, failed);
  if (flags.json) {
    printJson(context, {
      asset: manifest.key,
      counts,
      found: fits.length,
      page: flags.page,
      partitions: rows.map(({ step, state, record }) => ({
        partition: step.partition,
        status: state,
        reasons: step.reasons,
        rowCount: record?.value.rowCount ?? null,
        bytes: record?.value.bytes ?? null,
        materializedAt: record?.finishedAt ?? null,
      })),
    });
    return EXIT.ok;
  }
  const rest = fits.length - rows.length;
  print(
    context,
    [
      ...(rows.length > 0 ? [...table(columnsOf(context.now()), rows), ''] : []),
      ...(rest > 0
        ? [pc.dim(`${count(rest)} more: --page ${flags.page + 1}, or --limit ${fits.length}`)]
        : []),
      `${manifest.key}: ${describeCounts(counts)}`,
    ].join('\n'),
  );
  return EXIT.ok;
}

interface PartitionLine {
  readonly step: PlannedStep;
  readonly state: PartitionState;
  readonly record: Pick<AssetRecord, 'value' | 'finishedAt'> | null;
}

const columnsOf = (now: Date): readonly TableColumn<PartitionLine>[] => [
  { title: '  partition', cell: ({ step, state }) => `${SIGNS[state]} ${step.partition}` },
  { title: 'status', cell: ({ state }) => state },
  { title: 'why', cell: ({ step, state }) => (state === 'fresh' ? '' : whyOf(step, state)) },
  { title: 'rows', align: 'right', cell: ({ record }) => count(record?.value.rowCount ?? null) },
  {
    title: 'materialized',
    align: 'right',
    cell: ({ record }) => (record ? ago(record.finishedAt, now) : ''),
  },
];

const whyOf = ({ reasons }: PlannedStep, state: PartitionState): string =>
  [state === 'failed' ? 'last step failed' : '', describeReasons(reasons)].filter(Boolean).join('; ');

async function change(
  { context }: Workspace,
  { key, partitions }: AssetManifest,
  { add = [], remove = [], json = false }: PartitionsFlags,
): Promise<number> {
  if (partitions?.kind !== 'dynamic') {
    const facts = `The partitions of ${key} are fixed in its definition.`;
    throw new AssetError('COMMAND_INVALID', facts, {
      remedy: 'Only dynamicPartitions() take keys from a command.',
    });
  }
  const { name } = partitions;
  const lock = await localLocks(context.root).take(`partitions ${name}`, 1, new AbortController().signal);
  try {
    const before = new Set(readDynamicKeys(context.root, name));
    const keys = changeDynamicKeys(context.root, name, { add, remove });
    const added = keys.filter((one) => !before.has(one)).length;
    const removed = before.size + added - keys.length;
    if (json) printJson(context, { asset: key, set: name, added, removed, keys });
    else print(context, `${name}: ${added} added, ${removed} removed, ${plural(keys.length, 'key')}`);
  } finally {
    lock.release();
  }
  return EXIT.ok;
}
