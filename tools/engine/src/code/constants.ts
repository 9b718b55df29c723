import { identifierIn, isSyntax, type Syntax, unwrapped } from './syntax.ts';

interface Constant {
  readonly init: Syntax;
  readonly isExported: boolean;
}

/** What the file declares with `const`, at its top level. */
export function constantsIn(statements: readonly Syntax[]): ReadonlyMap<string, Constant> {
  const found = new Map<string, Constant>();
  for (const statement of statements) {
    const isExported = statement.type === 'ExportNamedDeclaration';
    const declaration = isExported ? statement.declaration : statement;
    if (!isSyntax(declaration) || declaration.type !== 'VariableDeclaration' || declaration.kind !== 'const')
      continue;
    for (const { id, init } of declaration.declarations as readonly Syntax[]) {
      const name = identifierIn(id);
      if (name !== null && isSyntax(init)) found.set(name, { init, isExported });
    }
  }
  return found;
}

/** What is written out and nothing but data: no name, no call, no function. */
export function isData(node: unknown): node is Syntax {
  const inner = unwrapped(node);
  switch (inner?.type) {
    case 'Literal':
      return !('regex' in inner);
    case 'TemplateLiteral':
      return (inner.expressions as readonly unknown[]).length === 0;
    case 'UnaryExpression':
      return inner.operator === '-' && isData(inner.argument);
    case 'ArrayExpression':
      return (inner.elements as readonly unknown[]).every(isData);
    case 'ObjectExpression':
      return (inner.properties as readonly Syntax[]).every(
        ({ type, kind, computed, value }) =>
          type === 'Property' && kind === 'init' && !computed && isData(value),
      );
    default:
      return false;
  }
}
