import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AssetKey, DefinitionKey } from '@nx-assets/core';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { Workspace } from '@nx-assets/workspace/workspace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runAssets } from '../run-assets.ts';
import { appendRequested, readRun } from '../run-file.ts';
import { GIVEN_JOB_RUN, RUN_ID } from '../run-id.ts';
import { NOON, Scene } from '../test-support.ts';
import type { JobReport } from './report.ts';
import { runJob } from './run-job.ts';
import { runSelected } from './selected.ts';

const LAB = `
import { appendFileSync } from 'node:fs';
import { asset, job, op } from '@nx-assets/core';
import { z } from 'zod';
const say = (root, word) => appendFileSync(root + '/said', word + ' ');
export const a = asset({ description: 'A number.', value: z.int(), materialize: (_, { log }) => { log.info('from a'); return 1; } });
export const b = asset({ description: 'One more.', value: z.int(), deps: { a }, materialize: ({ a }) => a + 1 });
export const bad = asset({ description: 'Throws.', value: z.int(), materialize: () => { throw new Error('no number'); } });
export const child = asset({ description: 'Of bad.', value: z.int(), deps: { bad }, materialize: () => 1 });
const first = op({ name: 'first', description: 'd', output: z.object({ n: z.int() }), run: (_, { root }) => { say(root, 'first'); return { n: 7 }; } });
const last = op({ name: 'last', description: 'd', inputs: z.object({ n: z.int() }), run: ({ n }, { root }) => say(root, 'last' + n) });
const broken = op({ name: 'broken', description: 'd', run: () => { throw new Error('no disk'); } });
const told = (event, { root }) => say(root, event.status);
const hooks = { onSuccess: [told], onFailure: [told] };
const never = op({ name: 'never', description: 'd', run: (_, { root }) => say(root, 'never') });
export const whole = job({ description: 'd', before: [first], select: [a, b], after: [last], ...hooks });
export const stops = job({ description: 'd', before: [broken], select: a, after: [never], ...hooks });
`;

