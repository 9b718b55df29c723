import { AssetError, type AssetManifest, fromFolder, groupOf } from '@nx-assets/core';
import type { LoadedCode } from '../loaded-code.ts';
import { watchFileAccess, withFileAccess, withoutFileAccess } from './file-access.ts';
import { PlannedCode } from './planned-code.ts';
import { PlannedFiles } from './planned-files.ts';
import { UndeclaredReads } from './undeclared-reads.ts';

/** What becomes of a step that reads a file of the workspace that its definition does not declare. */
export type UndeclaredPolicy = 'warn' | 'error';

export interface StepReadsOptions {
  readonly root: string;
  readonly undeclared: UndeclaredPolicy;
  /** What Node has loaded here: other code is compared on disk. */
  readonly loaded?: LoadedCode;
  /** The folder of a group, from the root. */
  folderOf(group: string): string;
}

type Manifest = Pick<AssetManifest, 'key' | 'code' | 'reads'>;

/** What a step reads of the workspace while it runs. */
export interface OneStepReads {
  /** Runs what an author wrote. */
  watch<T>(run: () => T): T;
  /**
   * Before a value is published. Throws `FILE_CHANGED_DURING_RUN` where a declared file has changed since the step began,
   * `CODE_CHANGED_DURING_RUN` where one of its code has that is not loaded here, and `READ_UNDECLARED` where that is an error.
   */
  confirm(): void;
  /** What is to be said when the step is done; `null` where there is nothing new. */
  warning(): string | null;
}

/** Files that a message names. */
const NAMED = 3;

/** What the steps of a process read of the workspace: as it was planned, and nothing that no key covers. */
export class StepReads {
  readonly #options: StepReadsOptions;
  readonly #planned: PlannedFiles;
  readonly #plannedCode: PlannedCode | undefined;
  /** Files that were told, after the asset: each once. */
  readonly #told = new Set<string>();

  /** Before definitions load, so that what they take from `node:fs` is watched. */
  constructor(options: StepReadsOptions) {
    this.#options = options;
    const planned = new PlannedFiles(options.root);
    this.#planned = planned;
    if (options.loaded)
      this.#plannedCode = new PlannedCode(options.root, options.loaded, (path) => planned.hashOf(path));
    watchFileAccess();
  }

  /**
   * Throws `FILE_CHANGED_DURING_RUN` where a declared file is another than it was when the run was planned, and
   * `CODE_CHANGED_DURING_RUN` where one of its code is.
   */
  begin(manifest: Manifest, isExternal: boolean): OneStepReads {
    const { root, undeclared: policy } = this.#options;
    const confirmPlanned = this.#planned.begin(manifest);
    const confirmCode = this.#plannedCode?.begin(manifest);
    const undeclared = new UndeclaredReads(manifest, root);
    return {
      // What is made elsewhere is looked at by its own version.
      watch: (run) => (isExternal ? run() : withFileAccess(undeclared, run)),
      confirm: () => {
        withoutFileAccess(() => {
          confirmPlanned();
          confirmCode?.();
        });
        const { patterns } = undeclared;
        if (policy !== 'error' || patterns.length === 0) return;
        const remedy = `Add ${this.#line(manifest, patterns)} to its definition, so that a change re-runs the asset.`;
        throw new AssetError('READ_UNDECLARED', facts(manifest, patterns), { remedy });
      },
      warning: () => {
        const news = undeclared.patterns.filter((pattern) => !this.#told.has(`${manifest.key} ${pattern}`));
        if (policy === 'error' || news.length === 0) return null;
        for (const pattern of news) this.#told.add(`${manifest.key} ${pattern}`);
        const them = news.length === 1 ? 'it' : 'them';
        return `${facts(manifest, news)} A change of ${them} would not re-run the asset. Add ${this.#line(manifest, news)} to its definition.`;
      },
    };
  }

  /** The option as it should be. */
  #line({ key, reads = [] }: Manifest, patterns: readonly string[]): string {
    const folder = this.#options.folderOf(groupOf(key));
    const all = [...reads, ...shorter(patterns)].map((pattern) => `'${fromFolder(folder, pattern)}'`);
    return `\`reads: [${all.join(', ')}]\``;
  }
}

function facts({ key }: Manifest, patterns: readonly string[]): string {
  const more = patterns.length > NAMED ? ` and ${patterns.length - NAMED} more` : '';
  return `${key} reads ${patterns.slice(0, NAMED).join(', ')}${more}, which its definition does not declare.`;
}

/** Many files of one kind in a folder are said by one pattern. */
function shorter(patterns: readonly string[]): string[] {
  const kinds = Map.groupBy(patterns, (pattern) => pattern.replace(/[^/]*?(\.[^./*]+)?$/, '*$1'));
  return [...kinds].flatMap(([kind, files]) => (files.length > NAMED ? [kind] : files));
}
