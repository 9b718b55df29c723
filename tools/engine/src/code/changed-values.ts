import { isSyntax, propertyIn, rootOf, type Syntax, unwrapped } from './syntax.ts';

/** Methods that change what they are called on: arrays, maps, sets and what is made like them. */
const MUTATORS: ReadonlySet<string> = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'add', 'delete', 'clear', 'append', 'next'],
]);

/** Functions of the language that change their first argument. */
const CHANGES_ARGUMENT = new Set([
  ...['assign', 'defineProperty', 'defineProperties', 'setPrototypeOf', 'set', 'deleteProperty'],
  ...['freeze', 'seal', 'preventExtensions'],
]);

/** What a node changes: a variable that gets another value, or something that is held. */
export interface Change {
  readonly kind: 'variable' | 'field' | 'call';
  /** The variable, or what is changed in place. */
  readonly of: Syntax;
}

/** What one node changes by itself, whatever is below it. */
export function changesBy(node: Syntax): readonly Change[] {
  switch (node.type) {
    case 'AssignmentExpression':
      return placesIn(node.left).map(changeOf);
    case 'UpdateExpression':
      return placesIn(node.argument).map(changeOf);
    case 'UnaryExpression':
      return node.operator === 'delete' ? placesIn(node.argument).map(changeOf) : [];
    case 'ForOfStatement':
    case 'ForInStatement':
      return isSyntax(node.left) && node.left.type !== 'VariableDeclaration'
        ? placesIn(node.left).map(changeOf)
        : [];
    case 'CallExpression': {
      const callee = unwrapped(node.callee);
      if (callee?.type !== 'MemberExpression') return [];
      const method = propertyIn(callee);
      const [first] = node.arguments as readonly unknown[];
      const of = isReflection(rootOf(callee))
        ? CHANGES_ARGUMENT.has(method ?? '') && unwrapped(first)
        : (method === null || MUTATORS.has(method)) && unwrapped(callee.object);
      return of ? [{ kind: 'call', of }] : [];
    }
    default:
      return [];
  }
}

export const isReflection = (root: string | null): boolean => root === 'Object' || root === 'Reflect';

function changeOf(place: Syntax): Change {
  const object = place.type === 'MemberExpression' ? unwrapped(place.object) : null;
  return object ? { kind: 'field', of: object } : { kind: 'variable', of: place };
}

/** What an assignment writes to. */
function placesIn(left: unknown): Syntax[] {
  const inner = unwrapped(left);
  switch (inner?.type) {
    case undefined:
      return [];
    case 'ArrayPattern':
      return (inner.elements as readonly unknown[]).flatMap(placesIn);
    case 'ObjectPattern':
      return (inner.properties as readonly Syntax[]).flatMap(({ value, argument }) =>
        placesIn(value ?? argument),
      );
    case 'AssignmentPattern':
      return placesIn(inner.left);
    case 'RestElement':
      return placesIn(inner.argument);
    default:
      return inner ? [inner] : [];
  }
}
