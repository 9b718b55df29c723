import { childrenOf, identifierIn, isFunction, isSyntax, namesIn, type Syntax, unwrapped } from './syntax.ts';

/** A line that only names something, as `void unused` or `'use strict'`. */
export function isIdle(expression: unknown): boolean {
  const inner = unwrapped(expression);
  if (inner?.type === 'UnaryExpression' && inner.operator !== 'delete') return isIdle(inner.argument);
  return inner !== null && IDLE.has(inner.type);
}

const IDLE = new Set(['Identifier', 'Literal', 'MemberExpression', 'ArrowFunctionExpression']);

/** A statement without the `export` before it. */
export function declarationIn(statement: Syntax): Syntax | null {
  if (!statement.type.startsWith('Export')) return statement;
  return isSyntax(statement.declaration) ? statement.declaration : null;
}

/** What a statement is about: the function that it calls, or what it changes. */
export function subjectOf(expression: unknown): unknown {
  const inner = awaited(expression);
  switch (inner?.type) {
    case 'CallExpression':
      return inner.callee;
    case 'AssignmentExpression':
      return inner.left;
    case 'UpdateExpression':
    case 'UnaryExpression':
      return subjectOf(inner.argument);
    default:
      return inner;
  }
}

/** An expression without the waiting for it. */
export function awaited(expression: unknown): Syntax | null {
  const inner = unwrapped(expression);
  return inner?.type === 'AwaitExpression' ? awaited(inner.argument) : inner;
}

/** The name that a chain starts with, through what is called on the way: `a.b().c`. */
export function sourceOf(node: unknown): string | null {
  const inner = unwrapped(node);
  if (inner?.type === 'CallExpression') return sourceOf(inner.callee);
  return inner?.type === 'MemberExpression' ? sourceOf(inner.object) : identifierIn(inner);
}

/** A statement, and those in its blocks: what is in a function runs when that is called. */
export const withBlocks = (node: Syntax): Syntax[] =>
  isFunction(node) ? [node] : [node, ...childrenOf(node).flatMap(withBlocks)];

/** The names that a statement of the top declares, with what each begins as. */
export function declaredBy(statement: Syntax): (readonly [string, Syntax])[] {
  const node = declarationIn(statement);
  if (node?.type === 'FunctionDeclaration' || node?.type === 'ClassDeclaration')
    return [[identifierIn(node.id) ?? '', node]];
  if (node?.type !== 'VariableDeclaration') return [];
  return (node.declarations as readonly Syntax[]).flatMap(({ id, init }) => {
    const begin = unwrapped(init);
    return begin ? namesIn(id).map((name) => [name, begin] as const) : [];
  });
}
