import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import type { History, LogEvent } from '@nx-assets/event-log';
import { historyPath, openHistory } from '@nx-assets/workspace/history';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HistoryFollower } from './follow.ts';

const line = (message: string): LogEvent => ({
  ...{ type: 'log', at: 1, runId: 'r1', key: 'lab/a' as AssetKey, partition: null },
  ...{ level: 'info', message },
});

async function begin() {
  const root = mkdtempSync(join(tmpdir(), 'follow-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const seen: string[] = [];
  const other = vi.fn();
  const replaced = vi.fn(async () => undefined);
  const write = async (use: (history: History) => Promise<unknown>) => {
    const history = await openHistory(root);
    await use(history);
    await history.close();
  };
  await write((history) => history.append([line('before')]));
  const follower = await HistoryFollower.open(root, {
    events: async ({ events }) =>
      void seen.push(...events.map(({ event }) => (event.type === 'log' ? event.message : event.type))),
    other,
    replaced,
  });
  onTestFinished(() => follower.close());
  return { root, follower, seen, other, replaced, write };
}

test('tells what others write after it began, once and in order', async () => {
  const { follower, seen, write } = await begin();
  await write((history) => history.append([line('one'), line('two')]));
  await expect.poll(() => seen).toEqual(['one', 'two']);
  await write((history) => history.append([line('three')]));
  await follower.read();
  expect(seen).toEqual(['one', 'two', 'three']);
  expect(follower.cursor).toBe(4);
});

test('tells apart what automation has decided', async () => {
  const { follower, seen, other, write } = await begin();
  await write(({ ledger }) => ledger.acquireLease('one', { pid: 1, host: 'h', start: null }, 0, 1_000));
  await follower.read();
  expect(other).toHaveBeenCalled();
  expect(seen).toEqual([]);
});

test('follows the new history where the old one was removed', async () => {
  const { root, follower, seen, replaced, write } = await begin();
  rmSync(dirname(historyPath(root)), { recursive: true });
  await write((history) => history.append([line('anew')]));
  await follower.read();
  expect(seen).toEqual(['anew']);
  expect(replaced).toHaveBeenCalledOnce();
  await write((history) => history.append([line('and on')]));
  await expect.poll(() => seen).toEqual(['anew', 'and on']);
});
