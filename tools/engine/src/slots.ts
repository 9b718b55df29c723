import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { absolute, slotPath } from '@nx-assets/storage/records';

/** Between two looks at slots that others have. Milliseconds. */
const PAUSE = 100;

/** Gives a place in a pool back. */
type Release = () => void;

/**
 * Waits for one of the places of a pool, which all processes of a workspace share: two runs at once, and the processes of
 * one that has a process for each step. A place is a lock that SQLite holds on a file, so it is free as soon as the process
 * that has it ends, however it ends. Rejects when the signal aborts.
 */
export async function takeSlot(
  root: string,
  pool: string,
  size: number,
  signal: AbortSignal,
): Promise<Release> {
  const sqlite = await import('node:sqlite').catch(() => null);
  if (!sqlite) return () => undefined; // an older Node: pools hold within a process there
  for (;;) {
    for (let slot = 0; slot < size; slot++) {
      const path = absolute(root, slotPath(pool, slot));
      mkdirSync(dirname(path), { recursive: true });
      const lock = new sqlite.DatabaseSync(path);
      try {
        lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
        return () => lock.close();
      } catch {
        lock.close(); // somebody has it
      }
    }
    await sleep(PAUSE, undefined, { signal });
  }
}
