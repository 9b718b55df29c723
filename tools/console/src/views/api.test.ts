import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetError, type AssetKey } from '@nx-assets/core';
import type { EventOf, LogEvent } from '@nx-assets/event-log';
import { historyPath } from '@nx-assets/workspace/history';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WorkspaceApi } from './api.ts';
import { Lab } from './test-support.ts';
import type { ServerEvent } from '../api.ts';

const SOURCE = (shop: boolean) => `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const number = { description: 'A number.', value: z.int(), materialize: () => 1 };
export const both = asset(number);
export const ${shop ? 'sales' : 'one'} = asset(number);
`;
const A = 'lab/one' as AssetKey;

/** In place of the command: does what a test has written beside it. */
const COMMAND = `await import('./does.mjs');`;

let lab: Lab;
beforeAll(() => {
  lab = new Lab(SOURCE(false), {}, { shop: SOURCE(true) });
  lab.write('command.mjs', COMMAND);
});
afterAll(() => lab.dispose());

/** The API of the workspace, and what a page that looks at `run` hears of. */
async function begin(run: string | null = null) {
  const api = await WorkspaceApi.open(lab.context, join(lab.root, 'command.mjs'));
  const heard: ServerEvent[] = [];
  const leave = api.follow({ run, onEvent: (event) => heard.push(event) });
  onTestFinished(() => api.close());
  const types = () => heard.map(({ event }) => event.type);
  const notices = () => heard.flatMap(({ event }) => (event.type === 'notice' ? [event] : []));
  return { api, heard, types, notices, leave };
}

const runStarted = (runId: string, fields: Partial<EventOf<'run-started'>> = {}): LogEvent => ({
  ...{ type: 'run-started', at: Date.now(), runId, command: ['run', 'lab:one'], requested: [A] },
  ...{ pid: process.pid, host: hostname() },
  ...fields,
});
const runFinished = (runId: string, status: EventOf<'run-finished'>['status']): LogEvent => ({
  ...{ type: 'run-finished', at: Date.now(), runId, status },
});
const line = (runId: string, message: string): LogEvent => ({
  ...{ type: 'log', at: Date.now(), runId, key: A, partition: null, level: 'info', message },
});
const append = (...events: readonly LogEvent[]) => lab.history((history) => history.append(events));
const facts = (text: string) =>
  expect.toSatisfy((error) => error instanceof AssetError && error.facts === text) as Error;

describe('a run that a page asks for', () => {
  test('says why, where its command ended before it began', async () => {
    const { api, notices } = await begin();
    lab.write('does.mjs', `console.log('Cannot find\\nconfiguration'); process.exitCode = 4;`);
    const started = await api.start({ assets: ['lab/one'] });
    expect(started).toMatchObject({ commands: ['npx nx run lab:one'], isUpToDate: false });
    await expect.poll(notices).toHaveLength(1);
    expect(notices()).toEqual([
      { type: 'notice', code: 'RUN_NOT_STARTED', message: 'Cannot find\nconfiguration' },
    ]);
    await expect(api.answers['/api/runs/:id']({ id: started.runs[0] ?? '' }, {})).rejects.toThrow(
      facts(`There is no run ${started.runs[0]}.`),
    );
  }, 60_000);

  test('says with what it ended where it has said nothing, and of much only the end', async () => {
    const { api, notices } = await begin();
    lab.write('does.mjs', 'process.exitCode = 4;');
    await api.start({ assets: ['lab/one'] });
    await expect.poll(notices).toHaveLength(1);
    expect(notices()[0]?.message).toBe('nx ended with exit code 4.');
    lab.write('does.mjs', `for (let n = 1; n < 40; n++) console.log(n); process.exitCode = 1;`);
    await api.start({ assets: ['lab/one'] });
    await expect.poll(notices).toHaveLength(2);
    expect(notices()[1]?.message.split('\n')).toEqual(Array.from({ length: 12 }, (_, n) => `${n + 28}`));
  }, 60_000);

  test('says nothing more, where all went well or its run tells what did not', async () => {
    const { api, notices } = await begin();
    const ends = (code: number, name: string) => `
      import { existsSync, writeFileSync } from 'node:fs';
      while (!existsSync('${name}-may-end')) await new Promise((resolve) => setTimeout(resolve, 10));
      writeFileSync('${name}-ends', '');
      process.exitCode = ${code};
    `;
    for (const [code, status] of [
      [0, 'succeeded'],
      [1, 'failed'],
    ] as const) {
      lab.write('does.mjs', ends(code, status));
      const [id = ''] = (await api.start({ assets: ['lab/one'] })).runs;
      // Its page is open already, and waits.
      const page = api.answers['/api/runs/:id']({ id }, {});
      await append(runStarted(id), runFinished(id, status));
      expect((await page).run).toMatchObject({ id, status });
      lab.write(`${status}-may-end`, '');
      await expect.poll(() => lab.has(`${status}-ends`)).toBe(true);
    }
    // Ends long after them, so nothing is to come of theirs.
    lab.write('does.mjs', 'process.exitCode = 5;');
    await api.start({ assets: ['lab/one'] });
    await expect.poll(notices).toHaveLength(1);
    expect(notices()[0]?.message).toBe('nx ended with exit code 5.');
  }, 60_000);

  test('says why the second of two did not begin, though the first went well', async () => {
    const { api, notices } = await begin();
    lab.write(
      'does.mjs',
      `
      import { existsSync } from 'node:fs';
      while (!existsSync('went-well')) await new Promise((resolve) => setTimeout(resolve, 10));
      console.log('no second one');
      process.exitCode = 1;
    `,
    );
    const { runs } = await api.start({ assets: ['lab/both', 'shop/sales'] });
    expect(runs).toHaveLength(2);
    const [first = ''] = runs;
    await append(runStarted(first), runFinished(first, 'succeeded'));
    lab.write('went-well', '');
    await expect.poll(notices).toHaveLength(1);
    expect(notices()[0]?.message).toBe('no second one');
  }, 60_000);

  test('may end when the history is closed already', async () => {
    const { api, notices } = await begin();
    lab.write('does.mjs', 'await new Promise((resolve) => setTimeout(resolve, 300)); process.exitCode = 6;');
    await api.start({ assets: ['lab/one'] });
    await api.close();
    await expect.poll(notices).toHaveLength(1);
    expect(notices()[0]?.message).toBe('nx ended with exit code 6.');
  }, 60_000);

  test('is not started by planning it, nor where nothing is to do', async () => {
    const { api } = await begin();
    lab.write('does.mjs', `import { writeFileSync } from 'node:fs'; writeFileSync('started', '');`);
    expect((await api.plan({ assets: ['lab/one'] })).commands).toEqual(['npx nx run lab:one']);
    expect(await api.start({ assets: [] })).toEqual({ runs: [], commands: [], isUpToDate: true });
    expect(lab.has('started')).toBe(false);
  }, 60_000);
});

