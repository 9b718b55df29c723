import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * SQLite replays the log beside a file into it, whichever file that log was written for. So a log that a deleted or
 * replaced history has left (of a process that was killed, or that has not noticed yet) would damage the next one. A
 * note next to the log says which file it belongs to, by its inode; and its own inode, since that of a copy is another.
 */
const notePath = (path: string): string => `${path}.log-of`;

const inodeOf = (path: string): string | null =>
  statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString() ?? null;

/** Whether a file may be opened without the lock: the log next to it, if there is one, is known to be its own. */
export const isLogOwn = (path: string): boolean => notedFile(path) === inodeOf(path);

/**
 * Removes a log, and its index, that belongs to another file than the one at the path. Hold the lock. A log that came
 * together with its file, in a copy of the folder, stays. A process that has the removed one open writes what nobody
 * reads.
 */
export function removeForeignLog(path: string): void {
  const file = statSync(path, { bigint: true, throwIfNoEntry: false });
  const noted = notedFile(path);
  const isOwn = file !== undefined && file.size > 0n && (noted === null || noted === file.ino.toString());
  if (isOwn && inodeOf(`${path}-wal`) !== null) return;
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}

/** Notes that the log is of the file at the path. Hold the lock. */
export function noteLog(path: string): void {
  const file = inodeOf(path);
  if (file === null || notedFile(path) === file) return;
  writeFileSync(notePath(path), '');
  writeFileSync(notePath(path), `${inodeOf(notePath(path))} ${file}`);
}

/** The inode of the file that the log is of; `null` where no note says so, or one that was copied. */
function notedFile(path: string): string | null {
  try {
    const [own, file] = readFileSync(notePath(path), 'utf8').split(' ');
    return own === inodeOf(notePath(path)) ? (file ?? null) : null;
  } catch {
    return null;
  }
}
