import { identifierIn, isSyntax, propertyIn, type Syntax, unwrapped } from './syntax.ts';

/** The text of a string that is written out; `null` for anything else. */
export function textIn(node: unknown): string | null {
  const inner = unwrapped(node);
  if (inner?.type === 'Literal') return typeof inner.value === 'string' ? inner.value : null;
  if (inner?.type !== 'TemplateLiteral') return null;
  const [quasi, ...others] = inner.quasis as readonly Quasi[];
  return quasi && others.length === 0 ? quasi.value.cooked : null;
}

interface Quasi {
  readonly value: { readonly cooked: string };
}

/** `new URL(…, import.meta.url)`. */
export function isNewURL(node: Syntax): boolean {
  if (node.type !== 'NewExpression' || identifierIn(node.callee) !== 'URL') return false;
  return metaIn((node.arguments as readonly unknown[])[1]) === 'url';
}

/** What of `import.meta` an expression is; `null` for anything else. */
export function metaIn(node: unknown): string | null {
  const inner = unwrapped(node);
  if (inner?.type !== 'MemberExpression' || !isSyntax(inner.object)) return null;
  return inner.object.type === 'MetaProperty' ? propertyIn(inner) : null;
}

/**
 * The file that an expression names by where this file is, as a specifier: `new URL('./x', import.meta.url)`,
 * `join(import.meta.dirname, 'x')`, `${import.meta.dirname}/x`. `null` for anything else.
 */
export function placeIn(node: unknown): string | null {
  const inner = unwrapped(node);
  if (!inner) return null;
  const given = (inner.arguments ?? []) as readonly unknown[];
  if (isNewURL(inner)) return textIn(given[0]);
  switch (inner.type) {
    case 'CallExpression': {
      const callee = unwrapped(inner.callee);
      const name = callee?.type === 'MemberExpression' ? propertyIn(callee) : identifierIn(callee);
      if (name !== 'join' && name !== 'resolve') return null;
      const [first, ...others] = given;
      const parts = others.map(textIn);
      return isHere(first) && !parts.includes(null) ? besides(parts.join('/')) : null;
    }
    case 'TemplateLiteral': {
      const [first, ...others] = inner.expressions as readonly unknown[];
      const [before, after] = inner.quasis as readonly Quasi[];
      const isPlace = isHere(first) && others.length === 0 && before?.value.cooked === '';
      return isPlace && after?.value.cooked.startsWith('/') ? besides(after.value.cooked.slice(1)) : null;
    }
    case 'BinaryExpression': {
      const text = textIn(inner.right);
      return isHere(inner.left) && text?.startsWith('/') ? besides(text.slice(1)) : null;
    }
    default:
      return null;
  }
}

const isHere = (node: unknown): boolean => metaIn(node) === 'dirname' || identifierIn(node) === '__dirname';

/** A path as a specifier. */
const besides = (path: string): string => `./${encodeURI(path)}`;
