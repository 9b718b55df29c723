import { relative } from 'node:path';
import { hashText } from '@nx-assets/storage/records';
import { isFramework } from './definition-use.ts';
import { EffectfulFiles } from './effectful-files.ts';
import { calledByFactory, listOf } from './list.ts';
import { usesWhole } from './members.ts';
import { type CodeOptions, Modules } from './modules.ts';
import { type Declaration, type Foreign, Names } from './names.ts';
import type { Slice } from './range-flow.ts';
import { Ranges } from './ranges.ts';
import { type Asker, type Hidden, type Importer, type IsBoundary, Walk } from './walk.ts';

export type { Declaration } from './names.ts';
export type { Hidden, Importer } from './walk.ts';

/** What some code consists of. */
export interface Closure {
  /** Workspace path to content hash. */
  readonly files: Readonly<Record<string, string>>;
  /** The same of files that count in part: the hash of all of it. */
  readonly whole: Readonly<Record<string, string>>;
  /** Installed package to version and hash of what it depends on; a package.json file to its type, where that is not `module`. */
  readonly packages: Readonly<Record<string, string>>;
  /** The files in the order in which they run, where that may decide something. */
  readonly order: readonly string[];
}

/** Reads code of a workspace: who declares a name, and what a file consists of. One per look at the disk. */
export class Code {
  readonly #root: string;
  readonly #modules: Modules;
  readonly #names: Names;
  readonly #ranges: Ranges;
  #effectful: EffectfulFiles | undefined;

  constructor(root: string, options: CodeOptions = {}) {
    this.#root = root;
    this.#modules = new Modules(root, options);
    this.#names = new Names(this.#modules);
    this.#ranges = new Ranges(this.#modules, this.#names);
  }

  /** Absolute path of everything that was looked at so far, as `Modules` has it. */
  get consulted(): ReadonlyMap<string, string | null> {
    return this.#modules.consulted;
  }

  /**
   * Says what loads in a run: these files and all that they import. What changes something as it loads counts for the code
   * that shares it, whoever imports it.
   */
  loads(entries: readonly string[], isBoundary: IsBoundary): void {
    this.#effectful = new EffectfulFiles(this.#modules, this.#names, entries, isBoundary);
  }

  /** The file that declares what `file` exports as `name`, through files that only pass it on. */
  declarationOf(file: string, name: string): Declaration | Foreign {
    return this.#names.find(file, name).declared;
  }

  /**
   * Everything that the code in `entry` consists of: files by content, packages by version. It ends at declarations for which
   * `isBoundary` holds, and passes through files that do nothing but pass on.
   */
  closureOf(entry: string, isBoundary: IsBoundary, hidden: Hidden | null = null): Closure {
    const walk = new Walk({ modules: this.#modules, names: this.#names, isBoundary, hidden });
    for (let file: string | undefined = entry; file !== undefined; file = this.#effectful?.nextFor(walk))
      walk.add(file);
    const ranges = this.#ranges.in(walk.files);
    const whole: (readonly [path: string, hash: string])[] = [];
    const files = [...walk.files].map((file) => {
      const path = this.#workspacePath(file);
      const { hash } = this.#modules.module(file);
      const left = [
        ...(ranges.get(file) ?? []),
        ...(hidden?.file === file && hidden.list ? [hidden.list] : []),
      ];
      if (left.length === 0) return [path, hash] as const;
      whole.push([path, hash]);
      return [path, this.#hashWithout(file, left)] as const;
    });
    const packages = [...walk.packages].map(
      ([name, versions]) => [name, this.#versions(name, versions)] as const,
    );
    for (const [path, type] of this.#modules.typesOf(walk.files))
      packages.push([this.#workspacePath(path), type]);
    const order = (this.#effectful?.orderOf(walk.files) ?? []).map((file) => this.#workspacePath(file));
    return { files: sorted(files), whole: sorted(whole), packages: sorted(packages), order };
  }

  /** The hash of a file without some parts of it. */
  #hashWithout(file: string, slices: readonly Slice[]): string {
    let text = this.#modules.module(file).source;
    let before = Infinity;
    for (const { start, end } of [...slices].sort((a, b) => b.start - a.start)) {
      if (end <= before) text = text.slice(0, start) + text.slice(end);
      before = Math.min(before, start);
    }
    return hashText(text);
  }

  /** What does not count of the file of a factory for one of its assets: the other entries, where nothing else sees them. */
  hiddenIn({ file, name }: Declaration): Hidden | null {
    const list = listOf(file, this.#modules.module(file).source, name);
    if (list && this.#isFactoryKeeping(file, name)) return null;
    if (list?.type === 'text') return { file, list, from: null };
    const data = list ? this.#modules.resolve({ from: list.from, kind: 'import' }, file) : null;
    if (list?.type !== 'import' || data?.type !== 'file') return null;
    this.#modules.module(data.path); // an edit of it still decides which assets there are
    return { file, list: null, from: list.from };
  }

  /** Whether what makes a set is of another file, and may keep something from one entry to the next. */
  #isFactoryKeeping(file: string, name: string): boolean {
    const { statements, locals } = this.#modules.code(file);
    return calledByFactory(statements, name)
      .flatMap((local) => locals.get(local) ?? [])
      .filter(({ from }) => !isFramework(from))
      .some((binding) => this.#effectful?.isQuiet({ ...binding, isGivenShared: false }, file) === false);
  }

  /** Whether a file does more with a set that it imports than to name members of it. */
  usesWhole({ file, from, name }: Importer): boolean {
    return usesWhole(file, this.#modules.module(file).source, from, name);
  }

  /** Looks at everything that a file imports, as far as it can be followed. */
  consult(entry: string): void {
    const files = new Set([entry]);
    for (const file of files) {
      try {
        for (const asked of this.#modules.importsOf(file)) {
          const target = this.#modules.resolve(asked, file);
          if (target.type === 'file') files.add(target.path);
          else if (target.type === 'package') this.#modules.identity(target.root);
        }
      } catch {
        continue; // it is not asked what it consists of
      }
    }
  }

  /** Whether a file is seen to ask for a specifier, now or later. */
  asksFor(file: string, from: string): boolean {
    return this.#modules.importsOf(file).some((asked) => asked.from === from);
  }

  /** Runtime edges from one workspace file to others, each with the name that was asked for. */
  edgesOf(file: string): readonly Declaration[] {
    return this.#modules.importsOf(file).flatMap((asked) => {
      const target = this.#modules.resolve(asked, file);
      if (target.type !== 'file') return [];
      const found = this.declarationOf(target.path, asked.name ?? '*');
      return 'file' in found ? [found] : [];
    });
  }

  /** A version; where there are several of one package, each with who gets it, and by which name where that is another. */
  #versions(name: string, versions: ReadonlyMap<string, ReadonlyMap<string, Asker>>): string {
    const [first = ''] = versions.keys();
    if (versions.size === 1) return first;
    const all = [...versions].map(([version, askers]) => {
      const places = [...askers.values()].map(({ file, from }) => {
        const isAlias = from !== name && !from.startsWith(`${name}/`);
        return `${this.#workspacePath(file)}${isAlias ? ` as ${from}` : ''}`;
      });
      return `${version} (${[...new Set(places)].sort().join(', ')})`;
    });
    return all.sort().join(', ');
  }

  #workspacePath(file: string): string {
    return relative(this.#root, file).replaceAll('\\', '/');
  }
}

const sorted = (entries: readonly (readonly [string, string])[]): Record<string, string> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
