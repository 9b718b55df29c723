import { changesOutside } from './changes.ts';
import { constantsIn, isData } from './constants.ts';
import { namesMember } from './members.ts';
import { usesInScope } from './scope.ts';
import {
  childrenOf,
  identifierIn,
  isFunction as isFunctionNode,
  isSyntax,
  rootOf,
  statementsOf,
  type Syntax,
  unwrapped,
  usesOf,
} from './syntax.ts';

/** A list that nothing but its factory sees: a part of the file's own text, or a file of data that it imports. */
export type List =
  | { readonly type: 'text'; readonly start: number; readonly end: number }
  | { readonly type: 'import'; readonly from: string };

const CORE = '@nx-assets/core';

/**
 * The list of `const <name> = assets(list, make)`, where the entries can reach an asset in no other way than one by one, as
 * what `make` is called with. `null` where that cannot be told from the file alone: then the list is code like any other.
 *
 * It can be told when the list is data, written out here or in a JSON file; when it is used nowhere else in this file, and
 * not exported; and when nothing in this file keeps what it has seen from one call of `make` to the next.
 */
export function listOf(path: string, source: string, name: string): List | null {
  const statements = statementsOf(path, source);
  const call = unwrapped(constantsIn(statements).get(name)?.init);
  if (call?.type !== 'CallExpression' || importedAs(statements, call.callee) !== 'assets') return null;
  const [list, make] = call.arguments as readonly Syntax[];
  if (!list || !isFunction(statements, make) || changesOutside(statements).isSure) return null;
  // Who looks at the set sees which entries there are.
  const uses = usesInScope(name, statements).map(({ around }) => around.at(-1));
  if (uses.some((use) => use && !namesMember(use, name))) return null;
  if (isData(list)) return { type: 'text', start: list.start, end: list.end };
  const root = rootOf(list);
  if (root === null || !isStatic(list) || usesOf(root, statements).length !== 1) return null;
  const declared = constantsIn(statements).get(root);
  if (declared) {
    const { init, isExported } = declared;
    return !isExported && isData(init) ? { type: 'text', start: init.start, end: init.end } : null;
  }
  return importedData(statements, root);
}

/** The name under which the core exports what an expression names; `null` where it is not the core's. */
function importedAs(statements: readonly Syntax[], node: unknown): string | null {
  const local = identifierIn(node);
  for (const { source, specifiers } of importsIn(statements)) {
    if (source !== CORE) continue;
    const found = specifiers.find((specifier) => identifierIn(specifier.local) === local);
    if (found?.type === 'ImportSpecifier') return identifierIn(found.imported);
  }
  return null;
}

/** The JSON file that a name stands for, where the file imports it once. */
function importedData(statements: readonly Syntax[], local: string): List | null {
  const all = importsIn(statements);
  const found = all.find(({ specifiers }) => specifiers.some((one) => identifierIn(one.local) === local));
  if (!found?.source.endsWith('.json') || found.specifiers.length !== 1) return null;
  if (found.specifiers[0]?.type !== 'ImportDefaultSpecifier') return null;
  const isOnly = all.filter(({ source }) => source === found.source).length === 1;
  return isOnly ? { type: 'import', from: found.source } : null;
}

const importsIn = (statements: readonly Syntax[]) =>
  statements
    .filter(({ type }) => type === 'ImportDeclaration')
    .map((statement) => ({
      source: (statement.source as { readonly value: string }).value,
      specifiers: (statement.specifiers ?? []) as readonly Syntax[],
    }));

/** A function that stands here: written in place, or by its name. Of what is imported, `Code` says whether it keeps something. */
function isFunction(statements: readonly Syntax[], node: unknown): boolean {
  const inner = unwrapped(node);
  if (inner?.type === 'ArrowFunctionExpression' || inner?.type === 'FunctionExpression') return true;
  const name = identifierIn(inner);
  if (name === null) return false;
  const constant = constantsIn(statements).get(name);
  if (constant) return identifierIn(constant.init) === null && isFunction(statements, constant.init);
  return !statements.some(({ type }) => type === 'VariableDeclaration') || !isVariable(statements, name);
}

const isVariable = (statements: readonly Syntax[], name: string): boolean =>
  statements
    .filter(({ type }) => type === 'VariableDeclaration')
    .flatMap(({ declarations }) => declarations as readonly Syntax[])
    .some(({ id }) => identifierIn(id) === null || identifierIn(id) === name);

/** `a`, `a.b`, `a['b']`. */
function isStatic(node: unknown): boolean {
  const inner = unwrapped(node);
  if (inner?.type !== 'MemberExpression') return identifierIn(inner) !== null;
  const isNamed = !inner.computed || (isSyntax(inner.property) && inner.property.type === 'Literal');
  return isNamed && isStatic(inner.object);
}

/**
 * The names of the functions that run as a set is made: the one that makes what is in it, and what that calls at once. What
 * is in a function of an asset runs later.
 */
export function calledByFactory(statements: readonly Syntax[], name: string): readonly string[] {
  const call = unwrapped(constantsIn(statements).get(name)?.init);
  const make = call?.type === 'CallExpression' ? unwrapped((call.arguments as readonly unknown[])[1]) : null;
  if (!make) return [];
  const named = identifierIn(make);
  if (named === null) return calledIn(make, statements);
  const own = functionNamed(statements, named);
  return own ? calledIn(own, statements) : [named];
}

/** What a function calls at once, through functions of its own file. */
function calledIn(body: Syntax, statements: readonly Syntax[], seen = new Set<Syntax>()): string[] {
  if (seen.has(body)) return [];
  seen.add(body);
  return childrenOf(body)
    .flatMap(outsideFunctions)
    .flatMap((node) => {
      const called = node.type === 'CallExpression' || node.type === 'NewExpression' ? node.callee : node.tag;
      const name = rootOf(called);
      if (name === null) return [];
      const own = functionNamed(statements, name);
      return own ? calledIn(own, statements, seen) : [name];
    });
}

/** A node and all below that runs with it. */
const outsideFunctions = (node: Syntax): Syntax[] =>
  isFunctionNode(node) ? [] : [node, ...childrenOf(node).flatMap(outsideFunctions)];

/** A function that a file declares at its top. */
function functionNamed(statements: readonly Syntax[], name: string): Syntax | null {
  const constant = unwrapped(constantsIn(statements).get(name)?.init);
  if (constant) return isFunctionNode(constant) ? constant : null;
  const declarations = statements.map(({ declaration, ...statement }) =>
    isSyntax(declaration) ? declaration : (statement as Syntax),
  );
  return declarations.find((one) => isFunctionNode(one) && identifierIn(one.id) === name) ?? null;
}
