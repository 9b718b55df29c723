import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import type { PlannedStep } from '@nx-assets/engine';
import { absolute, backfillPath } from '@nx-assets/storage/records';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  askedAssets,
  askedPartitions,
  type Backfill,
  hasPartitionFlags,
  partitionArgument,
  type PartitionFacts,
  type PartitionFlags,
  readBackfill,
  readFlags,
  typedFlag,
} from './partition-request.ts';
import { factsOf, leftOf, wantedIn } from './run-plan.ts';
import {
  DAYS,
  make,
  makeLab,
  NOW,
  NUMBERS,
  openLab,
  OTHER_TOTAL,
  remember,
  REPORT,
  runOf,
  SIZED,
  TOTAL,
} from './test-support.ts';
import type { Workspace } from './workspace.ts';

const lab = makeLab();
const { root } = lab;
let workspace: Workspace;
beforeAll(async () => {
  workspace = await openLab(root);
});

const ALL = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'];

describe('flags for partitions', () => {
  test.each<[PartitionFlags, boolean]>([
    [{}, false],
    [{ missing: false, stale: false, failed: false }, false],
    [{ failed: true }, true],
    [{ partition: '' }, true],
    [{ backfill: 'b' }, true],
  ])('%j are some: %s', (flags, expected) => {
    expect(hasPartitionFlags(flags)).toBe(expected);
  });

  test.each([
    [[], undefined],
    [['--partition=007'], '007'],
    [['--partition', '007'], '007'],
    [['--partition='], ''],
    [['--partition=a', '--force', '--partition', 'b'], 'a,b'],
    [['--partitions=a', '--xpartition=b', 'partition=c'], undefined],
    [['--partition'], undefined],
  ])('%j were typed as %j', (argv, expected) => {
    expect(typedFlag(argv, 'partition')).toBe(expected);
  });
});

describe('partitions that are asked for', () => {
  const step = (day: string, action: PlannedStep['action'], kind: 'missing' | 'unchanged' | 'forced') =>
    ({ key: DAYS, partition: day, action, reasons: [{ kind }] }) as PlannedStep;
  const facts: PartitionFacts = {
    plan: () =>
      Promise.resolve([
        step('2026-03-01', 'keep', 'unchanged'),
        step('2026-03-02', 'run', 'missing'),
        step('2026-03-03', 'run', 'forced'),
        step('2026-03-04', 'restore', 'missing'),
      ]),
    failed: () => Promise.resolve(new Set([`${DAYS} 2026-03-01`, `${TOTAL} 2026-03-02`])),
  };
  const asked = async (flags: PartitionFlags, keys: readonly AssetKey[] = [DAYS]) =>
    Object.fromEntries(await askedPartitions(keys, flags, await workspace.partitioning(), facts));

  test('are all without a flag', async () => {
    expect(await asked({}, [DAYS, TOTAL])).toEqual({ [DAYS]: 'all', [TOTAL]: 'all' });
  });

  test.each<[PartitionFlags, readonly string[]]>([
    [{ partition: '2026-03-02' }, ['2026-03-02']],
    [{ partition: '2026-03-03...2026-03-04,2026-03-01' }, ['2026-03-01', '2026-03-03', '2026-03-04']],
    [{ partition: 'latest' }, ['2026-03-04']],
    [{ missing: true }, ['2026-03-02', '2026-03-04']],
    [{ stale: true }, ['2026-03-03']],
    [{ failed: true }, ['2026-03-01']],
    // Each adds to what is asked for; a partition narrows all of them.
    [{ missing: true, stale: true, failed: true }, ALL],
    [{ missing: true, failed: true, partition: '2026-03-01...2026-03-02' }, ['2026-03-01', '2026-03-02']],
    [{ stale: true, partition: '2026-03-01' }, []],
  ])('by %j are %j', async (flags, expected) => {
    const found = (await asked(flags))[DAYS];
    expect([...(found ?? [])].sort()).toEqual(expected);
  });

  test('leave assets without any whole', async () => {
    expect(await asked({ partition: 'latest' }, [TOTAL, DAYS])).toEqual({
      [TOTAL]: 'all',
      [DAYS]: ['2026-03-04'],
    });
  });

  test('are refused where there are none, or none of that name', async () => {
    await expect(asked({ missing: true }, [TOTAL])).rejects.toMatchObject({
      code: 'PARTITION_UNKNOWN',
      facts: `${TOTAL} has no partitions.`,
    });
    await expect(asked({ missing: true }, [TOTAL, SIZED])).rejects.toMatchObject({
      facts: 'These 2 assets have no partitions.',
    });
    for (const partition of ['2026-02-28', '2026-03-03...2026-03-01', ''])
      await expect(asked({ partition })).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' });
  });
});

