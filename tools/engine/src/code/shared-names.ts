import { isBuiltin } from 'node:module';
import { isReflection } from './changed-values.ts';
import { isFramework } from './definition-use.ts';
import {
  childrenOf,
  declaratorsIn,
  identifierIn,
  isFunction,
  isSyntax,
  namesIn,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  walk,
} from './syntax.ts';

/** Where the names of an import come from, and whether one stands for a whole module. */
interface Imported {
  readonly from: string;
  readonly isWhole: boolean;
}

/** Methods that give a list of their own: what is in it may be shared. */
const MAKES_NEW = new Set([
  ...['map', 'filter', 'slice', 'concat', 'flat', 'flatMap', 'split', 'keys', 'values', 'entries'],
  ...['toSorted', 'toReversed', 'toSpliced', 'with', 'join', 'trim', 'replace', 'toString'],
]);
const GIVES_ITS_ARGUMENT = new Set(['assign', 'freeze', 'seal', 'defineProperty', 'defineProperties']);

/**
 * Follows what is shared through the functions of a file: by which names it goes, as `const s = settings`, `for (const one of
 * settings.list)`, a parameter that is given it, and to which functions it is handed. Names are not told apart by scope: a
 * name that is shared somewhere is taken for shared everywhere.
 */
export class SharedNames {
  /** Names for what is shared. */
  readonly #shared: Set<string>;
  /** Names for what is new and has something shared in it. */
  readonly #holders = new Set<string>();
  /** Functions that are given what is shared, by the name that the call begins with. */
  readonly handedTo = new Set<string>();
  readonly #imports: ReadonlyMap<string, Imported>;
  readonly #functions: ReadonlyMap<string, Syntax>;
  readonly #isThisShared: boolean;

  /** `names` are shared from the start; `imports` as well, as far as they are the workspace's. */
  constructor(
    nodes: readonly Syntax[],
    names: Iterable<string>,
    { imports = new Map(), isThisShared = false }: SharedOptions = {},
  ) {
    this.#shared = new Set(names);
    this.#imports = imports;
    this.#isThisShared = isThisShared;
    this.#functions = functionsByName(nodes);
    const all = nodes.flatMap((node) => [...walk(node)]);
    const inside = functionsIn(nodes).flatMap((body) => [...walk(body)]);
    for (let before = -1; before < this.#size;) {
      before = this.#size;
      for (const node of all) this.#follow(node);
      for (const node of inside) {
        if (node.type === 'CallExpression' || node.type === 'NewExpression') this.#handOver(node);
        if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') this.#inherit(node);
      }
    }
    for (const node of nodes) if (node.type === 'ClassDeclaration') this.#inherit(node);
  }

