import { readFileSync } from 'node:fs';
import { AssetError } from '@nx-assets/core/data';
import { checkKeys } from '@nx-assets/core/partitions';
import { writeAtomic } from './atomic.ts';
import { absolute, dynamicKeysPath } from './layout.ts';

/** The keys of a dynamic set of partitions, in the order in which they were added. Throws `RECORD_INVALID`. */
export function readDynamicKeys(root: string, name: string): readonly string[] {
  const path = dynamicKeysPath(name);
  try {
    const { keys } = JSON.parse(readFileSync(absolute(root, path), 'utf8')) as { keys?: unknown };
    if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
  }
  throw new AssetError('RECORD_INVALID', `${path} holds no list of keys.`, {
    remedy: 'Correct the file: { "keys": ["…"] }. It is the only place that knows the keys.',
  });
}

/** Adds and removes keys; gives those that are there now. Hold the lock of the set. Throws `PARTITION_KEY_INVALID`. */
export function changeDynamicKeys(
  root: string,
  name: string,
  change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): readonly string[] {
  const before = readDynamicKeys(root, name);
  const removed = new Set(change.remove);
  const keys = [...new Set([...before, ...(change.add ?? [])])].filter((key) => !removed.has(key));
  checkKeys(keys);
  if (keys.join('\n') !== before.join('\n')) {
    writeAtomic(absolute(root, dynamicKeysPath(name)), `${JSON.stringify({ keys }, null, 2)}\n`);
  }
  return keys;
}
