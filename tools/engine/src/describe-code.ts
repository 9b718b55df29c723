import { createRequire } from 'node:module';
import { relative } from 'node:path';
import { type AnyAsset, AssetError, type AssetKey, type Check, type CodeManifest } from '@nx-assets/core';
import { jsonSchemaOf } from '@nx-assets/storage';
import { hashText } from '@nx-assets/storage/records';
import type { Code, Declaration } from './code/closure.ts';
import { outputOf } from './describe-outputs.ts';
import { exportOf, type NamedAsset } from './definitions.ts';
import type { Sets } from './sets.ts';

/** The framework's code that decides bytes: part of what computes every asset. */
export function runtimeVersion(code: Code): string {
  const entry = createRequire(import.meta.url).resolve('@nx-assets/storage');
  const { files, packages } = code.closureOf(entry, () => false);
  return hashText(JSON.stringify([Object.values(files), packages]));
}

/** Looks at the framework's code that reads definitions: what it says of them may be another when it changes. */
export function consultReader(code: Code): void {
  code.consult(createRequire(import.meta.url).resolve('@nx-assets/engine/description'));
}

/** Tells which declarations are assets: a closure ends there, since their data counts and not their code. */
export function assetDeclarations(
  code: Code,
  named: readonly NamedAsset[],
): (declaration: Declaration) => boolean {
  const assets = new Set<string>();
  for (const asset of named) {
    const declaration = code.declarationOf(asset.entry, exportOf(asset));
    if ('file' in declaration) assets.add(`${declaration.file}\0${declaration.name}`);
  }
  return ({ file, name }) => assets.has(`${file}\0${name}`);
}

/** What the data of an asset is computed by, and its version. */
export function codeOf(
  asset: NamedAsset,
  deps: Readonly<Record<string, AssetKey>>,
  code: Code,
  isBoundary: (declaration: Declaration) => boolean,
  sets: Sets,
  runtime: string,
  root: string,
): CodeManifest {
  const declaration = code.declarationOf(asset.entry, exportOf(asset));
  if (!('file' in declaration)) {
    throw new AssetError('ASSET_DUPLICATE', `${asset.key} is declared in an installed package.`);
  }
  const pathOf = (file: string) => relative(root, file).replaceAll('\\', '/');
  const seen = sets.watch(isBoundary);
  const hidden = sets.hiddenFor(asset);
  const { files, whole, packages, order } = code.closureOf(declaration.file, seen.isBoundary, hidden);
  const { output, kind, env, freshness, resources, checks } = asset.definition;
  const schema = output.type === 'file' ? output.path : jsonSchemaOf(output.schema);
  const orderBy = output.type === 'table' ? output.orderBy : [];
  const definition = hashText(
    JSON.stringify([
      output.type,
      schema,
      orderBy,
      kind,
      deps,
      env,
      freshness,
      Object.keys(resources).sort(),
      checks.map(ruleOf),
      // What dependents get besides the bytes: columns, and where a file lies.
      Object.entries(deps).map(([alias, key]) => outputOfDep(asset.definition, alias, key)),
      // Nothing where there is none, so that other assets keep their versions.
      ...(asset.definition.previous === undefined ? [] : ['previous', asset.definition.previous]),
      ...(asset.member ? [asset.member.name, asset.member.entry] : []),
      ...seen.names(),
      ...(order.length > 0 ? ['order', ...order] : []),
    ]),
  );
  const version = hashText(JSON.stringify([files, packages, definition, runtime]));
  return {
    version,
    file: pathOf(declaration.file),
    files,
    ...(Object.keys(whole).length > 0 ? { whole } : {}),
    packages,
    definition,
    runtime,
  };
}

/** The files that an asset opens by path count for its version. Nothing changes where it declares none. */
export const withReads = (code: CodeManifest, reads: CodeManifest['reads']): CodeManifest =>
  reads ? { ...code, version: hashText(JSON.stringify([code.version, reads])), reads } : code;

function outputOfDep({ deps }: AnyAsset, alias: string, key: AssetKey): unknown {
  const dep = deps[alias];
  return dep && outputOf(dep.mapped?.asset ?? dep, key);
}

/** A check as far as it is data; what a function says is in the code. */
function ruleOf({ name, severity, rule }: Check): unknown {
  const facts = rule.kind === 'refers-to' ? { ...rule, to: null } : rule;
  return [name, severity, facts];
}
