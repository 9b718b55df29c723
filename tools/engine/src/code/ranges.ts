import type { Modules } from './modules.ts';
import type { Names } from './names.ts';
import { type Holder, RangeFlow, type RangeLiteral, type Slice } from './range-flow.ts';

/**
 * Finds literals that only say which partitions there are, as `{ start, end }` of `daily()` and the keys of
 * `staticPartitions()`. What they do to data is in the key of each step: the partition, its window, and its inputs. So they
 * do not count as code, and a range can be extended without making the partitions stale that were there before.
 *
 * That holds where nothing in a closure can read them in another way: they go to `partitions` of `asset()`, on whatever way
 * through names and files, and nobody looks into the asset. Where it cannot be told, they count.
 */
export class Ranges {
  readonly #modules: Modules;
  readonly #names: Names;
  readonly #flows = new Map<string, RangeFlow>();
  readonly #uses = new Map<string, FileUses>();
  readonly #literals = new Map<string, readonly RangeLiteral[]>();

  constructor(modules: Modules, names: Names) {
    this.#modules = modules;
    this.#names = names;
  }

  /** The parts that do not count of the files of one closure. */
  in(files: ReadonlySet<string>): ReadonlyMap<string, readonly Slice[]> {
    const found = new Map<string, readonly Slice[]>();
    let uses: Uses | undefined;
    for (const file of files) {
      const literals = this.#literalsOf(file);
      if (literals.length === 0) continue;
      const known = (uses ??= this.#usesIn(files));
      if (known.exposed.has(idOf({ file, name: '*' }))) continue;
      const unseen = literals.filter(
        ({ holder }) => holder && this.#isUnseen(file, holder, known, new Set()),
      );
      if (unseen.length > 0) found.set(file, unseen);
    }
    return found;
  }

  #literalsOf(file: string): readonly RangeLiteral[] {
    let literals = this.#literals.get(file);
    if (!literals) {
      literals = RangeFlow.mayBeIn(this.#modules.module(file).shape) ? this.#flowOf(file).literals() : [];
      this.#literals.set(file, literals);
    }
    return literals;
  }

  #flowOf(file: string): RangeFlow {
    const flow = this.#flows.get(file) ?? new RangeFlow(this.#modules.code(file));
    this.#flows.set(file, flow);
    return flow;
  }

  /** Whether nobody looks into what a name holds, nor into what is made from it. */
  #isUnseen(file: string, holder: Holder, uses: Uses, seen: Set<string>): boolean {
    const flow = this.#flowOf(file);
    const id = `${file}\0${holder.role}\0${holder.name}`;
    if (seen.has(id)) return true;
    seen.add(id);
    const next = flow.holdersFrom(holder);
    if (!next?.every((one) => this.#isUnseen(file, one, uses, seen))) return false;
    const exported = flow.exportsOf(holder.name).map((name) => idOf({ file, name }));
    if (exported.some((one) => uses.exposed.has(one))) return false;
    return exported
      .flatMap((one) => uses.locals.get(one) ?? [])
      .every(({ file: other, name }) => this.#isUnseen(other, { ...holder, name }, uses, seen));
  }

  #usesIn(files: ReadonlySet<string>): Uses {
    const locals = new Map<string, Named[]>();
    const exposed = new Set<string>();
    for (const file of files) {
      const uses = this.#usesOf(file);
      for (const [id, name] of uses.locals) {
        const known = locals.get(id);
        if (known) known.push({ file, name });
        else locals.set(id, [{ file, name }]);
      }
      for (const id of uses.exposed) exposed.add(id);
    }
    return { locals, exposed };
  }

  /** What one file imports: of what is declared elsewhere the names that it gives to it, and modules as a whole. */
  #usesOf(file: string): FileUses {
    const known = this.#uses.get(file);
    if (known) return known;
    const locals: (readonly [id: string, name: string])[] = [];
    const exposed = new Set<string>();
    for (const asked of this.#modules.importsOf(file)) {
      const target = asked.name === '*' ? this.#modules.resolve(asked, file) : null;
      if (target?.type === 'file') this.#expose(target.path, exposed);
    }
    for (const [local, { from, name }] of this.#modules.module(file).shape.locals) {
      const target = name === '*' ? null : this.#modules.resolve({ from, kind: 'import' }, file);
      const declared = target?.type === 'file' ? this.#names.find(target.path, name).declared : null;
      if (!declared || !('file' in declared)) continue;
      if (declared.name === '*') this.#expose(declared.file, exposed);
      else locals.push([idOf(declared), local]);
    }
    const uses = { locals, exposed };
    this.#uses.set(file, uses);
    return uses;
  }

  /** A module that is looked at as a whole, with all that it exports. */
  #expose(file: string, exposed: Set<string>): void {
    const id = idOf({ file, name: '*' });
    if (exposed.has(id)) return;
    exposed.add(id);
    for (const name of [...this.#names.exportsOf(file), 'default']) {
      const { declared } = this.#names.find(file, name);
      if (!('file' in declared)) continue;
      exposed.add(idOf(declared));
      if (declared.name === '*') this.#expose(declared.file, exposed);
    }
  }
}

/** A name that a file declares, or one that it has for what another declares. */
interface Named {
  readonly file: string;
  readonly name: string;
}

/** What one file imports. */
interface FileUses {
  readonly locals: readonly (readonly [id: string, name: string])[];
  readonly exposed: ReadonlySet<string>;
}

/** What the files of a closure import, by what it is. */
interface Uses {
  readonly locals: ReadonlyMap<string, readonly Named[]>;
  /** What can be reached without its name. */
  readonly exposed: ReadonlySet<string>;
}

const idOf = ({ file, name }: Named): string => `${file}\0${name}`;
