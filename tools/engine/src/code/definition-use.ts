import type { Binding } from './module-shape.ts';
import { usesInScope, type Use } from './scope.ts';
import { identifierIn, propertyIn, rootOf, type Syntax, unwrapped } from './syntax.ts';

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

/** What a file reads of an asset: its data, or its definition, or that of what it depends on as well. */
export type Reading = 'data' | 'definition' | 'all';

/** Fields of an asset that lead to others. */
const LEADS_ON = new Set(['deps', 'mapped', 'siblings', 'checked']);

/** Functions of the core that give an asset as it is read: what they give has its definition. */
const GIVES_ASSET = new Set([
  ...['allPartitions', 'existingPartitions', 'lastPartition', 'mapPartitions', 'sameTime', 'trailing'],
  ...['customMapping', 'memberOf', 'membersOf'],
]);

/**
 * What a file reads of an asset that it imports under this name. Where it does more than to depend on it, it may read its
 * metadata, schema or description, or call its function: then the definition counts, and not only the data. Says more where
 * it is not sure.
 */
export const readingOf = (file: FileCode, local: string): Reading =>
  most(usesInScope(local, file.statements).map((use) => readingBy(use, file, new Set([local]))));

/** The same for `import * as`: each use has to name a member first. */
export const readingIn = (file: FileCode, local: string): Reading =>
  most(
    usesInScope(local, file.statements).map((use) => {
      const member = use.around.at(-1);
      if (!member || !isNamedMember(member, use.node)) return 'all';
      return readingBy({ node: member, around: use.around.slice(0, -1) }, file, new Set([local]));
    }),
  );

const most = (readings: readonly Reading[]): Reading =>
  readings.includes('all') ? 'all' : readings.includes('definition') ? 'definition' : 'data';

function readingBy(use: Use, file: FileCode, seen: Set<string>): Reading {
  if (isDependency(use, file, seen)) return 'data';
  const member = use.around.at(-1);
  const isOwn = member && isNamedMember(member, use.node) && !LEADS_ON.has(propertyIn(member) ?? '');
  return isOwn ? 'definition' : 'all';
}

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
  for (let at = around.length - 1; at >= 0; at--) {
    const node = around[at] as Syntax;
    if (node.type === 'Property' && unwrapped(node.value) === child) {
      isDep ||= identifierIn(node.key) === 'deps';
    } else if (node.type === 'CallExpression') {
      if (unwrapped(node.callee) === child) return false;
      const name = isDep ? null : frameworkName(node, file);
      // What it gives is the asset again.
      if (name === null || !GIVES_ASSET.has(name))
        return isDep ? !isReadThrough(around.slice(0, at), file, seen) : takesAssets(name);
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

/** Whether an asset that depends on it is used to read it: `mine.deps.up.metadata`. */
function isReadThrough(around: readonly Syntax[], file: FileCode, seen: Set<string>): boolean {
  const declarator = around.findLast(({ type }) => type === 'VariableDeclarator');
  const name = identifierIn(declarator?.id);
  if (name === null || seen.has(name)) return false;
  const next = new Set([...seen, name]);
  return usesInScope(name, file.statements).some((use) => readingBy(use, file, next) === 'all');
}

/** `a.b`, `a['b']`, of this `a`. */
const isNamedMember = (node: Syntax, object: Syntax): boolean =>
  node.type === 'MemberExpression' && unwrapped(node.object) === object && propertyIn(node) !== null;

/** The name of the function of the framework that is called; `null` where it is another. */
function frameworkName(call: Syntax, { locals }: FileCode): string | null {
  const binding = locals.get(rootOf(call.callee) ?? '');
  return binding && isFramework(binding.from) ? binding.name : null;
}

/** Whether a function reads nothing of an asset but which one it is. */
const takesAssets = (name: string | null): boolean => name !== null && name !== 'asset' && name !== 'assets';
