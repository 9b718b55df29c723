import { hostname } from 'node:os';
import { AssetError } from '@nx-assets/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Path } from '../api.ts';
import type { Answers, RunRequest } from '../wire/index.ts';
import { WorkspaceApi } from './api.ts';
import { Lab } from './test-support.ts';
import { SOURCE } from './two-runs.fixture.ts';

let lab: Lab;
let api: WorkspaceApi;
beforeAll(async () => {
  lab = new Lab(SOURCE);
  await lab.run('run-1', ['numbers', 'sum']);
  lab.edit('{ id: 2, n: 20 }', '{ id: 2, n: 21 }, { id: 3, n: 1 }');
  await lab.run('run-2', ['numbers', 'sum', 'broken', 'days']);
  api = await WorkspaceApi.open(lab.context, 'no-command');
}, 120_000);
afterAll(async () => {
  await api.close();
  lab.dispose();
});

const ask = <P extends Path>(path: P, params = {}, query = {}): Promise<Answers[P]> =>
  api.answers[path](params, query);
const of = (name: string) => ({ group: 'lab', name });
const invalid = (facts: string) =>
  expect.toSatisfy((error) => error instanceof AssetError && error.facts === facts) as Error;

describe('the workspace', () => {
  test('has groups, assets after their deps, and jobs', async () => {
    const view = await ask('/api/workspace');
    expect(view).toMatchObject({
      name: 'test-workspace',
      revision: 1,
      problem: null,
      running: [],
      groups: [{ name: 'lab', path: 'packages/lab', owner: '@test/team', description: 'The lab.' }],
      jobs: [{ key: 'lab/nightly', schedule: null, command: 'npx nx run lab:nightly' }],
    });
    expect(view.cursor).toBeGreaterThan(0);
    expect(view.versions.node).toBe(process.versions.node);
    const keys = view.assets.map(({ key }) => key);
    expect([...keys].sort()).toEqual(['lab/after', 'lab/broken', 'lab/days', 'lab/numbers', 'lab/sum']);
    expect(keys.indexOf('lab/numbers')).toBeLessThan(keys.indexOf('lab/sum'));
    expect(view.assets.find(({ name }) => name === 'sum')).toMatchObject({
      type: 'json',
      deps: ['lab/numbers'],
      hasPartitions: false,
      file: 'packages/lab/src/index.ts',
    });
  });

  test('says how each asset stands', async () => {
    const { assets } = await ask('/api/workspace');
    const status = (name: string) => assets.find((one) => one.name === name)?.status;
    expect(status('numbers')).toMatchObject({
      statuses: ['fresh'],
      staleFrom: [],
      rowCount: 3,
      failure: null,
      partitions: null,
      checks: { passed: 2, warned: 0, failed: 0 },
    });
    expect(status('numbers')?.last.map(({ runId, status, rowCount }) => [runId, status, rowCount])).toEqual([
      ['run-1', 'materialized', 2],
      ['run-2', 'materialized', 3],
    ]);
    expect(status('broken')?.statuses[0]).toBe('failed');
    expect(status('broken')?.failure).toMatchObject({ code: 'MATERIALIZE_THREW', runId: 'run-2' });
    expect(status('after')).toMatchObject({ statuses: ['missing'], madeAt: null, last: [] });
    expect(status('days')?.partitions).toMatchObject({ total: 3, fresh: 2, failed: 1 });
  });
});

