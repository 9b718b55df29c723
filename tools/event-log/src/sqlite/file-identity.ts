import { statSync } from 'node:fs';

/** Which file stands at a path: its device and its inode. `null` where there is none, or none that can be seen. */
export function fileIdentity(path: string): string | null {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats ? `${stats.dev}:${stats.ino}` : null;
  } catch {
    return null; // opening it says why
  }
}
