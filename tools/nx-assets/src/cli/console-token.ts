import { readFileSync, statSync } from 'node:fs';
import { newToken } from '@nx-assets/console';
import { absolute, CONSOLE_TOKEN, writeAtomic } from '@nx-assets/storage/records';

/**
 * The token that signs browsers in to the console of a workspace. It is kept, so that pages stay signed in when the console
 * is started again, in a file that only its owner can read.
 */
export function consoleToken(root: string): string {
  const path = absolute(root, CONSOLE_TOKEN);
  const kept = keptToken(path);
  if (kept !== null) return kept;
  const token = newToken();
  try {
    writeAtomic(path, token, 0o600);
  } catch {
    // A disk that takes nothing: the token lasts as long as the server.
  }
  return token;
}

function keptToken(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  const isPrivate = stats && (stats.mode & 0o077) === 0 && stats.uid === process.getuid?.();
  const kept = isPrivate ? readFileSync(path, 'utf8') : '';
  return /^[\w-]{32}$/.test(kept) ? kept : null;
}