describe('an asset', () => {
  test('with its columns, record and checks', async () => {
    const detail = await ask('/api/assets/:group/:name', of('numbers'));
    expect(detail).toMatchObject({
      command: 'npx nx run lab:numbers',
      path: 'output/lab/numbers.parquet',
      blocks: [],
      downstream: ['lab/sum'],
      metadata: { source: 'nowhere' },
      preview: true,
      siblings: [],
      record: { rowCount: 3, inputs: [], removedColumns: [] },
    });
    expect(detail.columns?.map(({ name, change, min, max }) => ({ name, change, min, max }))).toEqual([
      { name: 'id', change: null, min: '1', max: '3' },
      { name: 'n', change: null, min: '1', max: '21' },
    ]);
    expect(detail.checks.map(({ passed, last }) => [passed, last.map(({ runId }) => runId)])).toEqual([
      [true, ['run-1', 'run-2']],
      [true, ['run-1', 'run-2']],
    ]);
  });

  test('that failed says what cannot be made without it', async () => {
    const detail = await ask('/api/assets/:group/:name', of('broken'));
    expect(detail).toMatchObject({ blocks: ['lab/after'], record: null, columns: null });
  });

  test('that has partitions lies in many places', async () => {
    const { path } = await ask('/api/assets/:group/:name', of('days'));
    expect(path).toBe('output/lab/days/<partition>.json');
  });

  test('has a history, the newest first', async () => {
    const all = await ask('/api/assets/:group/:name/history', of('sum'));
    expect(all.map(({ runId }) => runId)).toEqual(['run-2', 'run-1']);
    expect(all[0]?.inputs).toMatchObject([{ key: 'lab/numbers' }]);
    expect(all[0]?.inputs[0]?.dataVersion).not.toBe(all[1]?.inputs[0]?.dataVersion);
    expect(await ask('/api/assets/:group/:name/history', of('sum'), { limit: '1' })).toHaveLength(1);
    const parts = await ask('/api/assets/:group/:name/history', of('days'), { partition: '2026-03-03' });
    expect(parts.map(({ partition }) => partition)).toEqual(['2026-03-03']);
  });

  test('is not there under another name', async () => {
    for (const path of ['/api/assets/:group/:name', '/api/assets/:group/:name/preview'] as const)
      await expect(ask(path, of('toString'))).rejects.toThrow(invalid('There is no asset lab/toString.'));
  });
});

describe('partitions', () => {
  const partitions = (query = {}) => ask('/api/assets/:group/:name/partitions', of('days'), query);

  test('each have a letter, and those of a page their details', async () => {
    const view = await partitions();
    expect(view).toMatchObject({
      states: 'fxf',
      dimensions: [''],
      offset: 0,
      ends: ['2026-03-01', '2026-03-03'],
      counts: { total: 3, fresh: 2, stale: 0, missing: 0, failed: 1 },
    });
    expect(view.page.map(({ key, state, madeAt }) => [key, state, madeAt !== null])).toEqual([
      ['2026-03-01', 'fresh', true],
      ['2026-03-02', 'failed', false],
      ['2026-03-03', 'fresh', true],
    ]);
    expect(view.page[0]?.why).toBe('');
    expect(view.page[1]?.why).not.toBe('');
  });

  test('come by pages from the end, and by their state', async () => {
    const keys = async (query: object) => (await partitions(query)).page.map(({ key }) => key.slice(-2));
    expect(await keys({ limit: '2' })).toEqual(['02', '03']);
    expect(await keys({ limit: '2', offset: '0' })).toEqual(['01', '02']);
    expect(await keys({ offset: '3' })).toEqual([]);
    expect(await keys({ state: 'fresh' })).toEqual(['01', '03']);
    expect(await keys({ state: 'unheard-of' })).toEqual([]);
  });

  test('are not there where an asset has none', async () => {
    const asked = ask('/api/assets/:group/:name/partitions', of('sum'));
    await expect(asked).rejects.toThrow(invalid('lab/sum has no partitions.'));
  });
});

describe('runs', () => {
  test('the newest first, by pages, status and asset', async () => {
    const ids = async (query = {}) => (await ask('/api/runs', {}, query)).map(({ id }) => id);
    expect(await ids()).toEqual(['run-2', 'run-1']);
    expect(await ids({ before: 'run-2' })).toEqual(['run-1']);
    expect(await ids({ status: 'failed' })).toEqual(['run-2']);
    expect(await ids({ asset: 'lab/broken' })).toEqual(['run-2']);
    expect(await ids({ asset: 'lab/unknown' })).toEqual([]);
    await expect(ids({ status: 'odd' })).rejects.toThrow(invalid('Unknown status "odd".'));
  });

  test.each([['-1'], ['1.5'], ['ten'], ['NaN'], ['1e400']])('not %s of them', async (limit) => {
    await expect(ask('/api/runs', {}, { limit })).rejects.toThrow(invalid('limit is no whole number.'));
  });

  test('each with its steps, and how what failed is run again', async () => {
    const { run, steps, again } = await ask('/api/runs/:id', { id: 'run-2' });
    expect(run).toMatchObject({
      status: 'failed',
      command: ['nx', 'run-many', '-t', 'materialize'],
      by: { pid: process.pid, host: hostname() },
      isHere: true,
    });
    const failed = steps.filter(({ status }) => status === 'failed');
    expect(failed.map(({ key, partition }) => [key, partition]).sort()).toEqual([
      ['lab/broken', null],
      ['lab/days', '2026-03-02'],
    ]);
    expect(again.join('\n')).toMatch(/^npx nx .*(broken|days)/);
    expect((await ask('/api/runs/:id', { id: 'run-1' })).again).toEqual([]);
    await expect(ask('/api/runs/:id', { id: 'run-9' })).rejects.toThrow(invalid('There is no run run-9.'));
    await expect(ask('/api/runs/:id', { id: 'run' })).rejects.toThrow(invalid('2 runs begin with run.'));
  });

  test('with their lines, by pages', async () => {
    const logs = (query: object) =>
      ask('/api/runs/:id/logs', { id: 'run-1' }, { key: 'lab/numbers', ...query });
    const first = await logs({ limit: '1' });
    expect(first).toMatchObject({ lines: [{ message: 'counts', level: 'info' }], hasMore: true });
    const second = await logs({ limit: '1', after: String(first.lines[0]?.id) });
    expect(second).toMatchObject({ lines: [{ message: 'has counted' }], hasMore: false });
    expect(await logs({ key: 'lab/sum' })).toEqual({ lines: [], hasMore: false });
  });
});

