import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { PostTasksExecutionContext, PreTasksExecutionContext, TaskResult } from '@nx/devkit';
import { assetKey } from '@nx-assets/core';
import { CONCURRENCY, FRESH, GIVEN_RUN, ROOT, RUN_ID } from '@nx-assets/runner/run-id';
import { appendRequested } from '@nx-assets/runner/run-file';
import { QUIET } from '@nx-assets/runner/terminal';
import { readRecord } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { beginEpoch, currentEpoch } from '@nx-assets/workspace/nx-cache';
import { RUN_CONFIG } from '@nx-assets/workspace/run-config';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { materialize, SHOP, taskGraphOf } from '../test-support.ts';

const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
const RUN = 'r1';
const UPPER = 'output/shop/upper.parquet';
const real = process.env;
beforeAll(async () => {
  await materialize(root, RUN, 'raw', 'upper');
}, 60_000);
afterAll(() => workspace.dispose());

let told: { out: string; err: string };
/** As many as Nx or vitest have put there themselves. */
let listeners: { interrupts: number; exits: readonly unknown[] };
beforeEach(() => {
  told = { out: '', err: '' };
  process.env = Object.fromEntries(Object.entries(real).filter(([name]) => !/^(NX_|FORCE_COLOR)/.test(name)));
  listeners = { interrupts: process.listenerCount('SIGINT'), exits: process.listeners('exit') };
  for (const [name, stream] of [
    ['out', process.stdout],
    ['err', process.stderr],
  ] as const)
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      told[name] += String(text);
      return true;
    });
});
afterEach(() => {
  process.env = real;
  for (const listener of process.listeners('exit'))
    if (!listeners.exits.includes(listener)) process.off('exit', listener);
  for (const listener of process.listeners('SIGINT').slice(listeners.interrupts))
    process.off('SIGINT', listener);
  vi.restoreAllMocks();
});

/** The hooks of a new process. */
async function hooks() {
  vi.resetModules();
  return import('./nx-hooks.ts');
}

async function before(argv: string[], nxJson: PreTasksExecutionContext['nxJsonConfiguration'] = {}) {
  const { beforeTasks } = await hooks();
  beforeTasks({ id: '1', workspaceRoot: root, nxJsonConfiguration: nxJson, argv });
  return process.env;
}

