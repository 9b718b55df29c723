import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import { writeAtomic } from './atomic.ts';
import { hashFile } from './hash.ts';
import { absolute, STATE } from './layout.ts';

type Entry = readonly [stamp: string, hash: string | null];

/** What changes whenever a file is written: its times, size and inode. `null` where there is no file. */
export function stampOf(path: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? `${stats.mtimeNs} ${stats.ctimeNs} ${stats.size} ${stats.ino}` : null;
}

/** A link is no value: what it leads to, nobody here has made. */
export const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** How a symbolic link is remembered instead: by where it leads from the root. `null` where that is nowhere. */
export const linkHash = (root: string, path: string): string | null =>
  existsSync(path) ? `link:${relative(root, realpathSync(path))}` : null;

/** Hashes of files that were read before, for as long as their stamps are as they were. */
export class HashCache {
  readonly #root: string;
  readonly #entries: Map<string, Entry>;
  #isChanged = false;

  constructor(root: string) {
    this.#root = root;
    this.#entries = new Map(Object.entries(readEntries(cachePath(root))));
  }

  /** sha256 of the bytes of a workspace path, hex; `null` where there is no such file, or a link. */
  hash(path: string): string | null {
    const file = absolute(this.#root, path);
    if (isLink(file)) return null;
    const stamp = stampOf(file);
    if (stamp === null) return null;
    const known = this.#entries.get(path);
    if (known?.[0] === stamp) return known[1];
    const hash = hashFile(file);
    // Written while it was read: what is known now may be of neither.
    if (stampOf(file) === stamp) {
      this.#entries.set(path, [stamp, hash]);
      this.#isChanged = true;
    }
    return hash;
  }

  /** Keeps what was learned for the next process. */
  save(): void {
    if (this.#isChanged)
      writeAtomic(cachePath(this.#root), JSON.stringify(Object.fromEntries(this.#entries)));
  }
}

const cachePath = (root: string): string => absolute(root, `${STATE}/hashes.json`);

function readEntries(path: string): Record<string, Entry> {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, Entry>;
  } catch {
    return {}; // not there yet, or torn: hash again
  }
}
