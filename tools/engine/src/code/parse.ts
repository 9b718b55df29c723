import { AssetError } from '@nx-assets/core';
import { parseSync } from 'oxc-parser';

/** `from` is a specifier; `name` is `*` for a whole module. */
export interface Import {
  readonly from: string;
  readonly name: string;
}

/** What a module imports and exports, as far as it matters at run time: types are gone. */
export interface ModuleShape {
  /** Imported for its own use. `name` is null for `import './x'`. */
  readonly imports: readonly { readonly from: string; readonly name: string | null }[];
  /** Exported name to what it passes on. */
  readonly reexports: ReadonlyMap<string, Import>;
  /** `export * from`. */
  readonly stars: readonly string[];
  /** Names that it declares itself and exports. */
  readonly declares: ReadonlySet<string>;
}

/** Reads a module's imports and exports. Throws `DEFINITION_SYNTAX` or `DEFINITION_IMPORT_OPAQUE`. */
export function parseModule(path: string, source: string): ModuleShape {
  const { module, errors } = parseSync(path, source);
  const [error] = errors;
  if (error) {
    const start = error.labels[0]?.start ?? 0;
    const line = source.slice(0, start).split('\n').length;
    throw new AssetError('DEFINITION_SYNTAX', `${path}:${line}: ${error.message}.`);
  }
  const imports: { from: string; name: string | null }[] = [];
  const locals = new Map<string, Import>();
  for (const { moduleRequest, entries } of module.staticImports) {
    const from = moduleRequest.value;
    if (entries.length === 0) imports.push({ from, name: null });
    for (const { importName, localName, isType } of entries) {
      if (isType) continue;
      const name =
        importName.kind === 'Name'
          ? (importName.name ?? '*')
          : importName.kind === 'Default'
            ? 'default'
            : '*';
      locals.set(localName.value, { from, name });
    }
  }
  const reexports = new Map<string, Import>();
  const stars: string[] = [];
  const declares = new Set<string>();
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName, exportName, localName, isType } of entries) {
      if (isType) continue;
      const exported = exportName.name ?? 'default';
      if (moduleRequest) {
        if (importName.kind === 'AllButDefault') stars.push(moduleRequest.value);
        else reexports.set(exported, { from: moduleRequest.value, name: importName.name ?? '*' });
        continue;
      }
      // `import { a } from './a.ts'; export { a };` passes on as well.
      const local = locals.get(localName.name ?? '');
      if (local) reexports.set(exported, local);
      else declares.add(exported);
    }
  }
  imports.push(...locals.values());
  for (const { moduleRequest } of module.dynamicImports) {
    imports.push({
      from: dynamicSpecifier(path, source.slice(moduleRequest.start, moduleRequest.end)),
      name: '*',
    });
  }
  return { imports, reexports, stars, declares };
}

function dynamicSpecifier(path: string, text: string): string {
  const literal = /^(?:'([^'\\]*)'|"([^"\\]*)"|`([^`\\$]*)`)$/.exec(text.trim());
  const specifier = literal?.[1] ?? literal?.[2] ?? literal?.[3];
  if (specifier !== undefined) return specifier;
  throw new AssetError('DEFINITION_IMPORT_OPAQUE', `${path} imports ${text}, which cannot be followed.`);
}
