import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { historyContract } from '../contracts/index.ts';
import { everything } from '../contracts/sample-events.ts';
import { openSqliteHistory } from './index.ts';
import { freshPath, open } from './test-support.ts';

historyContract('a history in SQLite', () => {
  const path = freshPath();
  return () => openSqliteHistory(path);
});

test('holds nothing of the environment', async () => {
  const path = freshPath();
  process.env['EVENT_LOG_TEST'] = 'a-secret-value';
  const history = await open(path);
  await history.append(everything);
  await history.close();
  delete process.env['EVENT_LOG_TEST'];
  expect(readFileSync(path).includes('a-secret-value')).toBe(false);
});

test('what is appended is in the file before anybody waits for it', async () => {
  const path = freshPath();
  const [history, reader] = [await open(path), await open(path)];
  const appended = history.append(everything);
  expect(await reader.lastEvent()).toBe(everything.length);
  await appended;
});
