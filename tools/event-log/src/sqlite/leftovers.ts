import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * SQLite replays the log beside a file into it, whichever file that log was written for. So a log that a deleted or
 * replaced history has left (of a process that was killed, or that has not noticed yet) would damage the next one. A
 * note next to the log says which file it belongs to, by their inodes.
 */
const notePath = (path: string): string => `${path}.log-of`;

export const inodeOf = (path: string): string | null =>
  statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString() ?? null;

/** Whether a file may be opened without the lock: the log next to it, if there is one, is known to be its own. */
export const isLogOwn = (path: string): boolean => {
  const { of } = readNote(path);
  return of !== null && of === inodeOf(path);
};

/**
 * Removes a log, and its index, that belongs to another file than the one at the path. Hold the lock. A log that came
 * together with its file, in a copy of the folder, stays. A process that has the removed one open writes what nobody
 * reads.
 */
export function removeForeignLog(path: string): void {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  const [log, note] = [inodeOf(`${path}-wal`), readNote(path)];
  const isOwn =
    file !== undefined &&
    file.size > 0n &&
    log !== null &&
    (log !== note.log || note.of === file.ino.toString());
  if (isOwn) return;
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

/** Notes that the log is of the file that was opened, which has that inode. */
export function noteLog(path: string, file: string | null): void {
  const log = inodeOf(`${path}-wal`);
  const note = readNote(path);
  if (file === null || (note.log === log && note.of === file)) return;
  writeFileSync(notePath(path), `${log ?? ''} ${file}`);
}

function readNote(path: string): { readonly log: string | null; readonly of: string | null } {
  try {
    const [log = '', of = ''] = readFileSync(notePath(path), 'utf8').split(' ');
    return { log: log || null, of: of || null };
  } catch {
    return { log: null, of: null };
  }
}