describe('two runs', () => {
  test('differ in rows and statistics, and that has a cause', async () => {
    const view = await ask('/api/compare', {}, { from: 'run-1', to: 'run-2' });
    expect(view).toMatchObject({ unchanged: 0, notCompared: 1 });
    const numbers = view.assets.find(({ key }) => key === 'lab/numbers');
    expect(numbers).toMatchObject({
      status: 'changed',
      rowCount: [2, 3],
      columns: { added: [], removed: [], changed: [] },
      cause: 'code',
    });
    // All assets of one file have its code.
    expect(view.assets.find(({ key }) => key === 'lab/sum')?.cause).toMatch(/upstream$/);
    expect((await ask('/api/compare', {}, { from: 'run-2', to: 'run-2' })).assets).toEqual([]);
  });

  test('have to be named', async () => {
    for (const query of [{}, { from: 'run-1' }, { from: 'run-1', to: '' }])
      await expect(ask('/api/compare', {}, query)).rejects.toThrow(
        invalid('Two runs are needed to compare.'),
      );
  });

  test('say nothing of rows where there are none', async () => {
    const rows = (asset: string) => ask('/api/compare/rows', {}, { from: 'run-1', to: 'run-2', asset });
    expect(await rows('lab/sum')).toMatchObject({
      rows: [],
      because: 'Only tables are compared row by row.',
    });
    await expect(rows('lab/x')).rejects.toThrow(invalid('Neither of the two knows an asset lab/x.'));
  });
});

test('checks are known by their assets', async () => {
  const checks = await ask('/api/checks');
  expect(checks.map(({ asset, by, passed, runId }) => ({ asset, by, passed, runId }))).toEqual(
    [1, 2].map(() => ({ asset: 'lab/numbers', by: 'lab/numbers', passed: true, runId: 'run-2' })),
  );
});

test('where nothing runs by itself, automation has nothing to say', async () => {
  expect(await ask('/api/automation')).toEqual({
    leader: null,
    automations: [],
    underWay: [],
    command: 'npx nx-assets automation serve',
  });
  expect(await ask('/api/automation/ticks')).toEqual([]);
});

describe('what would be run', () => {
  const plan = (request: Partial<RunRequest>) => api.plan({ assets: [], ...request });

  test('nothing, where all is as it should be', async () => {
    for (const assets of [[], ['lab/numbers'], ['lab/sum', 'lab/numbers']])
      expect(await plan({ assets })).toEqual({ runs: [], commands: [], isUpToDate: true });
  });

  test('what is asked for, by force or because it failed', async () => {
    const forced = await plan({ assets: ['lab/numbers'], force: true });
    expect(forced).toMatchObject({ isUpToDate: false });
    expect(forced.commands).toEqual([expect.stringMatching(/^npx nx run lab:numbers .*skip/i)]);
    expect((await plan({ assets: ['lab/broken'] })).commands).toEqual(['npx nx run lab:broken']);
  });

  test('a job, or an earlier run as it was', async () => {
    expect((await plan({ job: 'lab/nightly' })).commands).toEqual(['npx nx run lab:nightly']);
    expect((await plan({ again: 'run-1' })).commands).toEqual(['npx nx run-many -t materialize']);
  });

  test('not what is not there', async () => {
    await expect(plan({ job: 'lab/x' })).rejects.toThrow(invalid('There is no job lab/x.'));
    await expect(plan({ job: 'lab/sum' })).rejects.toThrow(invalid('There is no job lab/sum.'));
    await expect(plan({ assets: ['lab/sum', 'lab/x'] })).rejects.toThrow(invalid('There is no asset lab/x.'));
    await expect(plan({ again: 'run-9' })).rejects.toThrow(invalid('There is no run run-9.'));
  });
});