/** Stands where nx is: writes down what it was asked, reports an asset as the part it was given, and ends with a code. */
const NX = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { appendReport } from '${pathToFileURL(join(import.meta.dirname, '../run-file.ts')).href}';
const { NX_ASSETS_GIVEN_RUN: part, NX_TASK_HASH: task = null } = process.env;
appendFileSync('asked', JSON.stringify({ args: process.argv.slice(2), part, task }) + '\\n');
appendFileSync('said', 'nx ');
appendReport(process.cwd(), part, [{ key: 'lab/of-' + part.split('.').pop(), status: 'materialized', error: null }]);
process.exitCode = existsSync('fails') ? 1 : 0;
`;

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = new TestWorkspace().group('lab', { 'index.ts': LAB });
  workspace.remove('node_modules/nx').write({
    'node_modules/nx/package.json': '{"name":"nx","type":"module"}',
    'node_modules/nx/bin/nx.js': NX,
  });
  const { context } = new Scene(workspace.root);
  await Workspace.open(context);
});
afterAll(() => workspace.dispose());
beforeEach(() => {
  for (const name of ['asked', 'said', 'fails']) rmSync(join(workspace.root, name), { force: true });
});

const lab = (name: string) => `lab/${name}` as AssetKey & DefinitionKey;
const said = () => (workspace.exists('said') ? workspace.read('said').trim() : '');
const asked = () =>
  workspace.exists('asked')
    ? workspace
        .read('asked')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { args: string[]; part: string; task: string | null })
    : [];

describe('the assets of a job', () => {
  const select = (assets: readonly AssetKey[] | null, text = '', env: NodeJS.ProcessEnv = process.env) =>
    runSelected({
      context: new Scene(workspace.root, env).context,
      runId: 'j',
      facts: { select: text, assets },
      partition: null,
      flags: ['--refresh'],
    });

  test('are run by nx as a part of the run, which is no part of a task', async () => {
    const { succeeded, lines } = await select([lab('a'), lab('b')], '', {
      ...process.env,
      NX_TASK_HASH: '1',
    });
    expect(asked()).toEqual([
      { args: ['run-many', '-t', 'a,b', '-p', 'lab', '--refresh'], part: 'j.1', task: null },
    ]);
    expect(succeeded).toBe(true);
    expect(lines.map(({ key }) => key)).toContain('lab/of-1');
  });

  test('that are none need no nx', async () => {
    expect(await select([])).toEqual({ succeeded: true, lines: [] });
    expect(asked()).toEqual([]);
  });

  test('that only their state tells are chosen now', async () => {
    await select(null, 'lab/child');
    expect(asked()[0]?.args.slice(0, 2)).toEqual(['run', 'lab:child']);
  });

  test('failed where nx does, with what it reported', async () => {
    writeFileSync(join(workspace.root, 'fails'), '');
    const { succeeded, lines } = await select([lab('a')]);
    expect(succeeded).toBe(false);
    expect(lines.map(({ key }) => key)).toEqual(['lab/of-1']);
  });
});

describe('a job', () => {
  async function run(name: string, env: NodeJS.ProcessEnv = {}, partition: string | null = null) {
    const scene = new Scene(workspace.root, { ...process.env, ...env });
    const reports: [string, JobReport | null][] = [];
    const report = await runJob({
      context: scene.context,
      key: lab(name),
      refresh: false,
      partition,
      onReport: (runId, one) => reports.push([runId, one]),
    });
    return { report, reports, scene };
  }
  const steps = ({ steps }: JobReport) => steps.map(({ name, status }) => `${name} ${status}`);

  test('runs its ops, its assets and the ops after them, then tells its hooks', async () => {
    const { report, reports, scene } = await run('whole', { [GIVEN_JOB_RUN]: 'named' });
    expect(report).toMatchObject({ job: 'lab/whole', runId: 'named', status: 'succeeded', error: null });
    expect(steps(report)).toEqual(['first done', 'assets done', 'last done']);
    expect(report.assets.map(({ key }) => key)).toEqual(['lab/of-1']);
    expect(said()).toBe('first nx last7 succeeded');
    expect(reports).toEqual([
      ['named', null],
      ['named', report],
    ]);
    expect([scene.env[GIVEN_JOB_RUN], scene.env[RUN_ID]]).toEqual([undefined, 'named']);
    const history = await openHistory(workspace.root);
    expect((await history.steps('named')).map(({ key, status }) => `${key} ${status}`)).toEqual([
      'lab/whole/first done',
      'lab/whole/last done',
    ]);
    await history.close();
  });

  test('whose assets fail runs no op after them, and says that it failed', async () => {
    writeFileSync(join(workspace.root, 'fails'), '');
    const { report } = await run('whole');
    expect(report.status).toBe('failed');
    expect(report.runId).toBe(`20260301T120000000-${process.pid}`);
    expect(steps(report)).toEqual(['first done', 'assets failed', 'last blocked']);
    expect(said()).toBe('first nx failed');
  });

  test('whose op fails runs nothing after it', async () => {
    const { report } = await run('stops');
    expect(steps(report)).toEqual(['broken failed', 'assets blocked', 'never blocked']);
    expect(report.steps[0]?.error).toMatchObject({ message: expect.stringContaining('no disk') as string });
    expect(said()).toBe('failed');
  });

  test('that nobody defines is a failure, not a crash', async () => {
    const { report } = await run('gone');
    expect(report).toMatchObject({ status: 'failed', steps: [], assets: [] });
    expect(report.error?.message).toContain('The definition of lab/gone did not load.');
  });

  test('for a partition that no asset has fails before any op', async () => {
    const { report } = await run('whole', {}, '2026-03-01');
    expect(report).toMatchObject({ status: 'failed', steps: [] });
    expect(report.error?.code).toMatch(/^PARTITION/);
    expect(said()).toBe('failed');
  });
});

describe('assets in this process', () => {
  async function run(names: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const scene = new Scene(workspace.root, { ...process.env, [RUN_ID]: 'run', ...env });
    scene.time = NOON;
    const heard: string[] = [];
    const outcomes = await runAssets({
      context: scene.context,
      keys: names.map(lab),
      refresh: false,
      onOutcome: ({ key, status }) => heard.push(`${key} ${status}`),
    });
    return { heard, scene, statuses: [...outcomes].map(([key, { status }]) => `${key} ${status}`) };
  }

  test('are made in their order, said, written to the run, and up to date the next time', async () => {
    appendRequested(workspace.root, 'run', [lab('a'), lab('b')]);
    const { heard, scene, statuses } = await run(['b', 'a']);
    expect(heard).toEqual(['lab/a materialized', 'lab/b materialized']);
    expect(statuses.sort()).toEqual(heard);
    expect(scene.said).toBe('  lab/a from a\n');
    expect(existsSync(join(workspace.root, 'output/lab/b.json'))).toBe(true);
    expect(readFileSync(join(workspace.root, 'output/lab/b.json'), 'utf8')).toContain('2');
    expect(readRun(workspace.root, 'run').outcomes.get(lab('b'))?.status).toBe('materialized');
    expect((await run(['a', 'b'])).heard).toEqual(['lab/a up-to-date', 'lab/b up-to-date']);
    expect((await run(['a'], { NX_SKIP_NX_CACHE: 'true' })).heard).toEqual(['lab/a materialized']);
  });

  test('that fail block those that need them', async () => {
    expect((await run(['bad', 'child'])).statuses.sort()).toEqual(['lab/bad failed', 'lab/child blocked']);
  });

  test('that nobody knows are none', async () => {
    expect((await run(['gone'])).statuses).toEqual([]);
  });
});
