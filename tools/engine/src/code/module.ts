import { AssetError } from '@nx-assets/core';
import { type ParseResult, parseSync } from 'oxc-parser';
import type { Binding, Import, ModuleShape } from './module-shape.ts';
import { otherWaysIn } from './other-ways.ts';
import { childrenOf, isFunction, isSyntax, type Syntax } from './syntax.ts';

/** Reads a module's imports and exports. Throws `DEFINITION_SYNTAX` or `DEFINITION_IMPORT_OPAQUE`. */
export function readModule(path: string, source: string): ModuleShape {
  const parsed = parse(path, source);
  const imports: Import[] = [];
  const add = (from: string, name: string | null, isEager = true) =>
    imports.push({ from, name, kind: 'import', isEager });
  const locals = new Map<string, Binding>();
  for (const { start, end, moduleRequest, entries } of parsed.module.staticImports) {
    const from = moduleRequest.value;
    // `import { type X } from './x'` leaves `import './x'`, which runs; `import type { X }` leaves nothing.
    const values = entries.filter(({ isType }) => !isType);
    if (values.length === 0 && !TYPE_IMPORT.test(source.slice(start, end)))
      add(from, entries.length > 0 ? '' : null);
    for (const { importName, localName } of values) {
      const name = importName.kind === 'Default' ? 'default' : (importName.name ?? '*');
      locals.set(localName.value, { from, name });
    }
  }
  const reexports = new Map<string, Binding>();
  const stars: string[] = [];
  const declares = new Set<string>();
  for (const { start, end, entries } of parsed.module.staticExports) {
    const [first] = entries;
    const isOnlyTypes = entries.every(({ isType }) => isType);
    if (first?.moduleRequest && isOnlyTypes && !TYPE_EXPORT.test(source.slice(start, end)))
      add(first.moduleRequest.value, '');
    for (const { moduleRequest, importName, exportName, localName, isType } of entries) {
      if (isType) continue;
      const from = moduleRequest?.value;
      const exported = exportName.name ?? 'default';
      if (from !== undefined) {
        if (importName.kind === 'AllButDefault') stars.push(from);
        else reexports.set(exported, { from, name: importName.name ?? '*' });
        continue;
      }
      // `import { a } from './a.ts'; export { a };` passes on as well.
      const local = locals.get(localName.name ?? '');
      if (local) reexports.set(exported, local);
      else declares.add(exported);
    }
  }
  for (const from of emptyExportsIn(parsed, source)) add(from, '');
  const idOf = ({ from, name }: Binding) => `${from}\0${name}`;
  const passed = new Set([...reexports.values()].map(idOf));
  const used = [...locals.values()].filter((local) => !passed.has(idOf(local)));
  for (const { from, name } of locals.values()) add(from, name);
  const statements = () => parsed.program.body as unknown as readonly Syntax[];
  const { dynamicImports } = parsed.module;
  const early = dynamicImports.length > 0 ? importsOutsideFunctions(statements()) : null;
  for (const { moduleRequest } of dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    add(literalIn(path, text, `imports ${text}`), '*', early?.has(moduleRequest.start));
  }
  const others = otherWaysIn(path, source, statements);
  imports.push(...others);
  const onlyPasses = declares.size === 0 && used.length === 0 && imports.length === locals.size;
  return {
    imports,
    locals,
    reexports,
    stars,
    declares,
    isTransparent: onlyPasses && isOnlyPassing(parsed, source),
  };
}

/** Where the specifiers stand of what a file imports with `import()` as it loads. */
const importsOutsideFunctions = (nodes: readonly Syntax[]): Set<number> =>
  new Set(
    nodes.flatMap((node): number[] => {
      if (isFunction(node)) return [];
      const own = node.type === 'ImportExpression' && isSyntax(node.source) ? [node.source.start] : [];
      return [...own, ...importsOutsideFunctions(childrenOf(node))];
    }),
  );

/** Parses a file. Throws `DEFINITION_SYNTAX`. */
function parse(path: string, source: string): ParseResult {
  const parsed = parseSync(path, source);
  const [error] = parsed.errors;
  if (!error) return parsed;
  const line = source.slice(0, error.labels[0]?.start ?? 0).split('\n').length;
  throw new AssetError('DEFINITION_SYNTAX', `${path}:${line}: ${error.message}.`);
}

const TYPE_IMPORT = /^import\s+type\b(?!\s*(?:,|from\s*['"]))/;
const TYPE_EXPORT = /^export\s+type\b/;

/** What `export {} from './x'` names: the parser's own list of exports leaves it out, and Node runs it. */
const emptyExportsIn = ({ program }: ParseResult, source: string): string[] =>
  /\bexport\s*\{\s*\}\s*from\b/.test(source)
    ? program.body.flatMap((statement) =>
        statement.type === 'ExportNamedDeclaration' &&
        statement.source !== null &&
        statement.specifiers.length === 0
          ? [statement.source.value]
          : [],
      )
    : [];

const PASSING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'TSTypeAliasDeclaration',
  'TSInterfaceDeclaration',
  'EmptyStatement',
]);

/** Whether nothing is left beside imports, exports, types and comments. */
function isOnlyPassing({ module, comments, program }: ParseResult, source: string): boolean {
  const known = [...module.staticImports, ...module.staticExports, ...comments];
  let rest = source;
  for (const { start, end } of known.sort((a, b) => b.start - a.start)) {
    rest = rest.slice(0, start) + ' '.repeat(end - start) + rest.slice(end);
  }
  return rest.trim() === '' || program.body.every(({ type }) => PASSING.has(type));
}

/** The text of a literal. Throws `DEFINITION_IMPORT_OPAQUE` where it is anything else. */
function literalIn(path: string, text: string, facts: string): string {
  const literal = /^(?:'([^'\\]*)'|"([^"\\]*)"|`([^`\\$]*)`)$/.exec(text.trim());
  const specifier = literal?.[1] ?? literal?.[2] ?? literal?.[3];
  if (specifier !== undefined) return specifier;
  throw new AssetError('DEFINITION_IMPORT_OPAQUE', `${path} ${facts}, which cannot be followed.`);
}
