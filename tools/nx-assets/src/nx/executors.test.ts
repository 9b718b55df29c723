import type { ExecutorContext } from '@nx/devkit';
import { assetKey } from '@nx-assets/core';
import { observe } from '@nx-assets/engine';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { RUN_ID } from '@nx-assets/runner/run-id';
import { readRun } from '@nx-assets/runner/run-file';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { command, document, NOW, SHOP, taskGraphOf } from '../test-support.ts';
import materializeBatch from './batch.ts';
import checkGroup from './check-executor.ts';
import materialize from './executor.ts';

const workspace = new TestWorkspace(SHOP).edit('packages/shop/src/index.ts', (code) =>
  code
    .replace('import { asset, daily', 'import { asset, daily, rowCount')
    .replace("description: 'Louder.',", "description: 'Louder.', checks: [rowCount({ min: 2 })],"),
);
const { root } = workspace;
beforeAll(() => command(root, 'ls'), 60_000);
afterAll(() => workspace.dispose());

let told: string;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  told = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    told += String(text);
    return true;
  });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const contextOf = (targetName: string, projectName = 'shop'): ExecutorContext => ({
  root,
  cwd: root,
  isVerbose: false,
  projectName,
  targetName,
  projectsConfigurations: { version: 2, projects: {} },
  nxJsonConfiguration: {},
  projectGraph: { nodes: {}, dependencies: {} },
});

async function batch(names: readonly string[], options = {}) {
  const items = [];
  for await (const item of materializeBatch(taskGraphOf(names), options, {}, contextOf('materialize')))
    items.push(item);
  return Object.fromEntries(items.map(({ task, result }) => [task, result]));
}
const statusesOf = (items: Awaited<ReturnType<typeof batch>>) =>
  Object.fromEntries(Object.entries(items).map(([task, { status }]) => [task, status]));

describe('a batch', () => {
  test('reports a failure, and what could not begin because of it, so that Nx runs neither again', async () => {
    vi.stubEnv(RUN_ID, 'r1');
    const words = workspace.read('data.json');
    workspace.write({ 'data.json': '["torn' });
    const items = await batch(['raw', 'upper', 'total']);
    workspace.write({ 'data.json': words });
    expect(statusesOf(items)).toEqual({
      'shop:raw': 'failure',
      'shop:upper': 'skipped',
      'shop:total': 'skipped',
    });
    expect(items['shop:raw']).toMatchObject({
      success: false,
      startTime: NOW.getTime(),
      endTime: NOW.getTime(),
    });
    expect(items['shop:raw']?.terminalOutput).toMatch(/shop\/raw .*\n$/s);
    const { outcomes } = readRun(root, 'r1');
    expect(outcomes.get(assetKey('shop', 'raw'))?.status).toBe('failed');
    expect(outcomes.get(assetKey('shop', 'total'))?.status).toBe('blocked');
  });

  test('makes what there is to make, and reports each task once', async () => {
    vi.stubEnv(RUN_ID, 'r2');
    expect(statusesOf(await batch(['raw', 'upper']))).toEqual({
      'shop:raw': 'success',
      'shop:upper': 'success',
    });
    expect([...readRun(root, 'r2').outcomes.values()].map(({ status }) => status)).toEqual([
      'materialized',
      'materialized',
    ]);
    expect((await document(root, 'preview', 'upper')).rows).toHaveLength(3);
  });

  test('makes nothing again that is up to date, unless one task asks for a refresh', async () => {
    vi.stubEnv(RUN_ID, 'r3');
    vi.setSystemTime(NOW.getTime() + 60_000);
    await batch(['raw', 'upper']);
    const reused = [...readRun(root, 'r3').outcomes.values()].map(({ status }) => status);
    expect(reused).toEqual(['up-to-date', 'up-to-date']);
    vi.stubEnv(RUN_ID, 'r4');
    // As the hasher of the run has it asked for.
    const raw = lastManifest(root).get(assetKey('shop', 'raw'));
    if (raw) observe(root, raw, new Date(), true);
    await batch(['raw', 'upper'], { 'shop:upper': { refresh: true } });
    const { outcomes } = readRun(root, 'r4');
    expect(outcomes.get(assetKey('shop', 'raw'))).toMatchObject({ status: 'materialized', changed: false });
    expect(outcomes.get(assetKey('shop', 'upper'))?.status).toBe('up-to-date');
  });

  test('of no task ends at once', async () => {
    vi.stubEnv(RUN_ID, 'r5');
    expect(await batch([])).toEqual({});
  });

  test('fails where there are no definitions', async () => {
    using empty = new TestWorkspace();
    const failing = materializeBatch(taskGraphOf(['raw']), {}, {}, { ...contextOf('raw'), root: empty.root });
    await expect(failing.next()).rejects.toMatchObject({ code: 'FRAMEWORK_BUG' });
  });
});

describe('one asset in a process of its own', () => {
  test('succeeds, made or up to date, and says so in a line', async () => {
    vi.stubEnv(RUN_ID, 'r6');
    expect(await materialize({}, contextOf('total'))).toEqual({ success: true });
    expect(told).toContain('shop/total');
    expect(await materialize({}, contextOf('total'))).toEqual({ success: true });
  });

  test('fails where its function does', async () => {
    vi.stubEnv(RUN_ID, 'r7');
    workspace.write({ broken: '' });
    expect(await materialize({}, contextOf('days'))).toEqual({ success: false });
    workspace.remove('broken');
    expect(told).toContain('no 2026-03-01');
  });

  test('fails where there is no such asset', async () => {
    vi.stubEnv(RUN_ID, 'r8');
    expect(await materialize({}, contextOf('nothing'))).toEqual({ success: false });
  });
});

describe('the checks of a group', () => {
  test('look at what is made, and make nothing', async () => {
    expect(await checkGroup({}, contextOf('check'))).toEqual({ success: true });
    expect(told).toContain('shop/upper');
  });

  test('are one document where it is asked for', async () => {
    expect(await checkGroup({ json: true }, contextOf('check'))).toEqual({ success: true });
    const { version, assets } = JSON.parse(told) as { version: number; assets: unknown };
    expect(version).toBe(2);
    expect(assets).toMatchObject([
      { key: 'shop/upper', partition: null, problem: null, checks: [{ passed: true, severity: 'error' }] },
    ]);
  });

  test('are none in another group', async () => {
    expect(await checkGroup({ json: true }, contextOf('check', 'other'))).toEqual({ success: true });
    expect(JSON.parse(told)).toEqual({ version: 2, assets: [] });
  });

  test('fail where what they look at is gone', async () => {
    workspace.remove('output/shop/upper.parquet').remove('output/shop/upper.record.json');
    expect(await checkGroup({ json: true }, contextOf('check'))).toEqual({ success: false });
    const { assets } = JSON.parse(told) as { assets: { problem: string }[] };
    expect(assets[0]?.problem).toContain('shop/upper');
  });
});
