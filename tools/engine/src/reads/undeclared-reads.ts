import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, matchesGlob, relative, resolve, sep } from 'node:path';
import { type AssetManifest, escapePattern, isPattern } from '@nx-assets/core';
import { matchingFiles, OUTPUT } from '@nx-assets/storage/records';
import type { FileAccess } from './file-access.ts';
import { filesInSql } from './files-in-sql.ts';
import { FRAMEWORK } from './planned-code.ts';

/** Folders whose files are no inputs of the author's: values, state, installed packages. */
const OTHERS = new Set([OUTPUT, '.nx', '.git']);

/** Collects the files of the workspace that one step reads, and that its key does not cover. */
export class UndeclaredReads implements FileAccess {
  readonly #manifest: Pick<AssetManifest, 'code' | 'reads'>;
  readonly #roots: ReadonlySet<string>;
  readonly #root: string;
  readonly #found = new Set<string>();
  /** What the step has written itself. */
  readonly #own = new Set<string>();

  constructor(manifest: Pick<AssetManifest, 'code' | 'reads'>, root: string) {
    this.#manifest = manifest;
    this.#root = root;
    this.#roots = new Set([root, realpathSync(root)]);
  }

  /** As patterns from the root, which match them alone; of a folder that is listed, all in it. */
  get patterns(): readonly string[] {
    return [...this.#found];
  }

  read(given: string): void {
    const path = this.#pathOf(given);
    if (path === null || this.#own.has(path) || this.#covers(path) || isLoading()) return;
    const stats = statSync(given, { throwIfNoEntry: false });
    if (stats?.isFile()) this.#found.add(escapePattern(path));
    if (stats?.isDirectory() && !this.#isListed(path))
      this.#found.add(path === '' ? '*' : `${escapePattern(path)}/*`);
  }

  ran(given: string): void {
    if (statSync(given, { throwIfNoEntry: false })?.isFile()) this.read(given);
  }

  wrote(given: string): void {
    const path = this.#pathOf(given);
    if (path !== null) this.#own.add(path);
  }

  queried(text: string, values: readonly unknown[]): void {
    for (const name of filesInSql(text, values)) {
      const path = this.#pathOf(name);
      if (path === null) continue;
      if (!isPattern(path) || existsSync(name)) {
        if (statSync(name, { throwIfNoEntry: false })?.isFile()) this.read(name);
      } else if (matchingFiles(this.#root, path).some((file) => !this.#covers(file))) {
        this.#found.add(path);
      }
    }
  }

  /** From the root; `null` for what is outside, or not an input. */
  #pathOf(given: string): string | null {
    if (given === '' || given.includes('\0') || /^[a-z][\w+.-]+:\/\//i.test(given)) return null;
    for (const root of this.#roots) {
      const path = relative(root, resolve(given));
      if (path.startsWith('..') || isAbsolute(path)) continue;
      const parts = path.split(sep);
      return OTHERS.has(parts[0] ?? '') || parts.includes('node_modules') ? null : parts.join('/');
    }
    return null;
  }

  #covers(path: string): boolean {
    const { code, reads = [] } = this.#manifest;
    return (
      [code.files, code.whole, code.reads].some((files) => files !== undefined && path in files) ||
      reads.some((pattern) => matchesGlob(path, pattern))
    );
  }

  /** Whether what appears in a folder is looked for by a pattern: then the folder may be listed. */
  #isListed(folder: string): boolean {
    return (this.#manifest.reads ?? []).some((pattern) => {
      const parts = pattern.split('/');
      return parts.some((part, index) => {
        if (!isPattern(part)) return false;
        const above = parts.slice(0, index).join('/');
        if (above === folder || matchesGlob(folder, above)) return true;
        return part === '**' && (above === '' || folder.startsWith(`${above}/`));
      });
    });
  }
}

/** Node's own, through which a call of `node:fs` comes here. */
const IN_BETWEEN = /node:(internal\/)?(fs|async_local_storage|async_hooks)\b/;

/** Whether Node's module loader reads: what it loads is code, which is looked after elsewhere. */
function isLoading(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 20;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = stackTraceLimit;
  // Ours lie between the author's and this.
  const caller = frames.find((frame) => !frame.includes(`${FRAMEWORK}${sep}`) && !IN_BETWEEN.test(frame));
  return caller?.includes('node:internal/modules/') ?? false;
}
