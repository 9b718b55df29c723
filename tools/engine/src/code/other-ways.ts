import { AssetError } from '@nx-assets/core';
import type { Import } from './module-shape.ts';
import {
  childrenOf,
  declaratorsIn,
  identifierIn,
  isFunction,
  isSyntax,
  propertyIn,
  type Syntax,
  unwrapped,
} from './syntax.ts';

/** Without one of these words there is no way to other code but `import`. */
const WORDS = /\brequire\b|\bcreateRequire\b|\bimport\s*\.\s*meta\b/;

/**
 * What a file asks for in other ways than by `import`: `require`, what `createRequire` gives, `import.meta.resolve`, and
 * files beside it by `new URL('./x', import.meta.url)`. Throws `DEFINITION_IMPORT_OPAQUE` where the name is computed.
 */
export function otherWaysIn(path: string, source: string, parse: () => readonly Syntax[]): Import[] {
  if (!WORDS.test(source)) return [];
  const statements = parse();
  const requires = requireNamesIn(statements);
  const found: Import[] = [];
  const add = (node: unknown, way: Pick<Import, 'kind' | 'isEager'>, shown: Syntax) => {
    const from = textIn(node);
    if (from === null) {
      const text = source.slice(shown.start, shown.end);
      throw new AssetError('DEFINITION_IMPORT_OPAQUE', `${path} has ${text}, which cannot be followed.`);
    }
    found.push({ from, name: '*', ...way });
  };
  const visit = (node: Syntax, isEager: boolean) => {
    const [first] = (node.arguments ?? []) as readonly unknown[];
    if (node.type === 'CallExpression' && first !== undefined) {
      const callee = unwrapped(node.callee);
      const called = callee?.type === 'MemberExpression' ? unwrapped(callee.object) : callee;
      const method = callee?.type === 'MemberExpression' ? propertyIn(callee) : null;
      const isRequire = requires.has(identifierIn(called) ?? '') || isCreateRequire(called);
      if (isRequire && method === null && callee === called) add(first, { kind: 'require', isEager }, node);
      else if (isRequire && method === 'resolve') add(first, { kind: 'require', isEager: false }, node);
      else if (method === 'resolve' && called?.type === 'MetaProperty')
        add(first, { kind: 'import', isEager: false }, node);
    }
    if (isNewURL(node) && textIn(first) !== null) add(first, { kind: 'url', isEager: false }, node);
    const given = unwrapped(first);
    const isWorker = node.type === 'NewExpression' && identifierIn(node.callee) === 'Worker';
    // A file beside this one that is only read is not code; one that runs must be known.
    if (isWorker && given && isNewURL(given)) {
      const [place] = given.arguments as readonly unknown[];
      if (textIn(place) === null) add(place, { kind: 'url', isEager: false }, node);
    }
    const isEagerInside = isEager && !isFunction(node);
    for (const child of childrenOf(node)) visit(child, isEagerInside);
  };
  for (const statement of statements) visit(statement, true);
  return found;
}

/** `require` itself, and every name for what `createRequire` gave. */
function requireNamesIn(statements: readonly Syntax[]): ReadonlySet<string> {
  const names = new Set(['require']);
  for (const { id, init } of declaratorsIn(statements)) {
    const name = identifierIn(id);
    if (name !== null && isCreateRequire(unwrapped(init))) names.add(name);
  }
  return names;
}

function isCreateRequire(node: Syntax | null): boolean {
  if (node?.type !== 'CallExpression') return false;
  const callee = unwrapped(node.callee);
  return (
    (callee?.type === 'MemberExpression' ? propertyIn(callee) : identifierIn(callee)) === 'createRequire'
  );
}

/** `new URL(…, import.meta.url)`. */
function isNewURL(node: Syntax): boolean {
  if (node.type !== 'NewExpression' || identifierIn(node.callee) !== 'URL') return false;
  const base = unwrapped((node.arguments as readonly unknown[])[1]);
  return (
    base?.type === 'MemberExpression' &&
    propertyIn(base) === 'url' &&
    isSyntax(base.object) &&
    base.object.type === 'MetaProperty'
  );
}

/** The text of a string that is written out; `null` for anything else. */
function textIn(node: unknown): string | null {
  const inner = unwrapped(node);
  if (inner?.type === 'Literal') return typeof inner.value === 'string' ? inner.value : null;
  if (inner?.type !== 'TemplateLiteral') return null;
  const [quasi, ...others] = inner.quasis as readonly { readonly value: { readonly cooked: string } }[];
  return quasi && others.length === 0 ? quasi.value.cooked : null;
}
