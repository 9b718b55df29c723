import { changesOutside } from './changes.ts';
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
  readonly calls: readonly Binding[];
}

const GLOBALS = new Set(['globalThis', 'global', 'process']);

/** What a file has made itself, and nobody else holds as it loads. */
const MADE_HERE = new Set([
  'ObjectExpression',
  'ArrayExpression',
  'Literal',
  'TemplateLiteral',
  'NewExpression',
]);

/** Functions of the language that change their first argument. */
const CHANGES_ARGUMENT = new Set([
  'assign',
  'defineProperty',
  'defineProperties',
  'setPrototypeOf',
  'set',
  'deleteProperty',
]);

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
  readonly calls: Binding[] = [];
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
      const root = rootOf(subjectOf(node.expression));
      // Nothing that data is made from is changed by a line for whoever develops.
      if (root !== 'console') this.#effect(root);
    }
    this.#visit(node);
  }

  /** A change of what has this name; `null` for what has none. */
  #effect(root: string | null): void {
    const own = root === null ? undefined : this.#own.get(root);
    // What the file made itself counts where the file does.
    if (own && MADE_HERE.has(own.type)) return;
    this.isCertain = true;
    if (root === null || GLOBALS.has(root)) this.isGlobal = true;
  }

  /** Looks at what is computed as the file loads. Functions are not entered: they only run when somebody calls them. */
  #visit(node: Syntax): void {
    if (isFunction(node)) return;
    switch (node.type) {
      case 'AssignmentExpression':
        this.#effect(rootOf(node.left));
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

  #call(callee: Syntax | null, { arguments: given }: Syntax): void {
    const root = rootOf(callee);
    const own = root === null ? undefined : this.#own.get(root);
    const binding = root === null ? undefined : this.#file.locals.get(root);
    if (binding) this.#callOf(binding);
    else if (own && isFunction(own)) this.#callOwn(root ?? '', own);
    else if (callee && isFunction(callee)) this.#effect(null);
    else if (root === 'Object' || root === 'Reflect') {
      const [target] = given as readonly unknown[];
      const isNew = unwrapped(target)?.type === 'ObjectExpression';
      if (CHANGES_ARGUMENT.has(propertyIn(callee as Syntax) ?? '') && !isNew) this.#effect(rootOf(target));
    }
  }

  #callOf(binding: Binding): void {
    if (!isFramework(binding.from)) this.calls.push(binding);
  }

  /** A function of this file: it may change what outlives it, or call what others declare. */
  #callOwn(name: string, body: Syntax): void {
    if (this.#called.has(name)) return;
    this.#called.add(name);
    if (changesOutside(this.#file.statements)) this.#effect(name);
    for (const node of walk(body)) {
      const used = identifierIn(node) ?? '';
      const binding = this.#file.locals.get(used);
      if (binding) this.#callOf(binding);
      const other = this.#own.get(used);
      if (other && isFunction(other)) this.#callOwn(used, other);
    }
  }
}

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
function declaredBy(statement: Syntax): (readonly [string, Syntax])[] {
  const node = declarationIn(statement);
  if (node?.type === 'FunctionDeclaration') return [[identifierIn(node.id) ?? '', node]];
  if (node?.type !== 'VariableDeclaration') return [];
  return (node.declarations as readonly Syntax[]).flatMap(({ id, init }) => {
    const name = identifierIn(id);
    const begin = unwrapped(init);
    return name !== null && begin ? [[name, begin] as const] : [];
  });
}
