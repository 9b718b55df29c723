import {
  childrenOf,
  declaratorsIn,
  identifierIn,
  isFunction,
  isSyntax,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  usesOf,
  walk,
} from './syntax.ts';

/** Methods that change what they are called on: arrays, maps, sets and what is made like them. */
export const MUTATORS: ReadonlySet<string> = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'add', 'delete', 'clear', 'append', 'next'],
]);

/** Where a list, an object or what `new` gave is only looked at, or stands among options. */
const READS = new Set([
  'MemberExpression',
  'SpreadElement',
  'ForOfStatement',
  'BinaryExpression',
  'Property',
]);

/**
 * Whether anything in a file may change what outlives a call: a variable of the file, what one holds, or a global. Then one
 * call of a function can leave something behind for the next. Says yes where it is not sure.
 */
export function changesOutside(statements: readonly Syntax[]): boolean {
  const inner = namesWithin(statements);
  const outer = namesAtTop(statements);
  // What is declared nowhere is a global.
  for (const name of aliasesOf(outer, statements)) outer.set(name, null);
  const outlives = (name: string | null) => name === null || outer.has(name) || !inner.has(name);
  const functions = functionsIn(statements);
  const holders = [...namesAtTop(statements)].filter(([, init]) => canHold(init)).map(([name]) => name);
  if (holders.some((name) => usesOf(name, functions).some((use) => !READS.has(use.type)))) return true;
  const isChange = (node: Syntax): boolean => {
    switch (node.type) {
      case 'AssignmentExpression':
        return targetsOf(node.left).some(outlives);
      case 'UpdateExpression':
        return outlives(rootOf(node.argument));
      case 'UnaryExpression':
        return node.operator === 'delete' && outlives(rootOf(node.argument));
      case 'CallExpression': {
        const callee = unwrapped(node.callee);
        if (callee?.type !== 'MemberExpression') return false;
        const method = propertyIn(callee);
        const target = unwrapped(callee.object);
        // What another call gave belongs to nobody else.
        const isNew = target !== null && rootOf(target) === null && target.type !== 'ThisExpression';
        return !isNew && (method === null || MUTATORS.has(method)) && outlives(rootOf(target));
      }
      default:
        return false;
    }
  };
  return functions.some((body) => [...walk(body)].some(isChange));
}

/** Local names for what a variable at the top holds: `const seen = state.seen`. */
function aliasesOf(outer: ReadonlyMap<string, unknown>, statements: readonly Syntax[]): ReadonlySet<string> {
  const declared = declaratorsIn(statements).filter(({ init }) => isSyntax(init));
  const aliases = new Set<string>();
  for (let before = -1; before < aliases.size;) {
    before = aliases.size;
    for (const { id, init } of declared) {
      const source = sourceOf(init);
      const isHeld = source !== null && (aliases.has(source) || isSyntax(outer.get(source)));
      if (isHeld) for (const name of namesIn(id)) aliases.add(name);
    }
  }
  return aliases;
}

/** The name that a value comes from, through what is called on it. */
function sourceOf(node: unknown): string | null {
  const inner = unwrapped(node);
  if (inner?.type === 'MemberExpression') return sourceOf(inner.object);
  if (inner?.type === 'CallExpression') return sourceOf(inner.callee);
  return identifierIn(inner);
}

/** Every function of a file, outermost ones: what is not in one runs once. */
function functionsIn(nodes: readonly Syntax[]): Syntax[] {
  return nodes.flatMap((node) => (isFunction(node) ? [node] : functionsIn(childrenOf(node))));
}

/** What one can put something into: what is made here, not numbers, texts, functions or what a call gave. */
const canHold = (init: unknown): boolean =>
  ['ArrayExpression', 'ObjectExpression', 'NewExpression'].includes(unwrapped(init)?.type ?? '');

/** What is declared at the top of a file, with what it begins as. */
function namesAtTop(statements: readonly Syntax[]): Map<string, unknown> {
  const names = new Map<string, unknown>();
  for (const statement of statements) {
    const declaration = isSyntax(statement.declaration) ? statement.declaration : statement;
    if (declaration.type === 'VariableDeclaration') {
      for (const { id, init } of declaration.declarations as readonly Syntax[]) {
        for (const name of namesIn(id)) names.set(name, init);
      }
    }
    for (const specifier of (statement.type === 'ImportDeclaration'
      ? statement.specifiers
      : []) as Syntax[]) {
      names.set(identifierIn(specifier.local) ?? '', null);
    }
    const named = identifierIn(declaration.id);
    if (named !== null) names.set(named, null);
  }
  return names;
}

/** What is declared anywhere in a file: variables, parameters, functions and classes. */
export function namesWithin(statements: readonly Syntax[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of statements) {
    for (const node of walk(statement)) {
      const patterns = [
        ...(node.type === 'VariableDeclarator' ? [node.id] : []),
        ...(isFunction(node) ? (node.params as readonly unknown[]) : []),
        ...(node.type === 'CatchClause' ? [node.param] : []),
      ];
      for (const pattern of patterns) for (const name of namesIn(pattern)) names.add(name);
    }
  }
  return names;
}

/** The names that a pattern declares. More than those do no harm. */
export const namesIn = (pattern: unknown): string[] =>
  isSyntax(pattern) ? [...walk(pattern)].flatMap((node) => identifierIn(node) ?? []) : [];

/** What an assignment writes to; `null` for what has no name. */
export function targetsOf(left: unknown): (string | null)[] {
  const inner = unwrapped(left);
  switch (inner?.type) {
    case 'ArrayPattern':
      return (inner.elements as readonly unknown[]).filter(isSyntax).flatMap(targetsOf);
    case 'ObjectPattern':
      return (inner.properties as readonly Syntax[]).flatMap(({ value, argument }) =>
        targetsOf(value ?? argument),
      );
    case 'AssignmentPattern':
      return targetsOf(inner.left);
    case 'RestElement':
      return targetsOf(inner.argument);
    default:
      return [rootOf(inner)];
  }
}
