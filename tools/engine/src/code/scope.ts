import { childrenOf, identifierIn, isFunction, isSyntax, type Syntax, WRAPPERS } from './syntax.ts';

/** Where a name is used, with everything around it: the innermost node comes last. What only wraps it is left out. */
export interface Use {
  readonly node: Syntax;
  readonly around: readonly Syntax[];
}

/** Each place where a name of the top of a file is used: not where a function or a block declares it anew. */
export function usesInScope(name: string, statements: readonly Syntax[]): Use[] {
  const uses: Use[] = [];
  const visit = (node: Syntax, around: readonly Syntax[]) => {
    if (node.type === 'ImportDeclaration' || declares(node, name)) return;
    const parent = around.at(-1);
    if (node.type === 'Identifier' && node.name === name && !(parent && isLabel(node, parent)))
      uses.push({ node, around });
    const next = WRAPPERS.has(node.type) ? around : [...around, node];
    for (const child of childrenOf(node)) visit(child, next);
  };
  for (const statement of statements) visit(statement, []);
  return uses;
}

/** Whether a node gives a name another meaning, for everything inside of it. */
function declares(node: Syntax, name: string): boolean {
  if (isFunction(node)) {
    const isOwnName = node.type !== 'FunctionDeclaration' && identifierIn(node.id) === name;
    return isOwnName || patternsBind(node.params, name) || isHoisted(node.body, name);
  }
  switch (node.type) {
    case 'BlockStatement':
    case 'StaticBlock':
      return (node.body as readonly Syntax[]).some((statement) => isDeclaredBy(statement, name));
    case 'SwitchStatement':
      return (node.cases as readonly Syntax[]).some(({ consequent }) =>
        (consequent as readonly Syntax[]).some((statement) => isDeclaredBy(statement, name)),
      );
    case 'ForStatement':
      return isDeclaredBy(node.init, name);
    case 'ForInStatement':
    case 'ForOfStatement':
      return isDeclaredBy(node.left, name);
    case 'CatchClause':
      return patternsBind([node.param], name);
    case 'ClassExpression':
      return identifierIn(node.id) === name;
    default:
      return false;
  }
}

function isDeclaredBy(statement: unknown, name: string): boolean {
  if (!isSyntax(statement)) return false;
  if (statement.type === 'FunctionDeclaration' || statement.type === 'ClassDeclaration')
    return identifierIn(statement.id) === name;
  return (
    statement.type === 'VariableDeclaration' &&
    patternsBind(
      (statement.declarations as readonly Syntax[]).map(({ id }) => id),
      name,
    )
  );
}

/** `var` reaches to the top of its function, from however deep. */
function isHoisted(body: unknown, name: string): boolean {
  if (!isSyntax(body) || isFunction(body)) return false;
  if (body.type === 'VariableDeclaration' && body.kind === 'var' && isDeclaredBy(body, name)) return true;
  return childrenOf(body).some((child) => isHoisted(child, name));
}

const patternsBind = (patterns: unknown, name: string): boolean =>
  (patterns as readonly unknown[]).some((pattern) => bindsName(pattern, name));

function bindsName(pattern: unknown, name: string): boolean {
  if (!isSyntax(pattern)) return false;
  switch (pattern.type) {
    case 'Identifier':
      return pattern.name === name;
    case 'ArrayPattern':
      return patternsBind(pattern.elements, name);
    case 'ObjectPattern':
      return (pattern.properties as readonly Syntax[]).some(({ value, argument }) =>
        bindsName(value ?? argument, name),
      );
    case 'AssignmentPattern':
      return bindsName(pattern.left, name);
    case 'RestElement':
      return bindsName(pattern.argument, name);
    default:
      return false;
  }
}

/** A name that stands for no variable: behind a dot, before a colon, in a list of exports, or where it is declared. */
function isLabel(node: Syntax, parent: Syntax): boolean {
  switch (parent.type) {
    case 'MemberExpression':
      return parent.property === node && !parent.computed;
    case 'Property':
    case 'PropertyDefinition':
    case 'MethodDefinition':
      return parent.key === node && !parent.computed;
    case 'ExportSpecifier':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return true;
    default:
      return parent.type === 'VariableDeclarator' && parent.id === node;
  }
}
