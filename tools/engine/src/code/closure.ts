import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { hashText } from '@nx-assets/storage/records';
import { type Import, type ModuleShape, parseModule } from './parse.ts';
import { type Resolved, resolve } from './resolve.ts';
import { listOf } from './list.ts';
import { usesWhole } from './members.ts';
import { Packages } from './packages.ts';

/** A name that a file declares itself. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
}

/** Where a name is imported. */
export interface Importer extends Import {
  readonly file: string;
}

/** What some code consists of. */
export interface Closure {
  /** Workspace path to content hash. */
  readonly files: Readonly<Record<string, string>>;
  /** Installed package to version and hash of what it depends on. */
  readonly packages: Readonly<Record<string, string>>;
}

/** A list that does not count, though the file that has it does. */
export interface Hidden {
  readonly file: string;
  /** The hash of the file without it. */
  readonly hash: string;
  /** The specifier of what the file imports for it alone. */
  readonly from: string | null;
}

/** Reads code of a workspace: who declares a name, and what a file consists of. One per look at the disk. */
export class Code {
  readonly #root: string;
  readonly #modules = new Map<string, { readonly hash: string; readonly shape: ModuleShape }>();
  readonly #consulted = new Map<string, string | null>();
  readonly #packages = new Packages((path) => this.#consulted.set(path, null));

  constructor(root: string) {
    this.#root = root;
  }

  /** Absolute path of everything that was read so far, with the hash of its content where it is code. */
  get consulted(): ReadonlyMap<string, string | null> {
    return this.#consulted;
  }

  /** The file that declares what `file` exports as `name`, through files that only pass it on. */
  declarationOf(
    file: string,
    name: string,
  ): Declaration | Extract<Resolved, { type: 'package' | 'builtin' }> {
    return this.#find(file, name, new Set()) ?? { file, name };
  }

  #find(
    file: string,
    name: string,
    seen: Set<string>,
  ): Declaration | Extract<Resolved, { type: 'package' | 'builtin' }> | null {
    if (seen.has(`${file}\0${name}`)) return null;
    seen.add(`${file}\0${name}`);
    const { shape } = this.#module(file);
    const passed = shape.reexports.get(name);
    if (passed) {
      const target = resolve(passed.from, file);
      return target.type === 'file' ? this.#find(target.path, passed.name, seen) : target;
    }
    if (shape.stars.length > 0 && name !== 'default') {
      for (const from of shape.stars) {
        const target = resolve(from, file);
        if (target.type !== 'file' || !this.#exportsOf(target.path).has(name)) continue;
        return this.#find(target.path, name, seen);
      }
    }
    return { file, name };
  }

  /** Every name that a file exports. */
  #exportsOf(file: string, seen: Set<string> = new Set()): Set<string> {
    if (seen.has(file)) return new Set();
    seen.add(file);
    const { shape } = this.#module(file);
    const names = new Set([...shape.reexports.keys(), ...shape.declares]);
    for (const from of shape.stars) {
      const target = resolve(from, file);
      if (target.type === 'file') for (const name of this.#exportsOf(target.path, seen)) names.add(name);
    }
    return names;
  }

  /**
   * Everything that the code in `entry` consists of: files by content, packages by version.
   * It ends at declarations for which `isBoundary` holds, and passes through files that only pass on.
   */
  closureOf(
    entry: string,
    isBoundary: (declaration: Declaration, importer: Importer) => boolean,
    hidden: Hidden | null = null,
  ): Closure {
    const files: Record<string, string> = {};
    const packages: Record<string, string> = {};
    const stack = [entry];
    const seen = new Set(stack);
    const visit = (path: string) => {
      if (!seen.has(path)) stack.push(path);
      seen.add(path);
    };
    for (let file = stack.pop(); file !== undefined; file = stack.pop()) {
      const { hash, shape } = this.#module(file);
      const hides = hidden?.file === file ? hidden : null;
      files[this.#workspacePath(file)] = hides?.hash ?? hash;
      for (const { from, name } of this.#importsOf(shape)) {
        if (from === hides?.from) continue;
        const target = resolve(from, file);
        const found =
          target.type !== 'file'
            ? target
            : name === null || name === '*'
              ? { file: target.path, name: '*' }
              : this.declarationOf(target.path, name);
        if ('file' in found) {
          if (found.name === '*' || !isBoundary(found, { file, from, name: name ?? '*' })) visit(found.file);
        } else if (found.type === 'package') {
          const [packageName, identity] = this.#packages.identity(found.root);
          packages[packageName] = identity;
        }
      }
    }
    return { files: sorted(files), packages: sorted(packages) };
  }

  /** What does not count of the file of a factory for one of its assets: the other entries, where nothing else sees them. */
  hiddenIn({ file, name }: Declaration): Hidden | null {
    const { hash } = this.#module(file);
    const source = readFileSync(file, 'utf8');
    const list = listOf(file, source, name);
    if (list?.type === 'text') {
      return { file, hash: hashText(source.slice(0, list.start) + source.slice(list.end)), from: null };
    }
    const data = list ? resolve(list.from, file) : null;
    if (list?.type !== 'import' || data?.type !== 'file') return null;
    this.#module(data.path); // an edit of it still decides which assets there are
    return { file, hash, from: list.from };
  }

  /** Whether a file does more with a set that it imports than to name members of it. */
  usesWhole({ file, from, name }: Importer): boolean {
    return usesWhole(file, readFileSync(file, 'utf8'), from, name);
  }

  /** Runtime imports of a module, what it passes on included. */
  #importsOf(shape: ModuleShape): readonly { readonly from: string; readonly name: string | null }[] {
    const passed: Import[] = [...shape.reexports.values()];
    return [...shape.imports, ...passed, ...shape.stars.map((from) => ({ from, name: '*' }))];
  }

  /** Runtime edges from one workspace file to others, each with the name that was asked for. */
  edgesOf(file: string): readonly Declaration[] {
    return this.#importsOf(this.#module(file).shape).flatMap(({ from, name }) => {
      const target = resolve(from, file);
      if (target.type !== 'file') return [];
      const found = this.declarationOf(target.path, name ?? '*');
      return 'file' in found ? [found] : [];
    });
  }

  #module(file: string): { readonly hash: string; readonly shape: ModuleShape } {
    let module = this.#modules.get(file);
    if (!module) {
      const source = readFileSync(file, 'utf8');
      const hash = hashText(source);
      this.#consulted.set(file, hash);
      const shape = /\.[cm]?[jt]sx?$/.test(file) ? parseModule(file, source) : NO_IMPORTS;
      module = { hash, shape };
      this.#modules.set(file, module);
    }
    return module;
  }

  #workspacePath(file: string): string {
    return relative(this.#root, file).replaceAll('\\', '/');
  }
}

const NO_IMPORTS: ModuleShape = { imports: [], reexports: new Map(), stars: [], declares: new Set() };

const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
