import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test, vi } from 'vitest';
import { A, logged, materialized, runStarted, stepStarted } from '../contracts/sample-events.ts';
import { decisions, me, request, tick } from '../contracts/sample-decisions.ts';
import { child, freshPath, open } from './test-support.ts';

const TTL = 1_000;
/** Lines enough to stand in the log for a while, as code for a child. */
const OLD = `Array.from({ length: 200 }, () => (${JSON.stringify(logged({ message: 'old '.repeat(50) }))}))`;
const all = { limit: 1_000 };

/** Another history, closed: a file alone, with one run. */
async function another(runId: string): Promise<string> {
  const path = freshPath();
  const history = await open(path);
  await history.append([runStarted({ runId }), logged({ runId, message: `of ${runId}` })]);
  await history.close();
  return path;
}

/** What people do to a history, each on a path that others have open. */
const WAYS: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  [
    'the folder is removed',
    async (path) => {
      // At once: a writer makes files in a folder that is being emptied, and these go with the others.
      const gone = `${dirname(path)}.gone`;
      renameSync(dirname(path), gone);
      rmSync(gone, { recursive: true, maxRetries: 5 });
    },
  ],
  ['the file is removed', async (path) => rmSync(path)],
  [
    'the file and its log are removed',
    async (path) => {
      rmSync(path);
      rmSync(`${path}-wal`);
    },
  ],
  ['another file takes its place', async (path) => renameSync(await another('other'), path)],
  [
    'another file takes its place, which is open elsewhere',
    async (path) => {
      const other = await another('other');
      const held = await open(other);
      await held.append([logged({ runId: 'other' })]);
      copyFileSync(other, `${other}.copy`);
      renameSync(`${other}.copy`, path);
    },
  ],
];

const integrity = (path: string): unknown => {
  const database = new DatabaseSync(path);
  const found = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  database.close();
  return found;
};

describe.each(WAYS)('while a history is open, %s:', (_, replace) => {
  test('what is written after it is read by whoever has it open, and by whoever comes', async () => {
    const path = freshPath();
    const [writer, reader] = [await open(path), await open(path)];
    await writer.append(Array.from({ length: 500 }, (__, n) => logged({ message: `old ${n} `.repeat(20) })));
    expect(await reader.events(all)).toHaveLength(500);
    await replace(path);
    await writer.append([runStarted({ runId: 'new' }), logged({ runId: 'new', message: 'new' })]);
    const runs = (await reader.runs(all)).map(({ runId }) => runId);
    expect(runs).toContain('new');
    expect(runs).not.toContain('r1');
    expect((await (await open(path)).runs(all)).map(({ runId }) => runId)).toEqual(runs);
    expect(await reader.logs('new', all)).toMatchObject([{ message: 'new' }]);
    expect(await reader.logs('r1', all)).toEqual([]);
    expect(integrity(path)).toBe('ok');
  });

  test('a reader sees the new one before anything is written, and its generation says so', async () => {
    const path = freshPath();
    const history = await open(path);
    await history.append([runStarted(), stepStarted(), materialized()]);
    const before = [await history.generation(), await history.stamp()];
    await replace(path);
    expect((await history.runs(all)).map(({ runId }) => runId)).not.toContain('r1');
    expect(await history.lastMaterializations([A])).toEqual(new Map());
    expect(before[0]).toBe(0);
    expect(await history.generation()).toBe(1);
    expect(await history.stamp()).not.toBe(before[1]);
  });

  test('automation leads and decides in the new one', async () => {
    const path = freshPath();
    const { ledger } = await open(path);
    const old = await ledger.acquireLease('one', me, 0, TTL);
    if (!old) throw new Error('Nobody leads.');
    await ledger.commit(old, decisions({ states: new Map([['lab/a', 1]]), ticks: [tick()] }), 1, TTL);
    await replace(path);
    expect(await ledger.states()).toEqual(new Map());
    expect(await ledger.currentLease()).toBeNull();
    expect(await ledger.commit(old, decisions({ requests: [request('lab/a@1')] }), 2, TTL)).toBe(false);
    const lease = await ledger.acquireLease('one', me, 3, TTL);
    expect(lease).toEqual({ epoch: 1, owner: 'one' });
    if (!lease) return;
    expect(await ledger.commit(lease, decisions({ requests: [request('lab/a@1')] }), 4, TTL)).toBe(true);
    expect(await (await open(path)).ledger.openRequests()).toMatchObject([{ id: 'lab/a@1' }]);
  });

  test('a process that writes all the time goes on in the new one, and harms nothing in it', async () => {
    const path = freshPath();
    const history = await open(path);
    const writer = child(`
      const log = await openHistory(${JSON.stringify(path)});
      const line = ${JSON.stringify(logged())};
      let isOver = false;
      go.then(() => (isOver = true));
      for (let i = 0; !isOver; i++) {
        await log.append(Array.from({ length: 20 }, () => ({ ...line, message: String(i).repeat(50) })));
        if (i === 20) console.log('ready');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    `);
    await writer.ready;
    await replace(path);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await history.append([logged({ runId: 'mine', message: 'mine' })]);
    writer.go();
    await writer.done;
    const fresh = await open(path);
    expect((await fresh.runs(all)).map(({ runId }) => runId)).toEqual(expect.arrayContaining(['mine', 'r1']));
    expect(await fresh.logs('mine', all)).toMatchObject([{ message: 'mine' }]);
    expect(integrity(path)).toBe('ok');
  }, 30_000);
});

