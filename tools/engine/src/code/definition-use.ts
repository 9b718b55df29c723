import type { Binding } from './module-shape.ts';
import { usesInScope, type Use } from './scope.ts';
import { identifierIn, isSyntax, propertyIn, rootOf, type Syntax, unwrapped } from './syntax.ts';

/** What of a file has to be known to tell how it uses a name. */
export interface FileCode {
  readonly statements: readonly Syntax[];
  readonly locals: ReadonlyMap<string, Binding>;
}

export const isFramework = (from: string): boolean => from.startsWith('@nx-assets/');

/** What a value may pass through, and is still only handed on. */
const HANDS_ON = new Set([
  'ObjectExpression',
  'ArrayExpression',
  'SpreadElement',
  'ConditionalExpression',
  'LogicalExpression',
]);

/**
 * Whether a file does more with an asset that it imports under this name than to depend on it: whether it may read its
 * metadata, schema or description, or call its function. Then the definition counts, and not only the data. Says yes where
 * it is not sure.
 */
export const readsDefinition = (file: FileCode, local: string): boolean =>
  usesInScope(local, file.statements).some((use) => !isDependency(use, file, new Set([local])));

/** The same for `import * as`: each use has to name a member first. */
export const readsDefinitionIn = (file: FileCode, local: string): boolean =>
  usesInScope(local, file.statements).some((use) => {
    const member = use.around.at(-1);
    if (!member || !isNamedMember(member, use.node)) return true;
    return !isDependency({ node: member, around: use.around.slice(0, -1) }, file, new Set([local]));
  });

function isDependency(use: Use, file: FileCode, seen: Set<string>): boolean {
  let child = use.node;
  let around = use.around;
  const [member] = around.slice(-1);
  // One of a set: `rates.eur`.
  if (member && isNamedMember(member, child)) {
    child = member;
    around = around.slice(0, -1);
  }
  let isDep = false;
  for (const node of around.toReversed()) {
    if (node.type === 'Property' && unwrapped(node.value) === child) {
      isDep ||= identifierIn(node.key) === 'deps';
    } else if (node.type === 'CallExpression') {
      return unwrapped(node.callee) !== child && (isDep || takesAssets(node, file));
    } else if (node.type === 'VariableDeclarator') {
      const name = identifierIn(node.id);
      if (name === null || around[0]?.type === 'ExportNamedDeclaration') return false;
      if (seen.has(name)) return true;
      const next = new Set([...seen, name]);
      return usesInScope(name, file.statements).every((one) => isDependency(one, file, next));
    } else if (node.type === 'VariableDeclaration') {
      continue;
    } else if (!HANDS_ON.has(node.type)) return false;
    child = node;
  }
  return false;
}

/** `a.b`, `a['b']`, of this `a`. */
const isNamedMember = (node: Syntax, object: Syntax): boolean =>
  node.type === 'MemberExpression' && unwrapped(node.object) === object && propertyIn(node) !== null;

/** Whether a function of the framework is called that reads nothing of an asset but which one it is. */
function takesAssets(call: Syntax, { locals }: FileCode): boolean {
  const binding = locals.get(rootOf(call.callee) ?? '');
  if (!binding || !isFramework(binding.from)) return false;
  return !(isSyntax(call.callee) && (binding.name === 'asset' || binding.name === 'assets'));
}
