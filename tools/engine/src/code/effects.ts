import { isBuiltin } from 'node:module';
import { changesOutside, MUTATORS, namesWithin, targetsOf } from './changes.ts';
import { CHANGES_ARGUMENT, changesGiven, isFresh } from './given.ts';
import { type FileCode, isFramework } from './definition-use.ts';
import type { Binding } from './module-shape.ts';
import {
  childrenOf,
  identifierIn,
  isFunction,
  isSyntax,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  walk,
} from './syntax.ts';

/** What loading a file may change, besides what it declares. */
export interface Effects {
  /** Whether it changes something for sure, or may do so in a way that cannot be told. */
  readonly isCertain: boolean;
  /** Whether that may be a global, which all code shares. */
  readonly isGlobal: boolean;
  /** Functions of other files that it calls to declare what it does: they may change something in turn. */
  readonly calls: readonly Call[];
}

/** A function of another file that is called. */
export interface Call extends Binding {
  /** Whether it is given what others hold as well: then it may change that. */
  readonly isGivenShared: boolean;
}

const GLOBALS = new Set(['globalThis', 'global', 'process']);

/** What a module gives to those that load it: it counts where the module does. */
const OWN_EXPORTS = new Set(['module', 'exports']);

/**
 * What loading a file does besides to declare. A call whose result is kept in a variable is believed to change nothing where
 * it calls an installed package; what it calls in the workspace is named, to be looked at.
 */
export function effectsOf(file: FileCode): Effects {
  const reader = new EffectsReader(file);
  for (const statement of file.statements) reader.statement(statement);
  return reader;
}

class EffectsReader implements Effects {
  readonly calls: Call[] = [];
  isCertain = false;
  isGlobal = false;
  readonly #file: FileCode;
  /** What the file declares at its top, with what each begins as. */
  readonly #own: ReadonlyMap<string, Syntax>;
  readonly #called = new Set<string>();

  constructor(file: FileCode) {
    this.#file = file;
    this.#own = new Map(file.statements.flatMap(declaredBy));
  }

  statement(statement: Syntax): void {
    if (statement.type.startsWith('TS') || statement.type === 'ImportDeclaration') return;
    const node = declarationIn(statement);
    if (!node || isFunction(node)) return;
    if (RUNS.has(node.type)) this.#effect(null);
    if (node.type === 'ExpressionStatement' && !isIdle(node.expression)) {
      const subject = subjectOf(node.expression);
      const root = rootOf(subject);
      // A line for whoever develops changes nothing that data is made from; of `Object` and `Reflect` the call says what changes.
      const isCall = unwrapped(node.expression)?.type === 'CallExpression';
      const receiver =
        isCall && isSyntax(subject) && subject.type === 'MemberExpression' ? subject.object : null;
      const isSaid = root === 'console' || (isCall && isReflection(root)) || this.#isFresh(receiver);
      if (!isSaid) this.#effect(root, isCall);
    }
    this.#visit(node);
  }

  /** A change of what has this name; `null` for what has none. A call of a function that all have need not change a global. */
  #effect(root: string | null, isCall = false): void {
    if (root !== null && OWN_EXPORTS.has(root)) return;
    const own = root === null ? undefined : this.#own.get(root);
    // What the file made itself, and of nothing that others hold, counts where the file does.
    if (own && this.#isFresh(own)) return;
    this.isCertain = true;
    if (root === null || GLOBALS.has(root)) this.isGlobal = true;
    else if (!own) {
      const binding = this.#file.locals.get(root);
      this.isGlobal ||= binding
        ? isBuiltin(binding.from)
        : !isCall && !namesWithin(this.#file.statements).has(root);
    }
  }

  /** Looks at what is computed as the file loads. Functions are not entered: they only run when somebody calls them. */
  #visit(node: Syntax): void {
    if (isFunction(node)) return;
    switch (node.type) {
      case 'AssignmentExpression':
        for (const root of targetsOf(node.left)) this.#effect(root);
        break;
      case 'UpdateExpression':
        this.#effect(rootOf(node.argument));
        break;
      case 'UnaryExpression':
        if (node.operator === 'delete') this.#effect(rootOf(node.argument));
        break;
      case 'AwaitExpression':
      case 'ImportExpression':
        this.#effect(null);
        break;
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        this.#call(unwrapped(node.callee ?? node.tag), node);
        break;
    }
    for (const child of childrenOf(node)) this.#visit(child);
  }

  #call(callee: Syntax | null, { arguments: args }: Syntax): void {
    const given = (args ?? []) as readonly unknown[];
    const root = rootOf(callee);
    const own = root === null ? undefined : this.#own.get(root);
    const binding = root === null ? undefined : this.#file.locals.get(root);
    const method = callee?.type === 'MemberExpression' ? propertyIn(callee) : null;
    const isGivenShared = given.some((one) => isSyntax(one) && !isFunction(one) && !this.#isFresh(one));
    if (binding && method !== null && MUTATORS.has(method) && !isFramework(binding.from)) this.#effect(root);
    if (binding) this.#callOf(binding, isGivenShared);
    else if (own && isFunction(own)) {
      if (isGivenShared && changesGiven(own)) this.isCertain = true;
      this.#callOwn(root ?? '', own);
    } else if (own && (own.type === 'ClassDeclaration' || method !== null)) {
      if (isGivenShared && changesGiven(own)) this.isCertain = true;
      this.#runs(own);
    } else if (callee && isFunction(callee)) this.#effect(null);
    else if (isReflection(root)) {
      const target = unwrapped(given[0]);
      const isChange = CHANGES_ARGUMENT.has(method ?? '') && target !== null;
      if (isChange && !this.#isFresh(target)) this.#effect(rootOf(target));
    }
    // What is declared nowhere, as a timer, runs them later.
    const isUnknown = callee?.type === 'Identifier' && !own && !binding;
    if (!isKept(binding) && !isUnknown) this.#callbacks(callee, given);
  }

  /** Functions that a call is given may run at once. */
  #callbacks(callee: Syntax | null, given: readonly unknown[]): void {
    const receiver = callee?.type === 'MemberExpression' ? callee : null;
    const isOfShared = receiver !== null && !this.#isFresh(receiver.object);
    for (const one of given) {
      const body = unwrapped(one);
      if (!body || !isFunction(body)) continue;
      // What it collects in is made for the call.
      const isCollecting = receiver !== null && propertyIn(receiver) === 'reduce';
      if (isOfShared && !isCollecting && changesGiven(body)) this.isCertain = true;
      this.#runs(body);
    }
  }

