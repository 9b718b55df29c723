import { changesOutside } from './changes.ts';
import { isFramework } from './definition-use.ts';
import { type Call, effectsOf } from './effects.ts';
import { changesGiven } from './given.ts';
import { isCode } from './module-shape.ts';
import type { Modules } from './modules.ts';
import type { Declaration, Names } from './names.ts';
import type { Resolved } from './resolve.ts';
import { declaredBy } from './statements.ts';
import { isFunction, rootOf, walk } from './syntax.ts';
import { type IsBoundary, Walk } from './walk.ts';

/** A file that changes something as it loads, and what it may change. */
interface EffectfulFile {
  readonly file: string;
  readonly isGlobal: boolean;
  readonly shared: Walk;
}

/** Packages that all assets share, and that keep nothing that data is made from. */
const SHARED_BY_ALL = new Set(['zod']);

/**
 * Files that change something as they load: they configure a library, or write into what another file declares. In a run
 * every group loads, so such a file counts for the code that shares something with it, though nothing there imports it.
 */
export class EffectfulFiles {
  readonly #modules: Modules;
  readonly #names: Names;
  readonly #isBoundary: IsBoundary;
  readonly #quiet = new Map<string, boolean>();
  readonly #entries: readonly string[];
  readonly #all: readonly EffectfulFile[];
  #order: readonly string[] | undefined;

  constructor(modules: Modules, names: Names, entries: readonly string[], isBoundary: IsBoundary) {
    this.#modules = modules;
    this.#names = names;
    this.#isBoundary = isBoundary;
    this.#entries = entries;
    this.#all = this.#find(entries);
  }

  /** One that counts for what was walked so far, and is not in it. */
  nextFor({ files, packages }: Walk): string | undefined {
    const counts = ({ file, isGlobal, shared }: EffectfulFile) =>
      !files.has(file) &&
      (isGlobal ||
        [...shared.files].some((one) => files.has(one)) ||
        [...shared.packages.keys()].some((one) => packages.has(one) && !SHARED_BY_ALL.has(one)));
    return this.#all.find(counts)?.file;
  }

