import { dirname, join, sep } from 'node:path';
import { AssetError, type AssetManifest } from '@nx-assets/core';
import { stampOf } from '@nx-assets/storage/records';
import { isCode } from '../code/module-shape.ts';
import type { LoadedCode } from '../loaded-code.ts';

/** The folder of its packages. */
export const FRAMEWORK = dirname(dirname(dirname(import.meta.dirname)));

type Planned = Pick<AssetManifest, 'code'>;

/**
 * Files of an asset's code that Node has not loaded in this process: what a step opens by `new URL('./x', import.meta.url)`, or
 * runs in a thread or process of its own. No loader here sees which bytes that gets, so the files are compared with the plan.
 */
export class PlannedCode {
  readonly #root: string;
  readonly #loaded: LoadedCode;
  readonly #hashOf: (path: string) => string | null;

  constructor(root: string, loaded: LoadedCode, hashOf: (path: string) => string | null) {
    this.#root = root;
    this.#loaded = loaded;
    this.#hashOf = hashOf;
  }

  /**
   * Throws `CODE_CHANGED_DURING_RUN` where one is another than it was planned. Gives what throws the same where one has been
   * written since, even if it was undone: who read it in between cannot be told.
   */
  begin({ code }: Planned): () => void {
    const planned = { ...code.files, ...code.whole };
    const files = Object.keys(planned).filter((path) => !this.#isOurs(path));
    const unseen = files.filter((path) => !this.#isLoaded(path));
    if (unseen.length === 0) return () => undefined;
    // What runs elsewhere may import what was loaded here as well.
    const watched = unseen.some(isCode) ? files : unseen;
    const states = watched.map((path) => {
      const stamp = this.#stampOf(path); // first: what is written after it is seen at the end
      return { path, stamp, isAsPlanned: this.#hashOf(path) === planned[path] };
    });
    for (const { path, isAsPlanned } of states) if (!isAsPlanned && unseen.includes(path)) refuse(path);
    return () => {
      const isElsewhere = unseen.some((path) => isCode(path) && !this.#isLoaded(path));
      for (const { path, stamp, isAsPlanned } of states) {
        if (this.#isLoaded(path) && !isElsewhere) continue;
        if (!isAsPlanned || this.#stampOf(path) !== stamp) refuse(path);
      }
    };
  }

  #isLoaded(path: string): boolean {
    return this.#loaded.hashes.has(join(this.#root, path));
  }

  /** The framework itself, where it is code of the workspace: it has loaded before anybody watched. */
  #isOurs(path: string): boolean {
    return join(this.#root, path).startsWith(FRAMEWORK + sep);
  }

  #stampOf(path: string): string | null {
    return stampOf(join(this.#root, path));
  }
}

function refuse(path: string): never {
  throw new AssetError('CODE_CHANGED_DURING_RUN', `${path} changed while the run went on.`);
}
