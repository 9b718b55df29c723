import { type FSWatcher, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { AssetError } from '@nx-assets/core';
import type { Problem } from '../wire/index.ts';
import { Workspace } from '@nx-assets/workspace/workspace';

/** Editors write a file in several steps. */
const SETTLE_MS = 80;

/** A file and a line in a message of an error, as stacks and compilers write them. */
const PLACE = /((?:[\w@.-]+\/)*[\w.-]+\.tsx?)(?::(\d+))?/;

/** Why definitions do not load, with the place where that is said. */
export function problemOf(error: unknown): Problem {
  const isKnown = error instanceof AssetError;
  const message = isKnown ? error.facts : error instanceof Error ? error.message : String(error);
  const [, file = null, line] = PLACE.exec(message) ?? [];
  return {
    code: isKnown ? error.code : 'DEFINITION_THREW',
    message,
    remedy: isKnown ? error.remedy : null,
    file,
    line: line === undefined ? null : Number(line),
  };
}

/** Looks after the folders that hold definitions, and says when something in them has changed. */
export class DefinitionWatch {
  readonly #onChange: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Folders of the files that definitions consist of, and of the groups, so that a new file is seen too. */
  look(workspace: Workspace): void {
    const { root, groups } = workspace;
    const files = workspace.assets.flatMap(({ code, reads = [] }) => [
      ...Object.keys(code.files),
      ...Object.keys(code.reads ?? {}),
      // The folder in which a pattern begins to look, for the first file that it matches.
      ...reads.map((pattern) => pattern.replace(/[*?[{].*$/, '*')),
    ]);
    const folders = new Set([
      ...files.map((file) => join(root, dirname(file))),
      ...groups.flatMap((group) => [join(root, group.root), join(root, group.root, 'src')]),
    ]);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (!this.#watchers.has(folder)) this.#add(folder);
    }
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#touch());
      watcher.on('error', () => this.#watchers.delete(folder));
      this.#watchers.set(folder, watcher);
    } catch {
      return; // it is gone, or the system watches no more: what changes there is seen when a page is looked at again
    }
  }

  #touch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onChange, SETTLE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
  }
}