describe('before tasks', () => {
  test('a run has a name, a place, and nothing that is not asked for', async () => {
    const env = await before(['node', 'nx', 'run', 'shop:raw']);
    expect(env[RUN_ID]).toMatch(/^\d{8}T\d{9}-\d+$/);
    expect(env[ROOT]).toBe(root);
    expect(env[RUN_CONFIG]).toBe('{}');
    expect(env[FRESH]).toBeUndefined();
    expect(env[QUIET]).toBeUndefined();
    expect(process.listenerCount('SIGINT')).toBe(listeners.interrupts + 1);
  });

  test('a name that was given is used once: a run that this one starts has its own', async () => {
    process.env[GIVEN_RUN] = 'given.3';
    const env = await before([]);
    expect(env[RUN_ID]).toBe('given.3');
    expect(GIVEN_RUN in env).toBe(false);
  });

  test('config comes from the command line, and a wrong one stops the run', async () => {
    const env = await before(['--config=shop/raw.times=2', '--config', 'shop/raw.word=x']);
    expect(JSON.parse(env[RUN_CONFIG] ?? '')).toEqual({ 'shop/raw': { times: 2, word: 'x' } });
    await expect(before(['--config=nowhere.json'])).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test.each<[argv: string[], nxParallel: string | undefined, parallel: number | undefined, steps: number]>([
    [['--parallel=3'], '5', 7, 3],
    [['--parallel', '4'], undefined, undefined, 4],
    [['--parallel=many'], '5', 7, 5],
    [['--parallel'], undefined, 7, 7],
    [[], undefined, 7, 7],
    [['--parallel=0'], undefined, undefined, availableParallelism()],
    [[], undefined, undefined, availableParallelism()],
  ])(
    '%j with NX_PARALLEL %s and nx.json %s runs %i steps at a time',
    async (argv, given, parallel, steps) => {
      if (given !== undefined) process.env.NX_PARALLEL = given;
      expect((await before(argv, parallel === undefined ? {} : { parallel }))[CONCURRENCY]).toBe(
        String(steps),
      );
    },
  );

  test.each(['--skip-nx-cache', '--skipNxCache', '--disable-nx-cache=true', '--disableNxCache'])(
    '%s asks for everything anew',
    async (flag) => {
      expect((await before([flag]))[FRESH]).toBe('true');
    },
  );

  test.each(['--skip-nx-cache=false', '--skip-nx-cached'])('%s does not', async (flag) => {
    expect((await before([flag]))[FRESH]).toBeUndefined();
  });

  test('with --json what others say goes to standard error', async () => {
    const env = await before(['--json']);
    process.stdout.write('from nx');
    expect(env[QUIET]).toBe('true');
    expect(told).toEqual({ out: '', err: 'from nx' });
  });
});

interface Report {
  readonly version: number;
  readonly runId: string;
  readonly milliseconds: number;
  readonly assets: readonly {
    readonly key: string;
    readonly status: string;
    readonly error: { code: string } | null;
  }[];
}

type Results = Readonly<Record<string, Partial<TaskResult> & Pick<TaskResult, 'status'>>>;

async function after(
  runId: string,
  results: Results,
  argv = ['node', 'nx', 'run', '--json'],
): Promise<Report | null> {
  process.env[RUN_ID] = runId;
  process.env[ROOT] = root;
  const { afterTasks } = await hooks();
  const graph = taskGraphOf(Object.keys(results));
  const taskResults = Object.fromEntries(
    Object.entries(results).map(([name, result]) => {
      const task = { ...graph.tasks[`shop:${name}`], ...result.task };
      return [`shop:${name}`, { code: 0, ...result, task }];
    }),
  ) as PostTasksExecutionContext['taskResults'];
  await afterTasks({
    id: '1',
    workspaceRoot: root,
    nxJsonConfiguration: {},
    argv,
    taskResults,
    startTime: 1_000,
    endTime: 3_500,
  });
  const [line = '', ...rest] = told.out.trimEnd().split('\n');
  if (!line.startsWith('{')) return null;
  expect(rest).toEqual([]);
  return JSON.parse(line) as Report;
}

const actionKey = (name: string) => {
  const reading = readRecord(root, assetKey('shop', name));
  return reading.status === 'found' ? reading.record.actionKey : '';
};
/** What Nx says of a task that it took from its cache. */
const cached = (name: string, status: TaskResult['status'], hash = actionKey(name)) => {
  const task = taskGraphOf([name]).tasks[`shop:${name}`];
  return { status, ...(task ? { task: { ...task, hash } } : {}) };
};

describe('after tasks', () => {
  test('there is one document, of what the executor did', async () => {
    const report = await after(RUN, { raw: { status: 'success' }, upper: { status: 'success' } });
    expect(report).toMatchObject({
      version: 2,
      runId: RUN,
      milliseconds: 2_500,
      assets: [
        { key: 'shop/raw', status: 'materialized', rowCount: 3, milliseconds: 0, isExternal: false },
        { key: 'shop/upper', status: 'materialized', rowCount: 3 },
      ],
    });
  });

  test('there is a table for people', async () => {
    expect(await after(RUN, { raw: { status: 'success' } }, ['node', 'nx', 'run', 'shop:raw'])).toBe(null);
    expect(told.out).toContain('shop/raw');
    expect(told.out).toContain('2.5 s');
  });

  test('nothing is said of a run without assets', async () => {
    expect(await after('none', { build: { status: 'failure' } })).toBe(null);
    expect(told).toEqual({ out: '', err: '' });
  });

  test.each([
    ['local-cache', 'local'],
    ['local-cache-kept-existing', 'output'],
    ['remote-cache', 'remote'],
  ] as const)('%s is what Nx took from a cache', async (status, from) => {
    const report = await after('r2', { raw: cached('raw', status) });
    expect(report?.assets).toMatchObject([
      {
        key: 'shop/raw',
        status: 'up-to-date',
        reasons: [{ kind: 'restored', from }],
        rowCount: 3,
        changed: false,
      },
    ]);
  });

  test('what Nx says it restored, and did not, is a failure, and no hash holds any more', async () => {
    beginEpoch({ root, env: process.env });
    const epoch = currentEpoch({ root, env: process.env });
    const report = await after('r3', { raw: cached('raw', 'local-cache', 'another') });
    expect(report?.assets).toMatchObject([
      { key: 'shop/raw', status: 'failed', error: { code: 'CACHE_INCOMPLETE' } },
    ]);
    expect(currentEpoch({ root, env: process.env })).not.toBe(epoch);
    workspace.remove('.nx/nx-assets/nx-cache.json');
  });

  test.each([
    ['local-cache', false],
    ['local-cache-kept-existing', true],
  ] as const)(
    'so is a value that is not what its record says; after %s it stays: %s',
    async (status, stays) => {
      const hash = actionKey('upper');
      const paths = ['output/shop/upper.record.json', UPPER];
      const before = paths.map((path) => readFileSync(join(root, path)));
      const flipped = Buffer.from(before[1] ?? '');
      flipped[9] = (flipped[9] ?? 0) ^ 1;
      writeFileSync(join(root, UPPER), flipped);
      const report = await after('r4', { upper: cached('upper', status, hash) });
      const isThere = paths.map((path) => workspace.exists(path));
      paths.forEach((path, at) => writeFileSync(join(root, path), before[at] ?? ''));
      workspace.remove('.nx/nx-assets/nx-cache.json');
      expect(report?.assets[0]?.error).toMatchObject({
        code: 'CACHE_INCOMPLETE',
        message: expect.stringContaining('its data is not what its record says') as string,
      });
      expect(isThere).toEqual([stays, stays]);
    },
  );

  test('a failure that nobody explains has a reason all the same, and so has what waited for it', async () => {
    appendRequested(root, 'r5', [
      assetKey('shop', 'raw'),
      assetKey('shop', 'upper'),
      assetKey('shop', 'total'),
    ]);
    const report = await after('r5', { raw: { status: 'failure', terminalOutput: 'Killed' } });
    expect(report?.assets).toMatchObject([
      { key: 'shop/raw', status: 'failed', error: { code: 'PROCESS_ENDED' } },
      { key: 'shop/upper', status: 'blocked', reasons: [{ kind: 'upstream-failed', key: 'shop/raw' }] },
      { key: 'shop/total', status: 'blocked', reasons: [{ kind: 'upstream-failed', key: 'shop/raw' }] },
    ]);
  });

  test('a failure that only Nx heard of is told in its words', async () => {
    const report = await after('r6', {
      raw: { status: 'failure', terminalOutput: '\u001b[31m✖\u001b[39m shop/raw  it broke\n' },
    });
    expect(report?.assets).toMatchObject([
      {
        error: {
          code: 'LISTENER_FAILED',
          message: expect.stringContaining('✖ shop/raw  it broke') as string,
        },
      },
    ]);
  });

  test('what Nx did not get to was cancelled', async () => {
    appendRequested(root, 'r7', [assetKey('shop', 'raw'), assetKey('shop', 'total')]);
    const report = await after('r7', {});
    expect(report?.assets.map(({ key, status }) => [key, status])).toEqual([
      ['shop/raw', 'cancelled'],
      ['shop/total', 'cancelled'],
    ]);
  });

  test('the history knows how runs ended', async () => {
    const history = await openHistory(root);
    const statuses = await Promise.all(
      ['r2', 'r3', 'r5', 'r7'].map(async (run) => (await history.steps(run)).map(({ status }) => status)),
    );
    await history.close();
    expect(statuses).toEqual([
      ['up-to-date'],
      ['failed'],
      ['failed', 'blocked', 'blocked'],
      ['cancelled', 'cancelled'],
    ]);
  });

  test('Ctrl-C is Nx’s own again', async () => {
    const { beforeTasks, afterTasks } = await hooks();
    const context = { id: '1', workspaceRoot: root, nxJsonConfiguration: {}, argv: [] };
    beforeTasks(context);
    await afterTasks({ ...context, taskResults: {}, startTime: 0, endTime: 0 });
    expect(process.listenerCount('SIGINT')).toBe(listeners.interrupts);
  });
});
