import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { logged, runFinished, runStarted } from '../contracts/sample-events.ts';
import { SCHEMA_VERSION } from './database.ts';
import { openSqliteHistory } from './index.ts';
import { freshPath, open } from './test-support.ts';

const names = (path: string) => readdirSync(dirname(path)).sort();

/** A file with events in it, closed. */
async function written(): Promise<string> {
  const path = freshPath();
  const log = await open(path);
  await log.append(Array.from({ length: 500 }, (_, n) => logged({ message: `line ${n} `.repeat(20) })));
  await log.close();
  return path;
}

test('a new file is in WAL mode, can shrink, and leaves no log next to it when closed', async () => {
  const path = await written();
  const database = new DatabaseSync(path);
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(database.prepare('PRAGMA auto_vacuum').get()).toEqual({ auto_vacuum: 2 });
  database.close();
  expect(names(path)).toEqual(['history.db', 'history.db.lock', 'history.db.log-of']);
  const again = await open(path);
  expect(await again.events({ limit: 1000 })).toHaveLength(500);
  await again.close();
  await again.close();
});

test('an empty file is a new history', async () => {
  const path = freshPath();
  mkdirSync(dirname(path));
  writeFileSync(path, '');
  const log = await open(path);
  expect(log.setAside).toBe(null);
  await log.append([logged()]);
});

test('a file that a killed process has only begun is finished', async () => {
  const path = freshPath();
  mkdirSync(dirname(path));
  const database = new DatabaseSync(path);
  database.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
  database.close();
  const log = await open(path);
  await log.append([logged()]);
  expect(await log.events({ limit: 9 })).toHaveLength(1);
});

describe('a corrupt file is set aside, and a new one begun', () => {
  test.each([
    [
      'text',
      (path: string) =>
        writeFileSync(path, 'this is no database, and long enough to look like one'.repeat(99)),
    ],
    ['cut off', (path: string) => truncateSync(path, 10_000)],
    [
      'a page of zeros',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0, 100, 4096);
        writeFileSync(path, bytes);
      },
    ],
  ])('%s', async (_, spoil) => {
    const path = await written();
    spoil(path);
    const spoilt = readFileSync(path);
    const log = await open(path);
    expect(log.setAside?.path).toMatch(/history\.db\.corrupt-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z$/);
    expect(log.setAside?.problem).toMatch(/malformed|not a database/);
    expect(readFileSync(log.setAside?.path ?? '')).toEqual(spoilt);
    await log.append([runStarted(), runFinished()]);
    expect(await log.runs({ limit: 9 })).toHaveLength(1);
    expect((await open(path)).setAside).toBe(null);
  });

  test('with its log, so that the new one does not meet it', async () => {
    const path = await written();
    const holder = new DatabaseSync(path);
    holder.exec(
      `insert into runs (run_id, started_at, command, requested, pid, host) values ('x', 1, '', '', 1, '')`,
    );
    expect(existsSync(`${path}-wal`)).toBe(true);
    // As after a crash: the log stays where it is.
    copyFileSync(`${path}-wal`, `${path}.kept`);
    holder.close();
    copyFileSync(`${path}.kept`, `${path}-wal`);
    writeFileSync(path, 'x'.repeat(9000));
    const log = await open(path);
    expect(log.setAside).not.toBe(null);
    expect(existsSync(`${log.setAside?.path}-wal`)).toBe(true);
    expect(await log.runs({ limit: 9 })).toEqual([]);
  });

  test('when it turns out later, on the next opening', async () => {
    const path = await written();
    const bytes = readFileSync(path);
    // Everything but what opening looks at: the first page, and the roots and right edges of two tables.
    const database = new DatabaseSync(path);
    const root = database
      .prepare(`select rootpage as root from sqlite_schema where name = 'events_of_run'`)
      .get();
    database.close();
    bytes.fill(0xff, 4096 * (Number(root?.['root']) - 1), 4096 * Number(root?.['root']));
    writeFileSync(path, bytes);
    const log = await open(path);
    expect(log.setAside).toBe(null);
    await expect(log.append([logged()])).rejects.toThrow(
      expect.objectContaining({ code: 'HISTORY_UNREADABLE' }) as Error,
    );
    expect(names(path).filter((name) => name.includes('.corrupt-'))).toHaveLength(1);
    await expect(log.append([logged()])).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_WRITE_FAILED' }) as Error,
    );
    const next = await open(path);
    await next.append([logged()]);
    expect(await next.events({ limit: 9 })).toHaveLength(1);
  });
});

test('a file of a newer version is refused, and left alone', async () => {
  const path = await written();
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const before = readFileSync(path);
  await expect(openSqliteHistory(path)).rejects.toMatchObject({
    code: 'HISTORY_UNREADABLE',
    facts: `${path} has schema 99, and this version of Nx Assets knows up to ${SCHEMA_VERSION}.`,
  });
  expect(readFileSync(path)).toEqual(before);
});

test('a place where no file can be', async () => {
  const path = freshPath();
  mkdirSync(path, { recursive: true });
  await expect(openSqliteHistory(path)).rejects.toMatchObject({ code: 'STORAGE_WRITE_FAILED' });
  writeFileSync(join(path, 'file'), '');
  await expect(openSqliteHistory(join(path, 'file', 'history.db'))).rejects.toMatchObject({
    code: 'STORAGE_WRITE_FAILED',
  });
});
