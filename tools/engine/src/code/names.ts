import type { Modules } from './modules.ts';
import type { Resolved } from './resolve.ts';

/** A name that a file declares itself. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
}

/** Code that is not of the workspace. */
export type Foreign = Extract<Resolved, { type: 'package' | 'builtin' }>;

/** Who declares a name, and the files on the way that do more than to pass it on. */
export interface Found {
  readonly declared: Declaration | Foreign;
  readonly through: readonly string[];
}

/** Tells who declares the names that files export. */
export class Names {
  readonly #modules: Modules;

  constructor(modules: Modules) {
    this.#modules = modules;
  }

  find(file: string, name: string): Found {
    const through: string[] = [];
    const declared = this.#find(file, name, new Set(), through) ?? { file, name };
    return { declared, through };
  }

  #find(file: string, name: string, seen: Set<string>, through: string[]): Declaration | Foreign | null {
    if (seen.has(`${file}\0${name}`)) return null;
    seen.add(`${file}\0${name}`);
    const { shape } = this.#modules.module(file);
    const pass = (from: string, passed: string): Declaration | Foreign | null => {
      const target = this.#modules.resolve({ from, kind: 'import' }, file);
      if (target.type === 'missing') return { file, name };
      const found = target.type === 'file' ? this.#find(target.path, passed, seen, through) : target;
      if (!shape.isTransparent) through.push(file);
      return found;
    };
    // As in the language: a name of its own comes before one of `export *`.
    const passed = shape.reexports.get(name);
    if (passed) return pass(passed.from, passed.name);
    if (shape.declares.has(name) || name === 'default' || name === '*') return { file, name };
    for (const from of shape.stars) {
      const target = this.#modules.resolve({ from, kind: 'import' }, file);
      if (target.type === 'file' && this.exportsOf(target.path).has(name)) return pass(from, name);
    }
    return { file, name };
  }

  /** Every name that a file exports. */
  exportsOf(file: string, seen: Set<string> = new Set()): Set<string> {
    if (seen.has(file)) return new Set();
    seen.add(file);
    const { shape } = this.#modules.module(file);
    const names = new Set([...shape.reexports.keys(), ...shape.declares]);
    for (const from of shape.stars) {
      const target = this.#modules.resolve({ from, kind: 'import' }, file);
      if (target.type !== 'file') continue;
      for (const name of this.exportsOf(target.path, seen)) if (name !== 'default') names.add(name);
    }
    return names;
  }
}
