import { AssetError } from '@nx-assets/core';
import type { Import } from './module-shape.ts';
import { isNewURL, metaIn, placeIn, textIn } from './places.ts';
import { startedFilesIn } from './started-files.ts';
import { childrenOf, identifierIn, isFunction, propertyIn, type Syntax, unwrapped, walk } from './syntax.ts';

/** Without one of these words there is no way to other code but `import`. */
const WORDS = /\brequire\b|\bcreateRequire\b|\bimport\s*\.\s*meta\b|\bworker_threads\b|\bchild_process\b/;

/**
 * What a file asks for in other ways than by `import`: `require`, what `createRequire` gives, `import.meta.resolve`, files
 * beside it by `new URL('./x', import.meta.url)`, and what it runs in a thread or process of its own. Throws `DEFINITION_IMPORT_OPAQUE` where the name is computed.
 */
export function otherWaysIn(path: string, source: string, parse: () => readonly Syntax[]): Import[] {
  if (!WORDS.test(source)) return [];
  const statements = parse();
  const requires = requireNamesIn(statements);
  const found: Import[] = [];
  const refuse = (shown: Syntax): never => {
    const text = source.slice(shown.start, shown.end);
    throw new AssetError('DEFINITION_IMPORT_OPAQUE', `${path} has ${text}, which cannot be followed.`);
  };
  const add = (node: unknown, way: Pick<Import, 'kind' | 'isEager'>, shown: Syntax) => {
    const from = textIn(node) ?? refuse(shown);
    found.push({ from, name: '*', ...way });
  };
  const visit = (node: Syntax, isEager: boolean) => {
    const [first] = (node.arguments ?? []) as readonly unknown[];
    if (node.type === 'CallExpression' && first !== undefined) {
      const callee = unwrapped(node.callee);
      const called = callee?.type === 'MemberExpression' ? unwrapped(callee.object) : callee;
      const method = callee?.type === 'MemberExpression' ? propertyIn(callee) : null;
      const isRequire = requires.has(identifierIn(called) ?? '') || requires.isMade(called);
      // What is resolved from elsewhere is not resolved from here.
      if (requires.isMade(node) && !isThisFile(first)) refuse(node);
      if (isRequire && method === null && callee === called) add(first, { kind: 'require', isEager }, node);
      else if (isRequire && method === 'resolve') add(first, { kind: 'require', isEager: false }, node);
      else if (method === 'resolve' && called?.type === 'MetaProperty')
        add(first, { kind: 'import', isEager: false }, node);
    }
    if (isNewURL(node) && textIn(first) !== null) add(first, { kind: 'url', isEager: false }, node);
    const isEagerInside = isEager && !isFunction(node);
    for (const child of childrenOf(node)) visit(child, isEagerInside);
  };
  for (const statement of statements) visit(statement, true);
  const { places, opaque } = startedFilesIn(statements);
  for (const from of places) found.push({ from, name: '*', kind: 'url', isEager: false });
  if (opaque[0]) refuse(opaque[0]);
  return found;
}

/** What stands for `require` in a file. */
interface RequireNames {
  has(name: string): boolean;
  /** Whether a node is a call of `createRequire`. */
  isMade(node: Syntax | null): boolean;
}

/** `require` itself, and every name for what `createRequire` gave. */
function requireNamesIn(statements: readonly Syntax[]): RequireNames {
  const nodes = statements.flatMap((statement) => [...walk(statement)]);
  const makers = new Set(['createRequire']);
  for (const { type, imported, local } of nodes) {
    if (type === 'ImportSpecifier' && identifierIn(imported) === 'createRequire')
      makers.add(identifierIn(local) ?? '');
  }
  const isMade = (node: Syntax | null): boolean => {
    if (node?.type !== 'CallExpression') return false;
    const callee = unwrapped(node.callee);
    return callee?.type === 'MemberExpression'
      ? propertyIn(callee) === 'createRequire'
      : makers.has(identifierIn(callee) ?? '');
  };
  const names = new Set(['require']);
  for (const { type, id, init, left, right } of nodes) {
    const [to, value] = type === 'AssignmentExpression' ? [left, right] : [id, init];
    const name = identifierIn(to);
    if (name !== null && isMade(unwrapped(value))) names.add(name);
  }
  return { has: (name) => names.has(name), isMade };
}

/**
 * `import.meta.url`, `import.meta.filename` and `__filename`, or a place in the same folder. What a package is found by is
 * as good: what it depends on counts with it.
 */
function isThisFile(node: unknown): boolean {
  const inner = unwrapped(node);
  const callee = inner?.type === 'CallExpression' ? unwrapped(inner.callee) : null;
  if (callee?.type === 'MemberExpression' && propertyIn(callee) === 'resolve')
    return textIn((inner?.arguments as readonly unknown[])[0]) !== null;
  const meta = metaIn(node);
  if (meta === 'url' || meta === 'filename' || identifierIn(node) === '__filename') return true;
  return /^\.\/[^/]*$/.test(placeIn(node) ?? '');
}
