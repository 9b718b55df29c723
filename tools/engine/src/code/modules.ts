import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hashFile, hashText, linkHash } from '@nx-assets/storage/records';
import { type FileCode, type Reading, readingIn, readingOf } from './definition-use.ts';
import type { LoadedCode } from '../loaded-code.ts';
import { readModule } from './module.ts';
import { type Import, isCode, type ModuleShape } from './module-shape.ts';
import { Packages } from './packages.ts';
import { type Resolved, Resolver } from './resolve.ts';
import { statementsOf, type Syntax } from './syntax.ts';

interface Module {
  readonly hash: string;
  readonly source: string;
  readonly shape: ModuleShape;
}

export interface CodeOptions {
  /** By which Node resolves packages, besides its own. */
  readonly conditions?: readonly string[];
  /** What Node itself gave to each file that asked: it is believed before what is read here. */
  readonly loaded?: LoadedCode['imports'];
}

/** The files of a workspace as code, each read once, and everything that was looked at to find them. */
export class Modules {
  readonly #modules = new Map<string, Module>();
  readonly #statements = new Map<string, readonly Syntax[]>();
  readonly #imports = new Map<string, readonly Import[]>();
  readonly #resolved = new Map<string, Resolved>();
  readonly #readings = new Map<string, Reading>();
  readonly #consulted = new Map<string, string | null>();
  readonly #packages: Packages;
  readonly #root: string;
  readonly #loaded: LoadedCode['imports'];
  readonly #resolver: Resolver;

  constructor(root: string, { conditions = [], loaded = new Map() }: CodeOptions) {
    this.#root = root;
    this.#loaded = loaded;
    this.#resolver = new Resolver(conditions);
    this.#packages = new Packages((path) => this.#consulted.set(path, null), conditions);
  }

  /**
   * Absolute path of everything that was read so far: with the hash of its content where it is code, with where it leads where
   * it is a symbolic link, otherwise with null.
   */
  get consulted(): ReadonlyMap<string, string | null> {
    return this.#consulted;
  }

  module(file: string): Module {
    let module = this.#modules.get(file);
    if (!module) {
      const source = isCode(file) ? readFileSync(file, 'utf8') : '';
      // Of other files the bytes: they may be no text.
      const hash = isCode(file) ? hashText(source) : (hashFile(file) ?? '');
      this.#consulted.set(file, hash);
      const shape = isCode(file) ? readModule(file, source) : NO_IMPORTS;
      module = { hash, source, shape };
      this.#modules.set(file, module);
    }
    return module;
  }

  /** A file as what has to be read more closely than by its imports. */
  code(file: string): FileCode {
    const { source, shape } = this.module(file);
    let statements = this.#statements.get(file);
    if (!statements) {
      statements = statementsOf(file, source);
      this.#statements.set(file, statements);
    }
    return { statements, locals: shape.locals };
  }

  resolve(asked: Pick<Import, 'from' | 'kind'>, importer: string): Resolved {
    const id = `${asked.kind}\0${importer}\0${asked.from}`;
    const known = this.#resolved.get(id) ?? this.#resolve(asked, importer);
    this.#resolved.set(id, known);
    return known;
  }

  #resolve(asked: Pick<Import, 'from' | 'kind'>, importer: string): Resolved {
    const loaded = this.#loaded.get(importer)?.filter(({ from }) => from === asked.from) ?? [];
    const resolved = this.#resolver.resolve(
      asked,
      importer,
      asked.kind === 'url' ? [] : loaded.map(({ path }) => path),
    );
    if (resolved.type === 'missing') this.#consulted.set(resolved.path, null);
    if (resolved.type === 'file' || resolved.type === 'package') {
      for (const path of resolved.through) {
        if (this.#consulted.has(path)) continue;
        const isPackage = path.endsWith('package.json');
        this.#consulted.set(path, isPackage ? null : linkHash(this.#root, path));
      }
    }
    return resolved;
  }

  /** Everything that a file imports, with what it passes on, and with what only Node saw it ask for. */
  importsOf(file: string): readonly Import[] {
    const known = this.#imports.get(file);
    if (known) return known;
    const { imports, reexports, stars } = this.module(file).shape;
    const passed = [...reexports.values(), ...stars.map((from) => ({ from, name: '*' }))];
    const read = [...imports, ...passed.map((one): Import => ({ ...one, kind: 'import', isEager: true }))];
    const names = new Set(read.map(({ from }) => from));
    const others = (this.#loaded.get(file) ?? [])
      .filter(({ from }) => !names.has(from))
      .map(({ from }): Import => ({ from, name: '*', kind: 'import', isEager: true }));
    const all = [...read, ...others];
    this.#imports.set(file, all);
    return all;
  }

  /** What a file may read of what it imports under a name, where that is an asset. */
  readingOf(file: string, from: string, name: string): Reading {
    const id = `${file}\0${from}\0${name}`;
    let reading = this.#readings.get(id);
    if (reading === undefined) {
      const find = name === '*' ? readingIn : readingOf;
      const found = [...this.module(file).shape.locals]
        .filter(([, binding]) => binding.from === from && binding.name === name)
        .map(([local]) => find(this.code(file), local));
      reading = found.find((one) => one === 'all') ?? found.find((one) => one === 'definition') ?? 'data';
      this.#readings.set(id, reading);
    }
    return reading;
  }

  /** What the package.json files above some files say of how Node loads them, where that is not as modules. */
  typesOf(files: Iterable<string>): (readonly [path: string, type: string])[] {
    const folders = [...files].filter((file) => /\.[jt]sx?$/.test(file)).map((file) => dirname(file));
    return this.#packages.typesAbove(new Set(folders), this.#root);
  }

  /** An installed package's name, and its version with all below it. */
  identity(root: string): readonly [name: string, identity: string] {
    return this.#packages.identity(root);
  }
}

const NO_IMPORTS: ModuleShape = {
  imports: [],
  locals: new Map(),
  reexports: new Map(),
  stars: [],
  declares: new Set(),
  isTransparent: false,
};
