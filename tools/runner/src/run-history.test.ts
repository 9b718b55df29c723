import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import { openHistory } from '@nx-assets/workspace/history';
import { runContext } from '@nx-assets/workspace/run-context';
import { expect, onTestFinished, test } from 'vitest';
import { RunHistory } from './run-history.ts';

const key = 'lab/a' as AssetKey;

async function begin() {
  const root = mkdtempSync(join(tmpdir(), 'run-history-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const run = await RunHistory.open(runContext(root), 'r1');
  onTestFinished(() => run.close());
  const reader = await openHistory(root);
  onTestFinished(() => reader.close());
  const log = (message: string) => run.record({ type: 'log', key, partition: null, level: 'info', message });
  const messages = async () => (await reader.logs('r1', { limit: 9_999 })).map(({ message }) => message);
  return { run, log, messages };
}

const lines = Array.from({ length: 500 }, (_, n) => `${n}`);

test('what is recorded is kept in order, and all of it before the end', async () => {
  const { run, log, messages } = await begin();
  lines.forEach(log);
  await run.end('succeeded', [], 9);
  expect(await messages()).toEqual(lines);
});

test('what is recorded is kept before the history closes', async () => {
  const { run, log, messages } = await begin();
  lines.forEach(log);
  await run.close();
  expect(await messages()).toEqual(lines);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7])(
  'what is recorded %i microtasks after another is kept too',
  async (gap) => {
    const { run, log, messages } = await begin();
    log('one');
    for (let waited = 0; waited < gap; waited++) await Promise.resolve();
    log('two');
    await run.flush();
    expect(await messages()).toEqual(['one', 'two']);
  },
);

test('the first event is kept before anybody waits', async () => {
  const { log, messages } = await begin();
  log('one');
  expect(await messages()).toEqual(['one']);
});
