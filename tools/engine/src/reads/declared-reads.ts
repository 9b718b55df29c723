import { realpathSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { AssetError, type AssetKey, fromRoot, isPattern } from '@nx-assets/core';
import { globHash, HashCache, matchingFiles } from '@nx-assets/storage/records';

type Files = Readonly<Record<string, string>>;

/** What an asset says it reads, and the files that this is now. */
interface Declared {
  /** From the root. */
  readonly patterns: readonly string[];
  /** Workspace path to content hash. */
  readonly files: Files;
}

/** The files that assets say they open by path. One for all assets, since several may read the same. */
export class DeclaredReads {
  readonly #root: string;
  readonly #realRoot: string;
  readonly #hashes: HashCache;
  readonly #consulted = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
    this.#realRoot = realpathSync(root);
    this.#hashes = new HashCache(root);
  }

  /** What was looked at: files with a hash after `data:`, and patterns with what they matched. Absolute. */
  get consulted(): ReadonlyMap<string, string> {
    return this.#consulted;
  }

  /** Throws `READ_MISSING`, or `READ_OUTSIDE` where a link leads out of the workspace. `folder`: that of the asset's package. */
  of(key: AssetKey, folder: string, reads: readonly string[]): Declared | null {
    if (reads.length === 0) return null;
    const patterns = reads.map((pattern) => fromRoot(folder, pattern));
    const files = patterns.flatMap((pattern) => this.#match(key, pattern));
    const hashed = [...new Set(files)].sort().map((path) => [path, this.#hashOf(key, path)] as const);
    return { patterns, files: Object.fromEntries(hashed) };
  }

  /** Keeps the hashes for the next time. */
  save(): void {
    this.#hashes.save();
  }

  #match(key: AssetKey, pattern: string): readonly string[] {
    const files = matchingFiles(this.#root, pattern);
    if (isPattern(pattern)) this.#consulted.set(join(this.#root, pattern), globHash(files));
    else if (files.length === 0)
      throw new AssetError('READ_MISSING', `${key} reads the file ${pattern}, which does not exist.`);
    return files;
  }

  #hashOf(key: AssetKey, path: string): string {
    const file = join(this.#root, path);
    const real = relative(this.#realRoot, realpathSync(file));
    if (real.startsWith('..') || isAbsolute(real))
      throw new AssetError('READ_OUTSIDE', `${key} reads ${path}, a link that leads out of the workspace.`);
    const hash = this.#hashes.hash(real.replaceAll('\\', '/')) ?? '';
    this.#consulted.set(file, `data:${hash}`);
    return hash;
  }
}
