import { MUTATORS, namesIn, targetsOf } from './changes.ts';
import {
  identifierIn,
  isFunction,
  isSyntax,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  walk,
} from './syntax.ts';

/**
 * Whether a value is made where it stands, of nothing that others hold: whoever changes it changes nothing of theirs. What a
 * call gives may be anybody's. `isNameFresh` says it of names.
 */
export function isFresh(node: unknown, isNameFresh: (name: string) => boolean): boolean {
  const inner = unwrapped(node);
  const areParts = (parts: unknown) =>
    (parts as readonly unknown[]).every(
      (part) => !isSyntax(part) || isFunction(part) || isFresh(part, isNameFresh),
    );
  switch (inner?.type) {
    case 'Literal':
    case 'TemplateLiteral':
    case 'BinaryExpression':
    case 'UnaryExpression':
      return true;
    case 'ArrayExpression':
      return areParts(inner.elements);
    case 'ObjectExpression':
      return areParts(
        (inner.properties as readonly Syntax[]).map(({ value, argument }) => value ?? argument),
      );
    case 'SpreadElement':
      return isFresh(inner.argument, isNameFresh);
    case 'NewExpression':
      return areParts(inner.arguments);
    case 'ConditionalExpression':
      return areParts([inner.consequent, inner.alternate]);
    case 'LogicalExpression':
      return areParts([inner.left, inner.right]);
    case 'Identifier':
      return isNameFresh(inner.name as string);
    default:
      return false;
  }
}

/** Whether a function, or one of a class, changes what it is given. */
export function changesGiven(body: Syntax): boolean {
  const functions = [...walk(body)].filter(isFunction);
  const given = new Set(functions.flatMap(({ params }) => (params as readonly unknown[]).flatMap(namesIn)));
  const isGiven = (node: unknown) => given.has(rootOf(node) ?? '');
  return [...walk(body)].some((node) => {
    switch (node.type) {
      case 'AssignmentExpression':
        return (
          unwrapped(node.left)?.type !== 'Identifier' &&
          targetsOf(node.left).some((one) => given.has(one ?? ''))
        );
      case 'UpdateExpression':
        return identifierIn(node.argument) === null && isGiven(node.argument);
      case 'UnaryExpression':
        return node.operator === 'delete' && isGiven(node.argument);
      case 'CallExpression': {
        const callee = unwrapped(node.callee);
        if (callee?.type !== 'MemberExpression') return false;
        const method = propertyIn(callee) ?? '';
        if (CHANGES_ARGUMENT.has(method) && ['Object', 'Reflect'].includes(rootOf(callee) ?? ''))
          return isGiven((node.arguments as readonly unknown[])[0]);
        return MUTATORS.has(method) && isGiven(callee.object);
      }
      default:
        return false;
    }
  });
}

/** Functions of the language that change their first argument. */
export const CHANGES_ARGUMENT = new Set([
  ...['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf', 'set', 'deleteProperty'],
  ...['freeze', 'seal', 'preventExtensions'],
]);
