import type { Binding, Import } from './module-shape.ts';
import type { Modules } from './modules.ts';
import type { Declaration, Names } from './names.ts';
import type { Slice } from './range-flow.ts';

/** Where a name is imported. */
export interface Importer extends Binding {
  readonly file: string;
}

export type IsBoundary = (declaration: Declaration, importer: Importer) => boolean;

/** A list that does not count, though the file that has it does. */
export interface Hidden {
  readonly file: string;
  /** Where it stands in the file; `null` where it is in another file. */
  readonly list: Slice | null;
  /** The specifier of what the file imports for it alone. */
  readonly from: string | null;
}

export interface WalkOptions {
  readonly modules: Modules;
  readonly names: Names;
  /** Declarations where it ends: their data counts, and not their code. */
  readonly isBoundary: IsBoundary;
  readonly hidden?: Hidden | null;
  /** Which specifiers it follows; all where this is not said. */
  readonly follows?: (from: string) => boolean;
}

/** Goes from file to file by what each imports. */
export class Walk {
  readonly files = new Set<string>();
  /** Package to version to those that ask for it. */
  readonly packages = new Map<string, Map<string, Map<string, Asker>>>();
  readonly #options: WalkOptions;
  /** Files whose assets are read with all that they depend on. */
  readonly #opened = new Set<string>();
  #stack: string[] = [];

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Takes in a file and everything that it consists of. */
  add(entry: string): void {
    this.#visit(entry);
    for (let file = this.#stack.pop(); file !== undefined; file = this.#stack.pop()) this.#look(file);
  }

  #visit(file: string): void {
    if (!this.files.has(file)) this.#stack.push(file);
    this.files.add(file);
  }

  /** Takes in the definitions that those of a file lead to, by what they depend on. */
  #open(file: string): void {
    if (this.#opened.has(file)) return;
    this.#opened.add(file);
    this.#stack.push(file);
  }

  #look(file: string): void {
    const { modules, hidden, follows } = this.#options;
    const hides = hidden?.file === file ? hidden : null;
    for (const asked of modules.importsOf(file)) {
      if (asked.from === hides?.from || (follows && !follows(asked.from))) continue;
      const target = modules.resolve(asked, file);
      if (target.type === 'package') this.#addPackage(target.root, { file, from: asked.from });
      else if (target.type === 'file') this.#follow(asked, file, target.path);
    }
  }

  #follow({ from, name, kind }: Import, file: string, target: string): void {
    const { modules, names, isBoundary } = this.#options;
    // One that only passes on does nothing as it runs; what it loads counts where that has an effect.
    if (name === '' && modules.module(target).shape.isTransparent) return;
    if (name === null || name === '' || name === '*' || kind !== 'import') {
      this.#visit(target);
      if (name === '*' && kind === 'import') this.#visitRead(file, from, target);
      return;
    }
    const { declared, through } = names.find(target, name);
    if (!('file' in declared)) {
      if (declared.type === 'package') this.#addPackage(declared.root, { file, from });
    } else if (declared.name === '*' || !isBoundary(declared, { file, from, name })) {
      this.#visit(declared.file);
    } else {
      const reading = this.#opened.has(file) ? 'all' : modules.readingOf(file, from, name);
      if (reading !== 'data') this.#visit(declared.file);
      if (reading === 'all') this.#open(declared.file);
      return;
    }
    for (const one of through) this.#visit(one);
  }

  /** Definitions that are read by a name for all of a module. */
  #visitRead(file: string, from: string, target: string): void {
    const { modules, names } = this.#options;
    const reading = this.#opened.has(file) ? 'all' : modules.readingOf(file, from, '*');
    if (reading === 'data') return;
    for (const name of names.exportsOf(target)) {
      const { declared } = names.find(target, name);
      if (!('file' in declared)) continue;
      this.#visit(declared.file);
      if (reading === 'all') this.#open(declared.file);
    }
  }

  #addPackage(root: string, asker: Asker): void {
    const [name, version] = this.#options.modules.identity(root);
    const versions = this.packages.get(name) ?? new Map<string, Map<string, Asker>>();
    this.packages.set(name, versions);
    const askers = versions.get(version) ?? new Map<string, Asker>();
    versions.set(version, askers.set(`${asker.file}\0${asker.from}`, asker));
  }
}

/** A file, and the specifier by which it asks for a package. */
export interface Asker {
  readonly file: string;
  readonly from: string;
}