test('what a run was started for is what nobody else in it waits for, and what was named', () => {
  const run = new Set([NUMBERS, TOTAL, OTHER_TOTAL, REPORT]);
  expect(askedAssets(workspace.graph, run, new Set())).toEqual([REPORT]);
  expect(askedAssets(workspace.graph, run, new Set([TOTAL, SIZED]))).toEqual([TOTAL, REPORT]);
  expect(askedAssets(workspace.graph, new Set([NUMBERS, TOTAL]), new Set())).toEqual([TOTAL]);
  expect(askedAssets(workspace.graph, new Set(), new Set([TOTAL]))).toEqual([]);
});

describe('a backfill', () => {
  const backfill: Backfill = {
    ...{ id: 'b-1', key: DAYS, partitions: [...ALL, '2026-09-09'], force: false },
    createdAt: '2026-03-05T10:00:00.000Z',
  };
  const write = (id: string, content: string) => {
    const file = absolute(root, backfillPath(id));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };

  test('is read by its id', () => {
    write('b-1', JSON.stringify(backfill));
    expect(readBackfill(root, 'b-1')).toEqual(backfill);
  });

  test('is none where its file is torn or gone, or its id leads elsewhere', () => {
    write('torn', '{"id":');
    lab.write({ '.nx/nx-assets/manifest2.json': '{}' });
    for (const id of ['nope', 'torn', '', '../manifest2', 'b-1.json'])
      expect(() => readBackfill(root, id)).toThrow(`There is no backfill ${id}.`);
  });

  test('has left what is still a partition; forced, what was not made since it began', async () => {
    const partitioning = await workspace.partitioning();
    const query = 'SELECT 1::BIGINT AS n';
    await make({ root }, DAYS, query, { partition: '2026-03-01', at: '2026-03-05T09:59:59.999Z' });
    await make({ root }, DAYS, query, { partition: '2026-03-02', at: '2026-03-05T10:00:00.000Z' });
    expect(leftOf(root, backfill, partitioning)).toEqual(ALL);
    expect(leftOf(root, { ...backfill, force: true }, partitioning)).toEqual([
      '2026-03-01',
      '2026-03-03',
      '2026-03-04',
    ]);
    expect(leftOf(root, { ...backfill, key: TOTAL }, partitioning)).toEqual([]);
  });
});

describe('a run', () => {
  test('has the facts of its own workspace', async () => {
    await make({ root }, DAYS, 'SELECT 1::BIGINT AS n', { partition: '2026-03-01' });
    const error = { code: 'ASSET_THREW', message: 'no' };
    const failed = (at: number, partition: string) =>
      runOf({ runId: `r${at}`, at, key: DAYS, partition, error });
    await remember(root, [
      ...failed(1000, '2026-03-01'),
      ...failed(2000, '2026-03-03'),
      ...runOf({ runId: 'r3', at: 3000, key: DAYS, partition: '2026-03-01' }),
    ]);
    const facts = factsOf(workspace.context, workspace.graph, [DAYS], await workspace.partitioning());
    expect([...(await facts.failed())]).toEqual([`${DAYS} 2026-03-03`]);
    const runs = (await facts.plan()).filter(({ action }) => action === 'run');
    expect(runs.map(({ partition }) => partition)).toEqual(['2026-03-03', '2026-03-04']);
  });

  test('wants what its plan says, as of when it began', async () => {
    const context = { root, now: () => NOW };
    const manifests = workspace.graph.nodes;
    const began = Date.UTC(2026, 2, 3);
    const plan = (wanted: Record<string, readonly string[] | 'all'>) => ({ now: began, wanted, forced: [] });
    const { wanted } = await wantedIn(context, plan({ [DAYS]: 'all', [TOTAL]: 'all' }), manifests);
    // Two days had ended then, though four have now.
    expect(Object.fromEntries(wanted)).toEqual({ [DAYS]: ALL.slice(0, 2), [TOTAL]: [null] });
    const some = await wantedIn(context, plan({ [DAYS]: ['2026-03-02'] }), manifests);
    expect(some.wanted.get(DAYS)).toEqual(['2026-03-02']);
    const none = await wantedIn(context, null, manifests);
    expect([none.wanted.size, none.partitioning.now]).toEqual([0, NOW.getTime()]);
  });
});

describe('partitions as an argument', () => {
  test('are their names, or a file of them where these are too long for one', () => {
    const path = '.nx/nx-assets/automation/r.partitions';
    expect(partitionArgument(root, path, '2026-03-01,latest')).toBe('2026-03-01,latest');
    // Linux takes 128 KB.
    const many = Array.from({ length: 16_000 }, (_, at) => `2025-01-01T${at}`).join(',');
    const argument = partitionArgument(root, path, many);
    expect(argument).toBe(`@${path}`);
    expect(readFlags(root, { partition: argument, missing: true })).toEqual({
      partition: many,
      missing: true,
    });
  });

  test('are what they say where there is no such file', () => {
    expect(readFlags(root, { partition: '@acme' })).toEqual({ partition: '@acme' });
    expect(readFlags(root, { stale: true })).toEqual({ stale: true });
  });
});
