import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { AssetError } from '@nx-assets/core';
import { fileIdentity } from './file-identity.ts';

/** How many migrations there are. Kept in the file as `user_version`, which is read without the query builder. */
export const SCHEMA_VERSION = 3;

/** A file that could not be read, and where it is now. */
export interface SetAside {
  readonly path: string;
  readonly problem: string;
}

/** Opens a file: one that is there, or, by `rwc`, makes one. A file that is gone must not come back empty. */
export function connect(path: string, mode: 'rw' | 'rwc' = 'rw'): DatabaseSync {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', mode);
  const database = new DatabaseSync(url, { timeout: 10_000 });
  try {
    // NORMAL: a power cut may take the last transactions, but never half of one.
    database.exec('PRAGMA synchronous = NORMAL');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The schema of a file, 0 for an empty one. Throws where the file is corrupt, as far as one can see at a glance. */
export function schemaVersion(database: DatabaseSync, path: string): number {
  const version = Number(Object.values(database.prepare('PRAGMA user_version').get() ?? {})[0]);
  if (version > SCHEMA_VERSION) {
    throw new AssetError(
      'HISTORY_UNREADABLE',
      `${path} has schema ${version}, and this version of Nx Assets knows up to ${SCHEMA_VERSION}.`,
    );
  }
  if (version > 0) {
    database.prepare('select max(id) from runs').get();
    database.prepare('select max(id) from events').get();
  }
  return version;
}

/** Runs `work` in one write transaction. IMMEDIATE: to read first and lock later fails when another has written since. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // Some errors have rolled back already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the bytes are wrong, and no retry will help. */
export function isCorrupt(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  return code === 11 || code === 26;
}

/** SQLITE_IOERR_SHORT_READ: the file, or its log, ends before what its index says is in it. */
export const isCutShort = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && Number(error.errcode) === 522;

/**
 * SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY_DBMOVED, and what Node says of a file that is not there: what happens to
 * who opens a file while somebody removes it, or its folder.
 */
export function isGone(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('errcode' in error) {
    const code = Number(error.errcode);
    return [10, 14].includes(code & 0xff) || code === 1032;
  }
  return 'code' in error && error.code === 'ENOENT';
}

/** SQLITE_BUSY: another process writes, and has for as long as one waits. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
}

/**
 * A lock among processes, for what SQLite does not lock itself: to create a file and to replace one. It is the lock of
 * an empty database, so it ends with its process, however that ends. Close it to let go.
 */
export function lock(path: string): DatabaseSync {
  const database = new DatabaseSync(`${path}.lock`, { timeout: 60_000 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Moves a corrupt file away. Hold the lock. `seen` is the file that was found corrupt: where another stands there by
 * now, somebody else has done it. The log goes first: a new file must never meet an old log.
 */
export function setAside(path: string, seen: string | null, problem: string): SetAside | null {
  if (seen === null || fileIdentity(path) !== seen) return null;
  const target = `${path}.corrupt-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['-wal', '-shm', '']) {
    try {
      renameSync(`${path}${suffix}`, `${target}${suffix}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return { path: target, problem };
}
