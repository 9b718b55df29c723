import { constantsIn, isData } from './constants.ts';
import { type FileCode, isFramework } from './definition-use.ts';
import type { Binding } from './module-shape.ts';
import { usesInScope } from './scope.ts';
import { identifierIn, isFunction, isSyntax, propertyIn, type Syntax, unwrapped, walk } from './syntax.ts';

const CORE = '@nx-assets/core';

/**
 * What a value is on its way from a literal to the steps: what partitions are made of, partitions, or an asset that has
 * them, alone or in a set.
 */
type Role = 'options' | 'partitions' | 'asset' | 'set';

/** A name at the top of a file, and what it holds. */
export interface Holder {
  readonly name: string;
  readonly role: Role;
}

/** A part of a file's text. */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** A literal that says which partitions there are, and what holds what is made from it; `null` where that cannot be told. */
export interface RangeLiteral extends Slice {
  readonly holder: Holder | null;
}

/** Functions of the core, with the argument that says which partitions there are, or which are read. */
const TAKES_RANGE: Readonly<Record<string, { readonly at: number; readonly gives: Role }>> = {
  ...Object.fromEntries(
    ['hourly', 'daily', 'weekly', 'monthly', 'cronWindows', 'staticPartitions'].map((name) => [
      name,
      { at: 0, gives: 'partitions' },
    ]),
  ),
  mapPartitions: { at: 1, gives: 'asset' },
};

/** Follows values through one file, from where they stand to the name that holds what comes of them. */
export class RangeFlow {
  readonly #file: FileCode;
  readonly #holders = new Map<string, readonly Holder[] | null>();
  #called: ReadonlyMap<Syntax, Binding> | undefined;

  constructor(file: FileCode) {
    this.#file = file;
  }

  /** Whether a file may have such literals: asked before it is read more closely. */
  static mayBeIn({ locals }: Pick<FileCode, 'locals'>): boolean {
    return [...locals.values()].some(({ from, name }) => from === CORE && Object.hasOwn(TAKES_RANGE, name));
  }

