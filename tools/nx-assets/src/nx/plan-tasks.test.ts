import type { Task, TaskGraph } from '@nx/devkit';
import { type AssetKey, assetKey, AssetError } from '@nx-assets/core';
import { backfillPath, changeDynamicKeys } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { AS_OF } from '@nx-assets/runner/run-id';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, contextIn, NOW, SHOP, taskGraphOf } from '../test-support.ts';
import { planTasks } from './plan-tasks.ts';

const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
let manifests: ReturnType<typeof lastManifest>;
beforeAll(async () => {
  await command(root, 'ls');
  manifests = lastManifest(root);
}, 60_000);
afterAll(() => workspace.dispose());

const plan = (
  graph: Pick<TaskGraph, 'tasks' | 'dependencies'>,
  argv: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
) => planTasks(contextIn(root, argv, env), graph, manifests, argv);

/** What it is refused with. */
async function problem(...given: Parameters<typeof plan>): Promise<string> {
  try {
    return JSON.stringify(await plan(...given));
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    return `${error.code}: ${error.facts} ${error.remedy}`;
  }
}

const days = assetKey('shop', 'days');

describe('a run', () => {
  test('of no asset wants nothing, whatever its flags are called', async () => {
    const task = {
      id: 'web:build',
      target: { project: 'web', target: 'build' },
      overrides: { partition: 'x' },
    };
    const graph = { tasks: { 'web:build': task as unknown as Task }, dependencies: {} };
    expect(await plan(graph)).toEqual({ now: NOW.getTime(), wanted: {}, forced: [] });
  });

  test('of no task at all wants nothing', async () => {
    expect(await plan({ tasks: {}, dependencies: {} })).toEqual({
      now: NOW.getTime(),
      wanted: {},
      forced: [],
    });
  });

  test('of assets without partitions wants nothing of them', async () => {
    expect((await plan(taskGraphOf(['raw', 'upper']))).wanted).toEqual({});
  });

  test('without flags wants all partitions', async () => {
    expect((await plan(taskGraphOf(['raw', 'days']))).wanted).toEqual({ [days]: 'all' });
  });

  test('of some writes down which', async () => {
    const graph = taskGraphOf(['days'], { partition: '2026-03-01,2026-03-03' });
    expect((await plan(graph)).wanted).toEqual({ [days]: ['2026-03-01', '2026-03-03'] });
  });

  test('that names every partition wants all', async () => {
    expect((await plan(taskGraphOf(['days'], { partition: '2026-03-01...2026-03-03' }))).wanted).toEqual({
      [days]: 'all',
    });
  });

  test('takes a key as it was typed, where Nx made a number of it', async () => {
    changeDynamicKeys(root, 'customers', { add: ['007', '7'], remove: [] });
    const graph = taskGraphOf(['orders'], { partition: 7 });
    const orders = assetKey('shop', 'orders');
    expect((await plan(graph, ['run', 'shop:orders', '--partition=007'])).wanted).toEqual({
      [orders]: ['007'],
    });
    expect((await plan(graph, ['run', 'shop:orders', '--partition', '007'])).wanted).toEqual({
      [orders]: ['007'],
    });
    expect((await plan(graph)).wanted).toEqual({ [orders]: ['7'] });
  });

  test('is as of the time that automation says, and of now where that is none', async () => {
    const early = Date.parse('2026-03-02T12:00:00Z');
    const graph = taskGraphOf(['days'], { partition: 'latest' });
    expect(await plan(graph, [], { [AS_OF]: String(early) })).toMatchObject({
      now: early,
      wanted: { [days]: 'all' },
    });
    expect(await plan(graph, [], { [AS_OF]: 'soon' })).toMatchObject({
      now: NOW.getTime(),
      wanted: { [days]: ['2026-03-03'] },
    });
  });

  test('of what is missing wants what is not there', async () => {
    expect((await plan(taskGraphOf(['days'], { missing: true }))).wanted).toEqual({ [days]: 'all' });
    expect((await plan(taskGraphOf(['days'], { stale: true }))).wanted).toEqual({ [days]: [] });
    expect((await plan(taskGraphOf(['days'], { failed: true }))).wanted).toEqual({ [days]: [] });
    expect((await plan(taskGraphOf(['days'], { missing: 'false' }))).wanted).toEqual({ [days]: 'all' });
  });
});

describe('a command line that would run more than was meant', () => {
  test.each([
    ['partitions', '--partition'],
    ['refesh', '--refresh'],
    ['mising', '--missing'],
    ['backfil', '--backfill'],
  ])('is refused: --%s', async (name, meant) => {
    expect(await problem(taskGraphOf(['days'], { [name]: true }))).toBe(
      `COMMAND_INVALID: There is no flag --${name}. Do you mean ${meant}? Nothing was run.`,
    );
  });

  test('may have flags of other targets', async () => {
    expect((await plan(taskGraphOf(['days'], { production: true, configuration: 'ci' }))).wanted).toEqual({
      [days]: 'all',
    });
  });

  test('is refused where it names a partition that there is not', async () => {
    expect(await problem(taskGraphOf(['days'], { partition: '2025-12-31' }))).toMatch(
      /^PARTITION_UNKNOWN: .*2025-12-31/,
    );
  });

  test('is refused where no asset has partitions, and says how many', async () => {
    expect(await problem(taskGraphOf(['raw'], { partition: 'x' }))).toMatch(
      /^PARTITION_UNKNOWN: shop\/raw has no partitions\./,
    );
    expect(await problem(taskGraphOf(['raw', 'upper'], { missing: true }))).toMatch(
      /^PARTITION_UNKNOWN: These 2 assets have no partitions\./,
    );
  });
});

describe('a backfill', () => {
  const keep = (id: string, backfill: object) =>
    workspace.write({
      [backfillPath(id)]: JSON.stringify({ id, key: days, createdAt: NOW.toISOString(), ...backfill }),
    });

  test('wants what its file says, of the partitions that there still are', async () => {
    keep('some', { partitions: ['2026-03-01', '2024-01-01'], force: false });
    expect(await plan(taskGraphOf(['days'], { backfill: 'some' }))).toEqual({
      now: NOW.getTime(),
      wanted: { [days]: ['2026-03-01'] },
      forced: [],
    });
  });

  test('that is forced makes its asset again, and says so', async () => {
    keep('forced', { partitions: ['2026-03-02'], force: true });
    expect((await plan(taskGraphOf(['days'], { backfill: 'forced' }))).forced).toEqual<AssetKey[]>([days]);
  });

  test('is refused where there is no such file', async () => {
    expect(await problem(taskGraphOf(['days'], { backfill: 'none' }))).toMatch(
      /^PARTITION_UNKNOWN: There is no backfill none\./,
    );
    expect(await problem(taskGraphOf(['raw'], { backfill: 'some' }))).toMatch(
      /^PARTITION_UNKNOWN: shop\/raw has no partitions/,
    );
  });
});