  /** What functions in here change besides what they declare themselves. */
  #runs(body: Syntax): void {
    const inner = namesWithin([body]);
    const change = (root: string | null, isCall = false) => {
      if (root !== null && !inner.has(root)) this.#effect(root, isCall);
    };
    for (const node of walk(body)) {
      if (node.type === 'AssignmentExpression') for (const root of targetsOf(node.left)) change(root);
      if (node.type === 'UpdateExpression') change(rootOf(node.argument));
      if (node.type === 'UnaryExpression' && node.operator === 'delete') change(rootOf(node.argument));
      if (node.type !== 'CallExpression') continue;
      const callee = unwrapped(node.callee);
      const root = rootOf(callee);
      const binding = root === null || inner.has(root) ? undefined : this.#file.locals.get(root);
      if (binding) this.#callOf(binding, true);
      if (callee?.type !== 'MemberExpression') continue;
      const method = propertyIn(callee) ?? '';
      if (isReflection(root) && CHANGES_ARGUMENT.has(method))
        change(rootOf((node.arguments as readonly unknown[])[0]));
      else if (MUTATORS.has(method)) change(root, true);
    }
  }

  #callOf(binding: Binding, isGivenShared: boolean): void {
    if (!isFramework(binding.from)) this.calls.push({ ...binding, isGivenShared });
  }

  /** What this file declares and that runs: it may change what outlives it, or call what others declare. */
  #callOwn(name: string, body: Syntax): void {
    if (this.#called.has(name)) return;
    this.#called.add(name);
    if (changesOutside(this.#file.statements)) this.#effect(name);
    for (const node of walk(body)) {
      const used = identifierIn(node) ?? '';
      const binding = this.#file.locals.get(used);
      if (binding) this.#callOf(binding, false);
      const other = this.#own.get(used);
      if (other && isFunction(other)) this.#callOwn(used, other);
    }
  }

  /** Whether a value was made by this file, of nothing that others hold. */
  #isFresh(node: unknown, seen: ReadonlySet<string> = new Set()): boolean {
    return isFresh(node, (name) => {
      const own = this.#own.get(name);
      if (own === undefined || seen.has(name)) return own !== undefined;
      return isFunction(own) || this.#isFresh(own, new Set([...seen, name]));
    });
  }
}

/** Whether what is called keeps the functions that it is given for later: the framework does, and packages are believed to. */
const isKept = (binding: Binding | undefined): boolean =>
  binding !== undefined &&
  !/^[.#]/.test(binding.from) &&
  !(isFramework(binding.from) && binding.name === 'assets');

const isReflection = (root: string | null): boolean => root === 'Object' || root === 'Reflect';

const RUNS = new Set([
  ...['IfStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement'],
  ...[
    'DoWhileStatement',
    'TryStatement',
    'SwitchStatement',
    'BlockStatement',
    'ThrowStatement',
    'LabeledStatement',
  ],
]);

/** A line that only names something, as `void unused` or `'use strict'`. */
function isIdle(expression: unknown): boolean {
  const inner = unwrapped(expression);
  if (inner?.type === 'UnaryExpression' && inner.operator !== 'delete') return isIdle(inner.argument);
  return inner !== null && IDLE.has(inner.type);
}

const IDLE = new Set(['Identifier', 'Literal', 'MemberExpression', 'ArrowFunctionExpression']);

/** A statement without the `export` before it. */
function declarationIn(statement: Syntax): Syntax | null {
  if (!statement.type.startsWith('Export')) return statement;
  return isSyntax(statement.declaration) ? statement.declaration : null;
}

/** What a statement is about: the function that it calls, or what it changes. */
function subjectOf(expression: unknown): unknown {
  const inner = unwrapped(expression);
  switch (inner?.type) {
    case 'CallExpression':
      return inner.callee;
    case 'AssignmentExpression':
      return inner.left;
    case 'UpdateExpression':
    case 'UnaryExpression':
    case 'AwaitExpression':
      return inner.argument;
    default:
      return inner;
  }
}

/** The names that a statement of the top declares, with what each begins as. */
export function declaredBy(statement: Syntax): (readonly [string, Syntax])[] {
  const node = declarationIn(statement);
  if (node?.type === 'FunctionDeclaration' || node?.type === 'ClassDeclaration')
    return [[identifierIn(node.id) ?? '', node]];
  if (node?.type !== 'VariableDeclaration') return [];
  return (node.declarations as readonly Syntax[]).flatMap(({ id, init }) => {
    const name = identifierIn(id);
    const begin = unwrapped(init);
    return name !== null && begin ? [[name, begin] as const] : [];
  });
}
