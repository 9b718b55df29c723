import { changesBy } from './changed-values.ts';
import { functionsIn, SharedNames } from './shared-names.ts';
import { isFunction, isSyntax, namesIn, type Syntax, unwrapped, walk } from './syntax.ts';

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

/** What becomes of what a function, or one of a class, is given. */
export interface GivenChanges {
  readonly isChanged: boolean;
  /** What gets it in turn, by the name that the call begins with. */
  readonly handedTo: ReadonlySet<string>;
}

/** Looks at a function, or all of a class, an object or a file. */
export function changesGiven(bodies: readonly Syntax[]): GivenChanges {
  const given = functionsIn(bodies).flatMap(({ params }) => (params as readonly unknown[]).flatMap(namesIn));
  const shared = new SharedNames(bodies, given);
  const isChanged = bodies
    .flatMap((body) => [...walk(body)])
    .some((node) => changesBy(node).some(({ kind, of }) => kind !== 'variable' && shared.isShared(of)));
  return { isChanged, handedTo: shared.handedTo };
}
