import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError } from '@nx-assets/core';
import {
  connect,
  isCorrupt,
  isCutShort,
  isGone,
  lock,
  SCHEMA_VERSION,
  schemaVersion,
  setAside,
  type SetAside,
} from './database.ts';
import { fileIdentity } from './file-identity.ts';
import { isLogOwn, noteLog, removeForeignLog } from './leftovers.ts';

export interface Opened {
  readonly database: DatabaseSync;
  readonly setAside: SetAside | null;
}

/** How often to begin again where the folder or the file is removed just while it is being opened. */
const ATTEMPTS = 20;
/** From which attempt on a file or log that ends too early is taken for damaged: nobody is just about to write the rest. */
const IMPATIENT = 12;

/** Opens the file, makes it where there is none, and moves it aside where it is corrupt. */
export async function openDatabase(path: string): Promise<Opened> {
  for (let attempt = 1; ; attempt++) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      return await openOnce(path, attempt < IMPATIENT ? isCorrupt : isDamaged);
    } catch (error) {
      if (isGone(error) && attempt < ATTEMPTS) {
        await sleep(attempt * 4);
        continue;
      }
      if (error instanceof AssetError) throw error;
      const facts = `The history ${path} cannot be opened (${(error as Error).message}).`;
      throw new AssetError('STORAGE_WRITE_FAILED', facts, { cause: error });
    }
  }
}

type IsWrong = (error: unknown) => boolean;

/** Corrupt, or torn: where a removal came between the steps of an opening, a log may be left that is not whole. */
const isDamaged: IsWrong = (error) => isCorrupt(error) || isCutShort(error);

async function openOnce(path: string, isWrong: IsWrong): Promise<Opened> {
  if (existsSync(path) && isLogOwn(path)) {
    // What nearly every call finds: a file that is ready.
    const found = probe(path, isWrong);
    if (found.version === SCHEMA_VERSION) return { database: found.database, setAside: null };
    found.database?.close();
  }
  return oneAtATime(() => prepare(path, isWrong));
}

type Probe =
  | { readonly version: number; readonly database: DatabaseSync }
  | { readonly version: 'corrupt'; readonly database: null; readonly problem: string };

function probe(path: string, isWrong: IsWrong): Probe {
  let database: DatabaseSync | undefined;
  try {
    database = connect(path);
    return { version: schemaVersion(database, path), database };
  } catch (error) {
    if (database?.isOpen) database.close();
    if (!isWrong(error)) throw error;
    return { version: 'corrupt', database: null, problem: (error as Error).message };
  }
}

/** Makes the file ready while no other process does. */
async function prepare(path: string, isWrong: IsWrong): Promise<Opened> {
  const held = lock(path);
  try {
    removeForeignLog(path);
    await begin(path);
    const seen = fileIdentity(path);
    const first = probe(path, isWrong);
    if (first.version !== 'corrupt') return await ready(path, first, null);
    const aside = setAside(path, seen, first.problem);
    await begin(path);
    const found = probe(path, isWrong);
    if (found.version === 'corrupt') throw new Error(found.problem);
    return await ready(path, found, aside);
  } finally {
    held.close();
  }
}

async function ready(
  path: string,
  { version, database }: Probe & { readonly database: DatabaseSync },
  setAside: SetAside | null,
): Promise<Opened> {
  if (typeof version === 'number' && version < SCHEMA_VERSION) await upgrade(database);
  noteLog(path);
  return { database, setAside };
}

/**
 * Makes a new file where there is none, or an empty one. It comes whole to its place: SQLite, as it closes a file that is
 * still empty, deletes the log at its path, even if by then the path belongs to a file of somebody else.
 */
async function begin(path: string): Promise<void> {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) return;
  const made = `${path}.${randomUUID()}.new`;
  try {
    const database = connect(made, 'rwc');
    await upgrade(database);
    database.close();
    renameSync(made, path);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${made}${suffix}`, { force: true });
  }
}

async function upgrade(database: DatabaseSync): Promise<void> {
  // Loaded here: the query builder takes longer to load than a file that is ready takes to open.
  const { migrate } = await import('./migrations.ts');
  try {
    // Only an empty file can be given this, and only outside a transaction.
    database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('BEGIN IMMEDIATE');
    await migrate(database);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec('COMMIT');
  } catch (error) {
    database.close();
    throw error;
  }
}

let last: Promise<unknown> = Promise.resolve();

/** Two calls of one process must not wait for each other's lock: waiting stops the whole process. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine.catch(() => undefined);
  return mine;
}
