import { existsSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AssetError, type AssetManifest } from '@nx-assets/core';
import { HashCache, matchingFiles, stampOf } from '@nx-assets/storage/records';

/** The files that assets open by path, compared with what a run was planned with. */
export class PlannedFiles {
  readonly #root: string;
  #hashes: HashCache | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Throws `FILE_CHANGED_DURING_RUN` where a file is another than it was planned, or one is new or gone. Gives what throws the same
   * where one has been written since, even if it was undone: who read it in between cannot be told.
   */
  begin({ key, reads = [], code }: Pick<AssetManifest, 'key' | 'reads' | 'code'>): () => void {
    if (reads.length === 0) return () => undefined;
    const planned = code.reads ?? {};
    const refuse = (path: string) => {
      throw new AssetError('FILE_CHANGED_DURING_RUN', `${path}, which ${key} reads, changed during the run.`);
    };
    this.#compareNames(reads, planned, refuse);
    const stamps = new Map<string, string | null>();
    for (const [path, hash] of Object.entries(planned)) {
      // First the stamp: what is written after it is seen at the end.
      stamps.set(path, stampOf(join(this.#root, path)));
      if (this.hashOf(path) !== hash) refuse(path);
    }
    return () => {
      this.#compareNames(reads, planned, refuse);
      for (const [path, stamp] of stamps) if (stampOf(join(this.#root, path)) !== stamp) refuse(path);
    };
  }

  #compareNames(
    patterns: readonly string[],
    planned: Readonly<Record<string, string>>,
    refuse: (path: string) => void,
  ): void {
    const now = new Set(patterns.flatMap((pattern) => matchingFiles(this.#root, pattern)));
    for (const path of now) if (!(path in planned)) refuse(path);
    for (const path of Object.keys(planned)) if (!now.has(path)) refuse(path);
  }

  /** Of the content that a path leads to; `null` where there is none. */
  hashOf(path: string): string | null {
    this.#hashes ??= new HashCache(this.#root);
    const file = join(this.#root, path);
    if (!existsSync(file)) return null;
    return this.#hashes.hash(relative(realpathSync(this.#root), realpathSync(file)));
  }
}