test('a process that writes all the time goes on, however often the folder is removed', async () => {
  const path = freshPath();
  const writer = child(`
    const log = await openHistory(${JSON.stringify(path)});
    console.log('ready');
    let isOver = false;
    go.then(() => (isOver = true));
    while (!isOver) {
      await log.append([${JSON.stringify(logged())}]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await log.append([${JSON.stringify(logged({ message: 'last' }))}]);
  `);
  await writer.ready;
  for (let i = 0; i < 20; i++) {
    rmSync(dirname(path), { recursive: true, force: true, maxRetries: 20, retryDelay: 1 });
    await new Promise((resolve) => setTimeout(resolve, 150 + i));
  }
  writer.go();
  await writer.done;
  expect(integrity(path)).toBe('ok');
  const logs = await (await open(path)).logs('r1', all);
  expect(logs.at(-1)).toMatchObject({ message: 'last' });
}, 30_000);

test('a log that was cut short under an open history is set aside with it, and all go on in a new one', async () => {
  const path = freshPath();
  const writer = child(`
    const log = await openHistory(${JSON.stringify(path)});
    await log.append(${OLD});
    console.log('ready');
    await go;
    await log.append([${JSON.stringify(logged({ runId: 'writer', message: 'writer' }))}]);
  `);
  await writer.ready;
  truncateSync(`${path}-wal`, 0);
  const history = await open(path);
  expect(history.notice).toMatch(/\.corrupt-/);
  await history.append([logged({ runId: 'mine', message: 'mine' })]);
  writer.go();
  await writer.done;
  expect((await history.runs(all)).map(({ runId }) => runId).sort()).toEqual(['mine', 'writer']);
  expect(integrity(path)).toBe('ok');
}, 30_000);

test('who watches is called for the new one, also in a folder that was made anew', async () => {
  const path = freshPath();
  const [follower, writer] = [await open(path), await open(path)];
  const listener = vi.fn();
  const stop = await follower.watch(listener);
  rmSync(dirname(path), { recursive: true });
  await writer.append([logged()]);
  // The slow way comes first.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  listener.mockClear();
  await writer.append([logged()]);
  await vi.waitFor(() => expect(listener).toHaveBeenCalled(), { timeout: 1_000 });
  await stop();
}, 20_000);

test('a log that a killed process left is not replayed into a file that took the place of its own', async () => {
  const path = freshPath();
  const writer = child(`
    const log = await openHistory(${JSON.stringify(path)});
    await log.append(${OLD});
    console.log('ready');
    await go;
  `);
  await writer.ready;
  writer.kill();
  await writer.done.catch(() => undefined);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  renameSync(await another('other'), path);
  const history = await open(path);
  expect((await history.runs(all)).map(({ runId }) => runId)).toEqual(['other']);
  expect(await history.logs('other', all)).toMatchObject([{ message: 'of other' }]);
  expect(integrity(path)).toBe('ok');
});

test('the log of a folder that was copied as it stood is kept', async () => {
  const [path, copy] = [freshPath(), await another('other')];
  const history = await open(path);
  await history.append([runStarted({ runId: 'last' })]);
  expect(existsSync(`${path}-wal`)).toBe(true);
  // As a copy of the whole folder: new inodes, all of them.
  const contents = ['', '-wal', '.log-of'].map(
    (suffix) => [suffix, readFileSync(`${path}${suffix}`)] as const,
  );
  rmSync(dirname(copy), { recursive: true });
  mkdirSync(dirname(copy));
  for (const [suffix, bytes] of contents) writeFileSync(`${copy}${suffix}`, bytes);
  expect((await (await open(copy)).runs(all)).map(({ runId }) => runId)).toEqual(['last']);
});
