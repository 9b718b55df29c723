import { type Change, changesBy } from './changed-values.ts';
import { functionsIn, importsIn, SharedNames } from './shared-names.ts';
import {
  identifierIn,
  isFunction,
  isSyntax,
  namesIn,
  rootOf,
  type Syntax,
  unwrapped,
  usesOf,
  walk,
} from './syntax.ts';

/** Where a list, an object or what `new` gave is only looked at, or stands among options. */
const READS = new Set([
  'MemberExpression',
  'SpreadElement',
  'ForOfStatement',
  'BinaryExpression',
  'Property',
]);

/** What the functions of a file may do to what outlives a call of them. */
export interface OutsideChanges {
  /**
   * Whether one changes it: a variable of the file, what one holds, what is imported, or a global. Then one call can leave
   * something behind for the next. Says yes where it is not sure.
   */
  readonly isSure: boolean;
  /** What is given it, by the name that the call begins with: whether that changes it, is said where it is declared. */
  readonly handedTo: ReadonlySet<string>;
}

/** Looks at everything in a file that runs when it is called. */
export function changesOutside(statements: readonly Syntax[]): OutsideChanges {
  const inner = namesWithin(statements);
  const outer = namesAtTop(statements);
  const held = [...outer].filter(([, init]) => isSyntax(init) && !isValue(init)).map(([name]) => name);
  const shared = new SharedNames(statements, held, { imports: importsIn(statements), isThisShared: true });
  const functions = functionsIn(statements);
  const holders = [...outer].filter(([, init]) => canHold(init)).map(([name]) => name);
  const { handedTo } = shared;
  if (holders.some((name) => usesOf(name, functions).some((use) => !READS.has(use.type))))
    return { isSure: true, handedTo };
  const own = ownFields(statements);
  const isOutside = ({ kind, of }: Change): boolean => {
    if (own.has(of)) return false;
    const root = rootOf(of);
    const isOuter = root !== null && (outer.has(root) || !inner.has(root)); // what is declared nowhere is a global
    if (kind === 'variable') return isOuter;
    if (shared.isShared(of)) return true;
    // Of what another call gave, a list belongs to nobody else.
    if (root === null) return kind === 'field' && of.type !== 'NewExpression';
    return isOuter && (identifierIn(of) !== null || !inner.has(root));
  };
  return {
    isSure: functions.some((body) => [...walk(body)].some((node) => changesBy(node).some(isOutside))),
    handedTo,
  };
}

/** `this` in constructors: nobody else has what is made there. */
const ownFields = (statements: readonly Syntax[]): ReadonlySet<Syntax> =>
  new Set(
    statements
      .flatMap((statement) => [...walk(statement)])
      .filter(({ type, kind }) => type === 'MethodDefinition' && kind === 'constructor')
      .flatMap((constructor) => [...walk(constructor)])
      .filter(({ type }) => type === 'ThisExpression'),
  );

/** Numbers, texts and functions: nobody can put something into one. */
function isValue(init: unknown): boolean {
  const inner = unwrapped(init);
  return (
    inner !== null && (isFunction(inner) || inner.type === 'Literal' || inner.type === 'TemplateLiteral')
  );
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