describe('cancelling', () => {
  test('is Ctrl-C for the process of the run', async () => {
    const { api } = await begin();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e3); console.log(1)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await append(runStarted('here', { pid: child.pid ?? 0 }));
    const end = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    await api.cancel('here');
    expect(await end).toBe('SIGINT');
  }, 60_000);

  test('does nothing to what has ended, and cannot reach another machine', async () => {
    const { api } = await begin();
    // The process of the run is this one, which an interrupt would end.
    await append(runStarted('ended'), runFinished('ended', 'succeeded'));
    await api.cancel('ended');
    await append(runStarted('far', { host: 'far-away', pid: process.pid }));
    await expect(api.cancel('far')).rejects.toThrow(facts('Run far is still running on far-away.'));
    await expect(api.cancel('none')).rejects.toThrow(facts('There is no run none.'));
  }, 60_000);
});

describe('what happens', () => {
  test('is heard by who listens, and lines by who looks at their run', async () => {
    const { api, heard, types, leave } = await begin('looked-at');
    const [others, runs]: [string[], string[]] = [[], []];
    api.follow({ run: null, onEvent: ({ event }) => others.push(event.type) });
    const events = [runStarted('looked-at'), line('looked-at', 'mine'), line('far', 'not mine')];
    await append(...events);
    await expect.poll(types).toContain('logs');
    for (const { event } of heard)
      if (event.type === 'logs') runs.push(event.runId, ...event.lines.map(({ message }) => message));
    expect(runs).toEqual(['looked-at', 'mine']);
    expect(others).toContain('run');
    expect(others).not.toContain('logs');
    leave();
    const before = heard.length;
    await append(runFinished('looked-at', 'failed'));
    await expect.poll(() => others.filter((type) => type === 'run').length).toBe(2);
    expect(heard).toHaveLength(before);
  }, 60_000);

  test('is told to who was away: what it missed, or to ask for everything again', async () => {
    const { api } = await begin();
    const listener = { run: null, onEvent: () => undefined };
    const { cursor } = await api.answers['/api/workspace']({}, {});
    // Pages from before the console began may have any state.
    const before = await api.since(cursor - 1, listener);
    expect(before.map(({ event }) => event.type)).toContain('statuses');
    expect(await api.since(cursor + 1_000, listener)).toEqual([
      { id: cursor, event: { type: 'definitions', revision: 1 } },
    ]);
  }, 60_000);

  test('makes assets stand otherwise, and pages hear of those that do', async () => {
    const { heard, types } = await begin();
    await lab.run('makes-one', ['one']);
    await expect.poll(types).toContain('statuses');
    const statuses = heard.flatMap(({ event }) => (event.type === 'statuses' ? [event.statuses] : []));
    expect(statuses.at(-1)).toMatchObject({ 'lab/one': { statuses: ['fresh'] } });
    expect(statuses.flatMap(Object.keys)).not.toContain('shop/sales');
  }, 60_000);

  test('is said of definitions that are edited, broken or not', async () => {
    const { heard, types } = await begin();
    lab.edit("'A number.'", "' '");
    await expect.poll(types).toContain('problem');
    lab.edit("' '", "'Another number.'");
    await expect.poll(types).toContain('definitions');
    const problems = heard.flatMap(({ event }) => (event.type === 'problem' ? [event.problem?.code] : []));
    expect(problems).toEqual(['ASSET_DESCRIPTION_MISSING', undefined]);
  }, 60_000);
});

describe('a history that is deleted while the console serves', () => {
  const runsOf = async (api: WorkspaceApi) => (await api.answers['/api/runs']({}, {})).map(({ id }) => id);

  test.each([
    ['with its folder', () => rmSync(dirname(historyPath(lab.root)), { recursive: true })],
    ['alone', () => rmSync(historyPath(lab.root))],
  ])(
    '%s, is shown as the new one: pages ask again, and hear of what runs after it',
    async (_, remove) => {
      await append(runStarted('before'), line('before', 'old'));
      const { api, heard, types } = await begin('after');
      expect(await runsOf(api)).toContain('before');
      remove();
      await expect.poll(types, { timeout: 10_000 }).toContain('definitions');
      expect(await runsOf(api)).toEqual([]);
      await append(runStarted('after'), line('after', 'new'));
      await expect
        .poll(() => heard.flatMap(({ event }) => (event.type === 'logs' ? event.lines : [])), {
          timeout: 10_000,
        })
        .toMatchObject([{ message: 'new' }]);
      expect(await runsOf(api)).toEqual(['after']);
    },
    60_000,
  );
});
