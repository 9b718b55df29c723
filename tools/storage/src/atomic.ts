import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AssetError } from '@nx-assets/core/data';

let counter = 0;

/** A path beside `path` that no other process uses, on the same disk, so that a rename can replace it. */
export function temporaryBeside(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return join(dirname(path), `.${basename(path)}.tmp-${process.pid}-${counter++}`);
}

/** Moves a finished temporary file into place: after a crash there is the old file or the new one. */
export function moveIntoPlace(temporary: string, path: string): void {
  const file = openSync(temporary, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** Writes a small file beside its place, and gives the temporary path. `mode`: who may read it; default: as others. */
export function writeBeside(path: string, content: string | Uint8Array, mode?: number): string {
  const temporary = temporaryBeside(path);
  try {
    writeFileSync(temporary, content, { mode });
    return temporary;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error);
  }
}

/** Writes a small file as a whole or not at all. */
export function writeAtomic(path: string, content: string | Uint8Array, mode?: number): void {
  const temporary = writeBeside(path, content, mode);
  try {
    moveIntoPlace(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw cannotWrite(path, error);
  }
}

export const cannotWrite = (path: string, cause: unknown): AssetError =>
  new AssetError('STORAGE_WRITE_FAILED', `${path} cannot be written (${(cause as Error).message}).`, {
    cause,
  });

/** What a system says of a file that it does not let be written. */
const REFUSALS = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM']);

/**
 * Whether a disk refused to take a value, which is no fault of the function that wrote it. The system names a file that
 * it does not open, and none when there is no room; files elsewhere are the business of whoever opens them.
 */
export function isRefusedByDisk(error: unknown, places: readonly string[]): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '', path } = error as NodeJS.ErrnoException;
  if (path === undefined) return code === 'ENOSPC' || code === 'EDQUOT';
  return REFUSALS.has(code) && places.some((place) => path.startsWith(place));
}

/** Removes what killed processes left beside `path`. Files of living processes stay. */
export function sweepTemporaries(path: string): void {
  const prefix = `.${basename(path)}.tmp-`;
  for (const name of list(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const pid = Number(name.slice(prefix.length).split('-')[0]);
    if (pid !== process.pid && !isAlive(pid)) rmSync(join(dirname(path), name), { force: true });
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A killed process answers signals until its parent has asked for it; in containers often nobody does. */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no /proc on this system
  }
}

// A rename is only durable once its folder is on disk. Some file systems refuse to open a folder: their loss.
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return;
  }
}
