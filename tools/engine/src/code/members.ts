import { identifierIn, propertyIn, statementsOf, type Syntax, usesOf } from './syntax.ts';

/**
 * Whether a file does more with a set of assets that it imports than to name members of it, as `rates.eur` or
 * `memberOf(rates, 'eur')`. Then it may depend on which members there are. Says yes where it is not sure.
 */
export function usesWhole(path: string, source: string, from: string, name: string): boolean {
  const statements = statementsOf(path, source);
  const locals = statements
    .filter(
      ({ type, source: given }) =>
        type === 'ImportDeclaration' && (given as { value: string }).value === from,
    )
    .flatMap(({ specifiers }) => (specifiers ?? []) as readonly Syntax[])
    .filter(
      ({ type, imported }) =>
        (type === 'ImportDefaultSpecifier' ? 'default' : identifierIn(imported)) === name,
    )
    .flatMap(({ local }) => identifierIn(local) ?? []);
  return locals.some((local) => usesOf(local, statements).some((use) => !namesMember(use, local)));
}

/** Whether a use of a set names a member of it: `rates.eur`, `memberOf(rates, 'eur')`. */
export function namesMember(use: Syntax, local: string): boolean {
  if (use.type === 'MemberExpression') return identifierIn(use.object) === local && propertyIn(use) !== null;
  if (use.type !== 'CallExpression' || identifierIn(use.callee) !== 'memberOf') return false;
  const [set, name] = use.arguments as readonly Syntax[];
  return identifierIn(set) === local && name?.type === 'Literal';
}
