import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import {
  AssetError,
  type AssetManifest,
  type DefinitionScope,
  nameOf,
  type OtherManifest,
} from '@nx-assets/core';
import type { Code, Declaration } from './code/closure.ts';
import { type Definitions, entryPath, type GroupSource, type NamedDefinition } from './definitions.ts';

export interface OthersOptions {
  readonly root: string;
  readonly groups: readonly GroupSource[];
  readonly code: Code;
  readonly named: Definitions['assets'];
  readonly others: Definitions['others'];
  readonly assets: readonly AssetManifest[];
  isAssetDeclaration(declaration: Declaration): boolean;
}

/**
 * What groups define next to assets, as data. All code that it consists of is looked at, so that the manifest is made
 * again when it changes; and the entries of groups that have no asset yet, for the same reason.
 */
export function describeOthers(options: OthersOptions): readonly OtherManifest[] {
  const { root, groups, code, named, others, assets, isAssetDeclaration } = options;
  for (const group of groups) {
    if (named.some((asset) => asset.group === group)) continue;
    code.closureOf(entryPath(root, group), isAssetDeclaration);
  }
  const keys = new Map<unknown, string>();
  for (const { key, definition } of [...named, ...others]) keys.set(definition, key);
  return others.map((other) => {
    const place = placeOf(other, code);
    if (place) code.closureOf(place.file, isAssetDeclaration);
    const find = (code: 'ASSET_DEP_NOT_EXPORTED' | 'DEFINITION_NOT_EXPORTED', definition: object) => {
      const key = keys.get(definition);
      if (key !== undefined) return key;
      const { description } = definition as { description?: string };
      throw new AssetError(code, `${other.key} names what no group exports: "${description ?? ''}".`);
    };
    const scope: DefinitionScope = {
      keyOf: (asset) => find('ASSET_DEP_NOT_EXPORTED', asset) as ReturnType<DefinitionScope['keyOf']>,
      keyOfOther: (definition) =>
        find('DEFINITION_NOT_EXPORTED', definition) as ReturnType<DefinitionScope['keyOfOther']>,
      assets,
    };
    try {
      const { key, definition } = other;
      const file = place ? relative(root, place.file).replaceAll('\\', '/') : '';
      return { ...definition.describe(scope), key, description: definition.description, file };
    } catch (error) {
      if (!(error instanceof AssetError)) throw error;
      // Nothing of the author's is on the stack any more: the place is that of the declaration.
      const facts = place ? `${place.file}:${place.line}: ${error.facts}` : error.facts;
      throw new AssetError(error.code, facts, { remedy: error.remedy, cause: error });
    }
  });
}

function placeOf(other: NamedDefinition, code: Code): { file: string; line: number } | null {
  const declaration = code.declarationOf(other.entry, nameOf(other.key));
  if (!('file' in declaration)) return null;
  const { file, name } = declaration;
  const lines = readFileSync(file, 'utf8').split('\n');
  const line = lines.findIndex((text) => new RegExp(`\\b(const|let|var)\\s+${name}\\b`).test(text));
  return { file, line: Math.max(line, 0) + 1 };
}