  get #size(): number {
    return this.#shared.size + this.#holders.size + this.handedTo.size;
  }

  /** Whether what an expression gives is shared. */
  isShared(node: unknown): boolean {
    const inner = unwrapped(node);
    switch (inner?.type) {
      case 'Identifier':
        return this.#isNameShared(inner.name as string);
      case 'ThisExpression':
        return this.#isThisShared;
      case 'MemberExpression':
        return this.holdsShared(inner.object);
      case 'CallExpression':
        return this.#givesShared(inner);
      case 'ConditionalExpression':
        return this.isShared(inner.consequent) || this.isShared(inner.alternate);
      case 'LogicalExpression':
        return this.isShared(inner.left) || this.isShared(inner.right);
      case 'AssignmentExpression':
        return this.isShared(inner.right);
      case 'AwaitExpression':
        return this.isShared(inner.argument);
      default:
        return false;
    }
  }

  /** Whether it is shared, or has something shared in it. */
  holdsShared(node: unknown): boolean {
    const inner = unwrapped(node);
    const some = (parts: unknown) =>
      (parts as readonly unknown[]).some((part) => isSyntax(part) && this.holdsShared(part));
    switch (inner?.type) {
      case 'Identifier':
        return this.#holders.has(inner.name as string) || this.isShared(inner);
      case 'ArrayExpression':
        return some(inner.elements);
      case 'ObjectExpression':
        return some((inner.properties as readonly Syntax[]).map(({ value, argument }) => value ?? argument));
      case 'SpreadElement':
      case 'AwaitExpression':
        return this.holdsShared(inner.argument);
      case 'NewExpression':
        return some(inner.arguments);
      case 'CallExpression': {
        const callee = unwrapped(inner.callee);
        if (callee?.type !== 'MemberExpression') return this.isShared(inner);
        const isOfObject = ['Object', 'Array', 'Reflect'].includes(identifierIn(callee.object) ?? '');
        return isOfObject
          ? some(inner.arguments)
          : this.isShared(inner) || (this.holdsShared(callee.object) && !this.#isPackage(callee.object));
      }
      default:
        return this.isShared(inner);
    }
  }

  #isNameShared(name: string): boolean {
    if (this.#shared.has(name)) return true;
    const imported = this.#imports.get(name);
    return imported !== undefined && !isFramework(imported.from) && !isBuiltin(imported.from);
  }

  /** Whether a name stands for a library, of which what a call gives is new. */
  #isPackage(node: unknown): boolean {
    const imported = this.#imports.get(identifierIn(node) ?? '');
    return imported !== undefined && imported.isWhole && !/^[.#]/.test(imported.from);
  }

  #givesShared({ callee: called, arguments: given }: Syntax): boolean {
    const callee = unwrapped(called);
    const args = given as readonly unknown[];
    if (callee?.type === 'MemberExpression') {
      const method = propertyIn(callee) ?? '';
      if (isReflection(identifierIn(callee.object)))
        return GIVES_ITS_ARGUMENT.has(method) && this.isShared(args[0]);
      return !MAKES_NEW.has(method) && !this.#isPackage(callee.object) && this.holdsShared(callee.object);
    }
    const name = identifierIn(callee) ?? '';
    const own = this.#functions.get(name);
    if (own)
      return resultsOf(own).some(
        (result) => identifierIn(unwrapped(result)) !== name && this.#isResultShared(result),
      );
    // One that is given nothing gives what it has.
    const imported = this.#imports.get(name);
    return imported !== undefined && args.length === 0 && /^[.#]/.test(imported.from);
  }

  /** Without another look at what own functions give: they may call each other. */
  #isResultShared(result: unknown): boolean {
    const inner = unwrapped(result);
    return inner !== null && inner.type !== 'CallExpression' && this.isShared(inner);
  }

  #take(pattern: unknown, value: unknown): void {
    if (this.isShared(value)) for (const name of namesIn(pattern)) this.#shared.add(name);
    else if (this.holdsShared(value)) {
      const into = identifierIn(pattern) === null ? this.#shared : this.#holders;
      for (const name of namesIn(pattern)) into.add(name);
    }
  }

  #follow(node: Syntax): void {
    switch (node.type) {
      case 'VariableDeclarator':
        if (isSyntax(node.init)) this.#take(node.id, node.init);
        break;
      case 'AssignmentPattern':
        this.#take(node.left, node.right);
        break;
      case 'AssignmentExpression':
        if (unwrapped(node.left)?.type !== 'MemberExpression') this.#take(node.left, node.right);
        break;
      case 'ForOfStatement':
      case 'ForInStatement':
        if (this.holdsShared(node.right)) for (const name of namesIn(node.left)) this.#shared.add(name);
        break;
    }
  }

  /** What a call does with what is shared among its arguments, or with what it is called on. */
  #handOver({ callee: called, arguments: given }: Syntax): void {
    const callee = unwrapped(called);
    const args = given as readonly Syntax[];
    const own = this.#functions.get(identifierIn(callee) ?? '');
    const isSharedGiven = args.some((arg) => this.holdsShared(arg));
    if (own) {
      for (const body of functionsIn([own])) {
        const params = body.params as readonly unknown[];
        args.forEach((arg, index) => {
          if (params[index] !== undefined && arg.type !== 'SpreadElement') this.#take(params[index], arg);
        });
      }
    } else if (isSharedGiven) this.handedTo.add(rootOf(callee) ?? '');
    if (callee?.type !== 'MemberExpression' || !this.holdsShared(callee.object)) return;
    const method = propertyIn(callee);
    for (const arg of args) {
      const inner = unwrapped(arg);
      const body = inner && isFunction(inner) ? inner : this.#functions.get(identifierIn(inner) ?? '');
      if (!body || !isFunction(body)) continue;
      // What it collects in is made for the call, where it is.
      const isCollecting = method === 'reduce' && args.length > 1 && !this.holdsShared(args[1]);
      const params = (body.params as readonly unknown[]).slice(isCollecting ? 1 : 0);
      for (const name of params.flatMap(namesIn)) this.#shared.add(name);
    }
  }

  /** What a class is given, the one above it gets. */
  #inherit({ superClass }: Syntax): void {
    const name = rootOf(superClass);
    if (name !== null) this.handedTo.add(name);
  }
}

interface SharedOptions {
  readonly imports?: ReadonlyMap<string, Imported>;
  readonly isThisShared?: boolean;
}

/** What some statements import, by local name. */
export function importsIn(statements: readonly Syntax[]): ReadonlyMap<string, Imported> {
  const found = new Map<string, Imported>();
  for (const { type, source, specifiers } of statements) {
    if (type !== 'ImportDeclaration') continue;
    for (const { type: kind, local } of specifiers as readonly Syntax[]) {
      const isWhole = kind !== 'ImportSpecifier';
      found.set(identifierIn(local) ?? '', { from: (source as { readonly value: string }).value, isWhole });
    }
  }
  return found;
}

/** Every function of a file, outermost ones: what is not in one runs once. */
export function functionsIn(nodes: readonly Syntax[]): Syntax[] {
  return nodes.flatMap((node) => (isFunction(node) ? [node] : functionsIn(childrenOf(node))));
}

/** Functions and classes that have a name. */
function functionsByName(nodes: readonly Syntax[]): ReadonlyMap<string, Syntax> {
  const found = new Map<string, Syntax>();
  for (const node of nodes.flatMap((one) => [...walk(one)])) {
    if (isFunction(node) || node.type === 'ClassDeclaration') found.set(identifierIn(node.id) ?? '', node);
  }
  for (const { id, init } of declaratorsIn(nodes)) {
    const body = unwrapped(init);
    if (body && isFunction(body)) found.set(identifierIn(id) ?? '', body);
  }
  found.delete('');
  return found;
}

/** What a function gives back. */
function resultsOf(body: Syntax): unknown[] {
  if (isSyntax(body.body) && body.type === 'ArrowFunctionExpression' && body.body.type !== 'BlockStatement')
    return [body.body];
  return [...walk(body)].filter(({ type }) => type === 'ReturnStatement').map(({ argument }) => argument);
}
