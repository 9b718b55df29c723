import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import type { DataVersion } from '@nx-assets/core/data';

/** sha256 of a text, hex. */
export const hashText = (text: string): string => hash('sha256', text);

/** One for all files: what reads is synchronous, and a new one for each of many small files is work for the collector. */
const buffer = Buffer.allocUnsafe(1 << 20);

/** sha256 of a file's bytes, hex; `null` where there is no such file, or a folder. Reads 1 MiB at a time. */
export function hashFile(path: string): DataVersion | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const sha256 = createHash('sha256');
    for (let size = readSync(file, buffer); size > 0; size = readSync(file, buffer)) {
      sha256.update(buffer.subarray(0, size));
    }
    return sha256.digest('hex') as DataVersion;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EISDIR') return null;
    throw error;
  } finally {
    closeSync(file);
  }
}
