import type { Task } from '@nx/devkit';
import { assetKey } from '@nx-assets/core';
import { ROOT, RUN_ID } from '@nx-assets/runner/run-id';
import { readRun } from '@nx-assets/runner/run-file';
import { readRecord } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { materialize, NOW, SHOP, taskGraphOf } from '../test-support.ts';

const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
const real = process.env;
beforeAll(async () => {
  await materialize(root, 'r0', 'raw', 'upper', 'days');
}, 60_000);
afterAll(() => workspace.dispose());

let reads: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  reads = [];
  // What a hasher asks its environment for tells what it does: where Nx's cache is, it asks each time it reads nx.json.
  process.env = new Proxy<NodeJS.ProcessEnv>(
    { ...real, [ROOT]: root, [RUN_ID]: 'r1' },
    {
      get: (env, name: string) => {
        reads.push(name);
        return env[name];
      },
    },
  );
});
afterEach(() => {
  process.env = real;
  vi.useRealTimers();
  vi.restoreAllMocks();
  workspace.remove('.nx/nx-assets/runs/r1.jsonl');
});

/** The hasher of a new process: one run is all that it knows. */
async function hasher() {
  vi.resetModules();
  const { default: hashAsset } = await import('./hasher.ts');
  return async (name: string, overrides: Task['overrides'] = {}, graph?: ReturnType<typeof taskGraphOf>) => {
    const task = taskGraphOf([name], overrides).tasks[`shop:${name}`];
    if (!task) throw new Error('no task');
    return (await hashAsset(task, graph && { taskGraph: graph })).value;
  };
}
const actionKey = (name: string, part: string | null = null) => {
  const reading = readRecord(root, assetKey('shop', name), part);
  return reading.status === 'found' ? reading.record.actionKey : reading.status;
};

describe('the hash of an asset', () => {
  test('is the action key of its record while nothing changes', async () => {
    const hash = await hasher();
    expect(await hash('raw')).toBe(actionKey('raw'));
    expect(await hash('upper')).toBe(actionKey('upper'));
  });

  test('is another where data from outside is asked for again', async () => {
    const hash = await hasher();
    expect(await hash('raw', { refresh: true })).not.toBe(actionKey('raw'));
    expect(await hash('upper', { refresh: true })).toBe(actionKey('upper'));
  });

  test('is there for what was never made, and the same in every process', async () => {
    const [first, second] = [await (await hasher())('total'), await (await hasher())('total')];
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
  });

  test('says what it is made of in the shape that Nx wants', async () => {
    vi.resetModules();
    const { default: hashAsset } = await import('./hasher.ts');
    const task = Object.values(taskGraphOf(['upper']).tasks)[0];
    if (!task) throw new Error('no task');
    const key = actionKey('upper');
    expect(await hashAsset(task)).toEqual({
      value: key,
      details: { command: key, nodes: {}, implicitDeps: {}, runtime: {} },
    });
  });

  test('there is none of what is no asset', async () => {
    const hash = await hasher();
    await expect(hash('build')).rejects.toThrow('shop:build is not an asset.');
  });
});

describe('the hash of partitions', () => {
  test('of one that is named as its file is called is its own', async () => {
    const graph = taskGraphOf(['days'], { partition: '2026-03-02' });
    expect(await (await hasher())('days', { partition: '2026-03-02' }, graph)).toBe(
      actionKey('days', '2026-03-02'),
    );
  });

  test('of one that is named otherwise is not: Nx would not find its file', async () => {
    const graph = taskGraphOf(['days'], { partition: 'latest' });
    const value = await (await hasher())('days', { partition: 'latest' }, graph);
    expect(value).not.toBe(actionKey('days', '2026-03-03'));
    expect(value).toMatch(/^[0-9a-f]{64}$/);
  });

  test('of all is steady while all are up to date, and one that no cache knows as soon as one is not', async () => {
    const steady = await (await hasher())('days');
    expect(await (await hasher())('days')).toBe(steady);
    const file = 'output/shop/days/2026-03-01.record.json';
    const record = workspace.read(file);
    workspace.remove(file);
    const [first, second] = [await (await hasher())('days'), await (await hasher())('days')];
    workspace.write({ [file]: record });
    expect(new Set([steady, first, second]).size).toBe(3);
    expect(await (await hasher())('days')).toBe(steady);
  });
});

describe('a run', () => {
  test('looks at the workspace once, however many tasks it has', async () => {
    const hash = await hasher();
    const first = await hash('upper');
    const before = reads.filter((name) => name === 'NX_CACHE_DIRECTORY').length;
    expect(before).toBeGreaterThan(0);
    workspace.remove('.nx/nx-assets/hashes.json');
    for (let task = 0; task < 49; task++) expect(await hash('upper')).toBe(first);
    expect(reads.filter((name) => name === 'NX_CACHE_DIRECTORY')).toHaveLength(before);
  });

  test('sees what was made meanwhile: Nx hashes again, level by level', async () => {
    const hash = await hasher();
    const before = await hash('upper');
    const record = workspace.read('output/shop/raw.record.json');
    workspace.write({
      'output/shop/raw.record.json': record.replace(
        /"dataVersion": ?"[0-9a-f]{64}"/,
        `"dataVersion":"${'0'.repeat(64)}"`,
      ),
    });
    const after = await hash('upper');
    workspace.write({ 'output/shop/raw.record.json': record });
    expect(after).not.toBe(before);
    expect(await hash('upper')).toBe(before);
  });

  test('writes down what it is about, before any of it begins', async () => {
    const graph = taskGraphOf(['upper', 'days'], { partition: '2026-03-01' });
    await (
      await hasher()
    )('upper', {}, graph);
    const { requested, plan } = readRun(root, 'r1');
    expect([...requested]).toEqual(['shop/upper', 'shop/days']);
    expect(plan).toEqual({ now: NOW.getTime(), wanted: { 'shop/days': ['2026-03-01'] }, forced: [] });
    const history = await openHistory(root);
    const run = await history.run('r1');
    await history.close();
    expect(run).toMatchObject({ runId: 'r1', status: 'running', requested: ['shop/upper', 'shop/days'] });
  });

  test('ends before anything begins where its flags are wrong', async () => {
    let told = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      told += String(text);
      return true;
    });
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Error(`exit ${code}`);
    });
    const hash = await hasher();
    const graph = taskGraphOf(['days'], { partition: 'never' });
    await expect(hash('days', { partition: 'never' }, graph)).rejects.toThrow('exit 1');
    expect(exit).toHaveBeenCalledWith(1);
    expect(told).toContain('PARTITION_UNKNOWN');
    expect(readRun(root, 'r1').requested.size).toBe(0);
  });
});
