import { parseSync } from 'oxc-parser';

/** A node of a syntax tree, as far as everything that walks one needs to know it. */
export interface Syntax {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** The statements of a file. */
export const statementsOf = (path: string, source: string): readonly Syntax[] =>
  parseSync(path, source).program.body as unknown as readonly Syntax[];

export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Syntax>).type === 'string';

/** What only wraps an expression: types, which are gone when it runs, and parentheses. */
export const WRAPPERS = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'ParenthesizedExpression',
  'ChainExpression',
]);

/** An expression without what only wraps it. */
export function unwrapped(node: unknown): Syntax | null {
  if (!isSyntax(node)) return null;
  return WRAPPERS.has(node.type) ? unwrapped(node.expression) : node;
}

/** The nodes right below, types left out. */
export function childrenOf(node: Syntax): Syntax[] {
  if (WRAPPERS.has(node.type)) return isSyntax(node.expression) ? [node.expression] : [];
  return Object.entries(node)
    .filter(([field]) => field !== 'typeAnnotation' && field !== 'typeArguments' && field !== 'returnType')
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter(isSyntax)
    .filter(({ type }) => !type.startsWith('TS') || WRAPPERS.has(type) || type === 'TSEnumDeclaration');
}

/** A node and all below, types left out. */
export function* walk(node: Syntax): Generator<Syntax> {
  yield node;
  for (const child of childrenOf(node)) yield* walk(child);
}

export const isFunction = ({ type }: Syntax): boolean =>
  type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression';

/** Every variable that is declared anywhere below, with what it begins as. */
export const declaratorsIn = (statements: readonly Syntax[]): Syntax[] =>
  statements.flatMap((statement) => [...walk(statement)]).filter(({ type }) => type === 'VariableDeclarator');

/** The names that a pattern declares. More than those do no harm. */
export const namesIn = (pattern: unknown): string[] =>
  isSyntax(pattern) ? [...walk(pattern)].flatMap((node) => identifierIn(node) ?? []) : [];

/** The name of an identifier; `null` for other nodes. */
export const identifierIn = (node: unknown): string | null =>
  isSyntax(node) && node.type === 'Identifier' ? (node.name as string) : null;

/** The name behind a dot, or in brackets where it is written out; `null` for other nodes. */
export function propertyIn(node: Syntax): string | null {
  if (node.type !== 'MemberExpression') return null;
  if (!node.computed) return identifierIn(node.property);
  const { property } = node;
  return isSyntax(property) && property.type === 'Literal' && typeof property.value === 'string'
    ? property.value
    : null;
}

/** The name that a chain such as `a.b.c` or `a[0].b` starts with; `null` where it is no name. */
export function rootOf(node: unknown): string | null {
  const inner = unwrapped(node);
  return inner?.type === 'MemberExpression' ? rootOf(inner.object) : identifierIn(inner);
}

/**
 * Each place where a name is used, with the node that it stands in. What is declared inside under the same name counts as
 * well: who asks wants to be sure.
 */
export function usesOf(name: string, nodes: readonly Syntax[]): Syntax[] {
  const uses: Syntax[] = [];
  const visit = (node: Syntax, parent: Syntax) => {
    if (node.type === 'ImportDeclaration') return;
    if (node.type === 'Identifier' && node.name === name && !isLabel(node, parent)) uses.push(parent);
    // Passes through wrappers, so that the parent is what the value goes to.
    const next = WRAPPERS.has(node.type) ? parent : node;
    for (const child of childrenOf(node)) visit(child, next);
  };
  for (const node of nodes) visit(node, node);
  return uses;
}

/** A name that is no use of the variable: behind a dot, before a colon, or where it is declared. */
function isLabel(node: Syntax, parent: Syntax): boolean {
  if (parent.type === 'MemberExpression') return parent.property === node && !parent.computed;
  if (
    parent.type === 'Property' ||
    parent.type === 'PropertyDefinition' ||
    parent.type === 'MethodDefinition'
  ) {
    return parent.key === node && !parent.computed && parent.value !== node && !parent.shorthand;
  }
  return parent.type === 'VariableDeclarator' && parent.id === node;
}
