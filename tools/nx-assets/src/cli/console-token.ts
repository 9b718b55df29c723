import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newToken } from '@nx-assets/console';
import { STATE } from '@nx-assets/storage/records';

/**
 * The token that signs browsers in to the console of a workspace. It is kept, so that pages stay signed in when the console
 * is started again, in a file that only its owner can read.
 */
export function consoleToken(root: string): string {
  const path = join(root, STATE, 'console-token');
  try {
    const { mode, uid } = statSync(path);
    const isPrivate = (mode & 0o077) === 0 && (process.getuid === undefined || uid === process.getuid());
    const kept = isPrivate ? readFileSync(path, 'utf8') : '';
    if (/^[\w-]{32}$/.test(kept)) return kept;
  } catch {
    // There is none yet.
  }
  const token = newToken();
  const temporary = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, token, { mode: 0o600 });
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
  return token;
}