  /**
   * The files of some code in the order in which they run, where one of them changes something as it loads: who comes last
   * decides what is left, and who reads as it loads, what it finds. Nothing where none does.
   */
  orderOf(files: ReadonlySet<string>): readonly string[] {
    if (!this.#all.some(({ file }) => files.has(file))) return [];
    this.#order ??= this.#runs();
    return this.#order.filter((file) => files.has(file));
  }

  /** Everything that loads, in the order in which it runs: what a file imports comes before it. */
  #runs(): readonly string[] {
    const seen = new Set<string>();
    const order: string[] = [];
    const visit = (file: string) => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const target of this.#loadedBy(file)) if (target.type === 'file') visit(target.path);
      order.push(file);
    };
    this.#entries.forEach(visit);
    return order;
  }

  #find(entries: readonly string[]): EffectfulFile[] {
    const loaded = new Set(entries);
    const found: EffectfulFile[] = [];
    for (const file of loaded) {
      let isPatched = false;
      for (const { isBare, ...target } of this.#loadedBy(file)) {
        if (target.type === 'file') loaded.add(target.path);
        // Loaded for what it does: as a polyfill, that may be to change what all share.
        else if (target.type === 'package' && isBare) isPatched = true;
      }
      if (!isCode(file)) continue;
      const { isCertain, isGlobal, calls } = effectsOf(this.#modules.code(file));
      if (isPatched || isCertain || calls.some((call) => !this.isQuiet(call, file)))
        found.push({ file, isGlobal: isGlobal || isPatched, shared: this.#sharedWith(file) });
    }
    return found;
  }

  /** What loads before the first line of a file runs, and whether for no name of it. */
  #loadedBy(file: string): (Resolved & { readonly isBare: boolean })[] {
    return this.#modules
      .importsOf(file)
      .filter(
        ({ isEager, kind, from }) => (isEager || kind === 'require') && kind !== 'url' && !isFramework(from),
      )
      .map((asked) => ({ ...this.#modules.resolve(asked, file), isBare: asked.name === null }));
  }

  /** Whether a function that a file calls as it loads leaves everything as it was. */
  isQuiet({ from, name, isGivenShared, isNamed = false, kind = 'import' }: Call, file: string): boolean {
    const target = this.#modules.resolve({ from, kind }, file);
    if (target.type !== 'file') return true;
    const { declared } = this.#names.find(target.path, name);
    if (!('file' in declared)) return true;
    if (isNamed && !this.#mayRun(declared)) return true;
    if (!isNamed && this.#isForeignInstance(declared)) return false;
    if (isGivenShared && this.#changesGiven(declared)) return false;
    let isQuiet = this.#quiet.get(declared.file);
    if (isQuiet === undefined) {
      const files = [...this.#sharedWith(declared.file).files].filter(isCode);
      isQuiet = files.every((one) => this.#isQuietFile(one));
      this.#quiet.set(declared.file, isQuiet);
    }
    return isQuiet;
  }

  #isQuietFile(file: string): boolean {
    const { statements } = this.#modules.code(file);
    const { isSure, handedTo } = changesOutside(statements);
    return !isSure && !this.#isChangedBy(handedTo, file, new Set());
  }

  /** Whether a name stands for what `new` gave of a class of a package: what its methods change, nobody here can read. */
  #isForeignInstance({ file, name }: Declaration): boolean {
    if (!isCode(file)) return false;
    const { statements, locals } = this.#modules.code(file);
    const made = new Map(statements.flatMap(declaredBy)).get(name);
    const binding = made?.type === 'NewExpression' ? locals.get(rootOf(made.callee) ?? '') : undefined;
    if (!binding || isFramework(binding.from) || SHARED_BY_ALL.has(binding.from)) return false;
    return this.#modules.resolve({ from: binding.from, kind: 'import' }, file).type !== 'file';
  }

  /** Whether a name may stand for something that can be called. */
  #mayRun({ file, name }: Declaration): boolean {
    if (!isCode(file)) return false;
    const declared = new Map(this.#modules.code(file).statements.flatMap(declaredBy)).get(name);
    return (
      declared === undefined ||
      [...walk(declared)].some((node) => isFunction(node) || node.type === 'CallExpression')
    );
  }

  #changesGiven(declaration: Declaration, seen: Set<string> = new Set()): boolean {
    const { file, name } = declaration;
    if (!isCode(file) || seen.has(`${file}\0${name}`)) return false;
    seen.add(`${file}\0${name}`);
    const { statements } = this.#modules.code(file);
    const declared = new Map(statements.flatMap(declaredBy)).get(name);
    // A module as a whole, or what it exports without a name: any function of it.
    const { isChanged, handedTo } = changesGiven(declared ? [declared] : statements);
    return isChanged || this.#isChangedBy(handedTo, file, seen);
  }

  /** Whether one of the functions that a file calls by these names changes what it is given. */
  #isChangedBy(names: Iterable<string>, file: string, seen: Set<string>): boolean {
    const { statements, locals } = this.#modules.code(file);
    const own = new Map(statements.flatMap(declaredBy));
    return [...names].some((name) => {
      const binding = locals.get(name);
      if (!binding) return own.has(name) && this.#changesGiven({ file, name }, seen);
      if (isFramework(binding.from)) return false;
      const target = this.#modules.resolve({ from: binding.from, kind: 'import' }, file);
      if (target.type !== 'file') return false;
      const { declared } = this.#names.find(target.path, binding.name);
      return 'file' in declared && this.#changesGiven(declared, seen);
    });
  }

  #sharedWith(file: string): Walk {
    const walk = new Walk({
      modules: this.#modules,
      names: this.#names,
      isBoundary: this.#isBoundary,
      follows: (from) => !isFramework(from),
    });
    walk.add(file);
    return walk;
  }
}
