import { mkdirSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { absolute, slotPath } from '@nx-assets/storage/records';

/** Between two looks at slots that others have. Milliseconds. */
const PAUSE = 100;

/** A place that one has until one gives it back. */
export interface Slot {
  release(): void;
}

/**
 * Waits for one of several places, which all processes of a workspace share: two runs at once, and the processes of a
 * run that has one for each step. A place is a lock that SQLite holds on an empty file, so it is free as soon as the
 * process that has it ends, however it ends. Rejects when the signal aborts.
 */
export async function takeSlot(root: string, name: string, size: number, signal: AbortSignal): Promise<Slot> {
  const sqlite = await import('node:sqlite').catch(() => null);
  // An older Node: places are shared within a process there, by who asks for them.
  if (!sqlite) return { release: () => undefined };
  const paths = Array.from({ length: size }, (_, slot) => absolute(root, slotPath(name, slot)));
  for (;;) {
    for (const path of paths) {
      const lock = tryLock(sqlite.DatabaseSync, path);
      if (lock) return { release: lock };
    }
    await sleep(PAUSE, undefined, { signal });
  }
}

/** Gives what lets go of the lock; `null` where somebody else has it. */
function tryLock(Database: typeof DatabaseSync, path: string): (() => void) | null {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new Database(path);
    database.exec('BEGIN EXCLUSIVE');
    const held = database;
    return () => held.close();
  } catch (error) {
    database?.close();
    // A disk that takes no lock stops no step: what is written is whole without one.
    return isBusy(error) ? null : () => undefined;
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;