  literals(): readonly RangeLiteral[] {
    const constants = constantsIn(this.#file.statements);
    const named = new Set<string>();
    const literals: RangeLiteral[] = [];
    for (const [local, { from, name }] of this.#file.locals) {
      const takes = from === CORE ? TAKES_RANGE[name] : undefined;
      if (!takes) continue;
      for (const { node, around } of usesInScope(local, this.#file.statements)) {
        const call = around.at(-1);
        if (call?.type !== 'CallExpression' || unwrapped(call.callee) !== node) continue;
        const given = (call.arguments as readonly Syntax[])[takes.at];
        if (!given) continue;
        const holder = this.#goesTo(call, around.slice(0, -1), takes.gives);
        for (const { start, end } of dataIn(given)) literals.push({ start, end, holder });
        for (const node of walk(given)) named.add(identifierIn(node) ?? '');
      }
    }
    for (const name of named) {
      const init = constants.get(name)?.init;
      if (isData(init))
        literals.push({ start: init.start, end: init.end, holder: { name, role: 'options' } });
    }
    return literals;
  }

  /** What holds what is made from a name of this file; `null` where it may be read in another way. */
  holdersFrom({ name, role }: Holder): readonly Holder[] | null {
    const id = `${role} ${name}`;
    let holders = this.#holders.get(id);
    if (holders === undefined) {
      const found = usesInScope(name, this.#file.statements).map(({ node, around }) =>
        this.#goesTo(node, around, role),
      );
      holders = found.includes(null) ? null : found.filter((one) => one !== null);
      this.#holders.set(id, holders);
    }
    return holders;
  }

  /** The names under which a file exports what it calls otherwise. */
  exportsOf(name: string): readonly string[] {
    const listed = this.#file.statements
      .filter(({ type, source }) => type === 'ExportNamedDeclaration' && !source)
      .flatMap(({ specifiers }) => specifiers as readonly Syntax[])
      .filter(({ local }) => identifierIn(local) === name)
      .map(({ exported }) => identifierIn(exported) ?? String((exported as Syntax).value));
    return [name, ...listed];
  }

  #goesTo(from: Syntax, around: readonly Syntax[], first: Role): Holder | null {
    let child = from;
    let role: Role = first;
    /** The fields that it stands in, up to the call that takes it. */
    let fields: (string | null)[] = [];
    let isGivenBack = false;
    for (let at = around.length - 1; at >= 0; at--) {
      const node = around[at] as Syntax;
      switch (node.type) {
        case 'VariableDeclarator':
          // Of an object with partitions or a set in it, nobody knows what is read.
          if (isGivenBack || (fields.length > 0 && (role === 'partitions' || role === 'set'))) return null;
          return holderIn(node, around.slice(0, at), role);
        case 'ExportDefaultDeclaration':
          return isGivenBack || fields.length > 0 ? null : { name: 'default', role };
        case 'CallExpression': {
          const given = (node.arguments as readonly unknown[]).findIndex((one) => unwrapped(one) === child);
          const next = given < 0 ? null : this.#roleAfter(node, given, { role, fields, isGivenBack });
          if (next === null) return null;
          role = next;
          fields = [];
          isGivenBack = false;
          break;
        }
        case 'Property':
          if (unwrapped(node.value) !== child) return null;
          fields.push(node.computed ? null : (identifierIn(node.key) ?? ''));
          break;
        case 'ObjectExpression':
          break;
        case 'MemberExpression':
          if (role !== 'set' || unwrapped(node.object) !== child || propertyIn(node) === null) return null;
          role = 'asset';
          break;
        case 'ArrayExpression':
        case 'SpreadElement':
        case 'ConditionalExpression':
        case 'LogicalExpression':
          if (role === 'partitions') return null;
          break;
        case 'ArrowFunctionExpression':
        case 'FunctionExpression':
        case 'ReturnStatement':
        case 'BlockStatement':
          if (role !== 'asset' || fields.length > 0) return null;
          isGivenBack ||= isFunction(node);
          break;
        default:
          return null;
      }
      child = node;
    }
    return null;
  }

  /** What a call gives for what it is given; `null` where it may look into it. */
  #roleAfter(call: Syntax, given: number, { role, fields, isGivenBack }: Passage): Role | null {
    const called = this.#calledBy(call);
    if (called === null) return null;
    const name = called.from === CORE ? called.name : null;
    // The function of a factory, and no other that may be called with something, or later.
    if (isGivenBack) return name === 'assets' && given === 1 ? 'set' : null;
    switch (role) {
      case 'options':
        return name !== null && TAKES_RANGE[name]?.at === given ? TAKES_RANGE[name].gives : null;
      case 'partitions':
        if (fields.length !== 1 || given !== 0) return null;
        if (name === 'twoDimensions') return 'partitions';
        return name === 'asset' && fields[0] === 'partitions' ? 'asset' : null;
      case 'set':
        return name === 'memberOf' || name === 'membersOf' ? 'asset' : null;
      case 'asset':
        return 'asset';
    }
  }

  /** What of the framework a call calls; `null` where it is something else. */
  #calledBy({ callee }: Syntax): Binding | null {
    this.#called ??= new Map(
      [...this.#file.locals]
        .filter(([, { from }]) => isFramework(from))
        .flatMap(([local, binding]) =>
          usesInScope(local, this.#file.statements).map(({ node }) => [node, binding] as const),
        ),
    );
    const node = unwrapped(callee);
    return (node && this.#called.get(node)) ?? null;
  }
}

/** How a value stands in what a call is given. */
interface Passage {
  readonly role: Role;
  /** The fields that it stands in. */
  readonly fields: readonly (string | null)[];
  /** Whether a function gives it back. */
  readonly isGivenBack: boolean;
}

/** The constant at the top of a file that a declaration is of. */
function holderIn({ id }: Syntax, around: readonly Syntax[], role: Role): Holder | null {
  const [declaration, ...others] = around.toReversed();
  const isAtTop =
    others.length === 0 || (others.length === 1 && others[0]?.type === 'ExportNamedDeclaration');
  const name = identifierIn(id);
  return isAtTop && declaration?.kind === 'const' && name !== null ? { name, role } : null;
}

/** What is written out in an expression, where the rest is names. */
function dataIn(node: unknown): Syntax[] {
  if (isData(node)) return [node];
  const inner = unwrapped(node);
  if (inner?.type === 'ArrayExpression') return (inner.elements as readonly unknown[]).flatMap(dataIn);
  if (inner?.type === 'SpreadElement') return dataIn(inner.argument);
  if (inner?.type !== 'ObjectExpression') return [];
  return (inner.properties as readonly Syntax[]).flatMap((one) =>
    dataIn(
      one.type === 'SpreadElement'
        ? one.argument
        : isSyntax(one.value) && one.kind === 'init'
          ? one.value
          : null,
    ),
  );
}
