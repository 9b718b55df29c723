import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assetKey } from '@nx-assets/core';
import type { History, LogEvent } from '@nx-assets/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findHistory, findRun, fromHistory, historyPath, openHistory, seenBy } from './history.ts';

const root = mkdtempSync(join(tmpdir(), 'history-'));
const empty = mkdtempSync(join(tmpdir(), 'history-empty-'));
afterAll(() => {
  rmSync(root, { recursive: true });
  rmSync(empty, { recursive: true });
});

const runEvents = (runId: string, at: number): LogEvent[] => [
  {
    ...{ type: 'run-started', runId, at, command: ['nx'], requested: [assetKey('lab', 'a')] },
    ...{ pid: process.pid, host: 'here' },
  },
  { type: 'run-finished', runId, at: at + 10, status: 'succeeded' },
];

describe('a run', () => {
  let history: History;
  beforeAll(async () => {
    history = await openHistory(root);
    await history.append([
      ...runEvents('abc-1', 1000),
      ...runEvents('abc-2', 2000),
      ...runEvents('abc', 3000),
      ...runEvents('xyz-1', 500),
    ]);
  });
  afterAll(() => history.close());

  test.each([
    ['last', 'abc'],
    ['xyz-1', 'xyz-1'],
    ['x', 'xyz-1'],
    ['abc-2', 'abc-2'],
    // A whole id, though others begin with it.
    ['abc', 'abc'],
  ])('%s is %s', async (text, runId) => {
    expect((await findRun(history, text)).runId).toBe(runId);
  });

  test.each([
    ['abc-', '2 runs begin with abc-.'],
    ['nope', 'There is no run nope.'],
    ['', 'There is no run "".'],
  ])('"%s" is none: %s', async (text, facts) => {
    await expect(findRun(history, text)).rejects.toMatchObject({ code: 'COMMAND_INVALID', facts });
  });

  test('is none in a history without runs', async () => {
    const other = await openHistory(empty);
    await expect(findRun(other, 'last')).rejects.toMatchObject({ facts: 'There is no run last.' });
    await other.close();
    rmSync(dirname(historyPath(empty)), { recursive: true });
  });

  test('is none where there is no history', async () => {
    for (const text of ['last', 'x', ''])
      await expect(findRun(null, text)).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });

  test('is named by no empty text, where there is only one either', async () => {
    const other = await openHistory(empty);
    await other.append(runEvents('only', 1000));
    expect((await findRun(other, 'o')).runId).toBe('only');
    await expect(findRun(other, '')).rejects.toMatchObject({ facts: 'There is no run "".' });
    await other.close();
    rmSync(dirname(historyPath(empty)), { recursive: true });
  });
});

describe('what the history says', () => {
  const runIds = (folder: string) =>
    fromHistory(folder, async (history) => (await history.runs({ limit: 2 })).map(({ runId }) => runId), [
      'nothing',
    ]);

  test('is what it holds', async () => {
    expect(await runIds(root)).toEqual(['abc', 'abc-2']);
  });

  test('is something else where there is none, and none begins by that', async () => {
    expect(await runIds(empty)).toEqual(['nothing']);
    expect(await findHistory(empty)).toBeNull();
    expect(existsSync(historyPath(empty))).toBe(false);
  });

  test('is something else where reading it fails', async () => {
    const failing = () => Promise.reject(new Error('no such column'));
    expect(await fromHistory(root, failing, 'otherwise')).toBe('otherwise');
    // It was closed all the same, and opens again.
    expect(await runIds(root)).toEqual(['abc', 'abc-2']);
  });

  test('is something else where it cannot be opened', async () => {
    mkdirSync(join(empty, 'var/runs.db'), { recursive: true });
    const plugins = [{ plugin: 'nx-assets', options: { history: 'var/runs.db' } }];
    writeFileSync(join(empty, 'nx.json'), JSON.stringify({ plugins }));
    expect(await runIds(empty)).toEqual(['nothing']);
    rmSync(join(empty, 'nx.json'));
  });

  test('is there to be found where a history is', async () => {
    const history = await findHistory(root);
    expect((await history?.run('xyz-1'))?.status).toBe('succeeded');
    await history?.close();
  });
});

test.each([
  [
    { seen: { rows: 3 }, rows: [{ id: 1 }] },
    { facts: { rows: 3 }, rows: [{ id: 1 }] },
  ],
  // A fact may be called like anything.
  [{ seen: { seen: 1 } }, { facts: { seen: 1 }, rows: [] }],
  [{}, { facts: {}, rows: [] }],
  [null, { facts: {}, rows: [] }],
])('a check that kept %j saw %j', (facts, seen) => {
  expect(seenBy({ facts })).toEqual(seen);
});
