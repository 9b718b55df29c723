import { mkdirSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { absolute, lockPath } from '@nx-assets/storage/records';

/** Something that nobody else has until it is given back. */
export interface Lock {
  release(): void;
}

/** Locks that everybody shares who works on the same assets: runs, and the processes of a run. */
export interface Locks {
  /**
   * Waits for one of `size` places under a name. A place is free again as soon as its owner releases it or ends, however
   * it ends. Rejects when the signal aborts.
   */
  take(name: string, size: number, signal: AbortSignal): Promise<Lock>;
}

/** Between two attempts to get a place that others have. Milliseconds. */
const PAUSE = 100;

/** The locks of a workspace on one machine: each place is a lock that SQLite holds on an empty file. */
export const localLocks = (root: string): Locks => ({
  async take(name, size, signal) {
    const sqlite = await import('node:sqlite').catch(() => null);
    // Node without node:sqlite: places are shared within a process there, by who asks for them.
    if (!sqlite) return { release: () => undefined };
    const paths = Array.from({ length: size }, (_, place) => absolute(root, lockPath(name, place)));
    for (;;) {
      for (const path of paths) {
        const release = tryLock(sqlite.DatabaseSync, path);
        if (release) return { release };
      }
      await sleep(PAUSE, undefined, { signal });
    }
  },
});

/** Gives what lets go of the lock; `null` where somebody else has it. */
function tryLock(Database: typeof DatabaseSync, path: string): (() => void) | null {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new Database(path);
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    let isHeld = true;
    return () => {
      if (isHeld) held.close();
      isHeld = false;
    };
  } catch (error) {
    database?.close();
    // A disk that takes no lock stops no step: what is written is whole without one.
    return isBusy(error) ? null : () => undefined;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
