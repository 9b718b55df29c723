import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  CHECKED,
  type GroupManifest,
} from '@nx-assets/core';
import { Code } from './code/closure.ts';
import type { CodeOptions } from './code/modules.ts';
import { type Definitions, entryPath, type GroupSource, type NamedAsset } from './definitions.ts';
import { assetDeclarations, codeOf, consultReader, runtimeVersion, withReads } from './describe-code.ts';
import { describeDefinition } from './describe-definition.ts';
import { mappingsOf } from './describe-mappings.ts';
import { DeclaredReads } from './reads/declared-reads.ts';
import { describeOthers } from './describe-others.ts';
import { checkOutputs } from './describe-outputs.ts';
import { withBlockingChecks } from './blocking-checks.ts';
import { setsIn } from './sets.ts';
import { siblingsOf } from './siblings.ts';

export interface Description {
  readonly groups: readonly GroupManifest[];
  /** Absolute path of every file that decides it, and the hash of what was read; `null` where nobody hashed it. */
  readonly consulted: readonly (readonly [path: string, hash: string | null])[];
}

/** Loaded definitions as data, each with the version of its code. Throws definition errors. */
export function describe(
  root: string,
  groups: readonly GroupSource[],
  { assets: named, others }: Definitions,
  options: CodeOptions = {},
): Description {
  const code = new Code(root, options);
  const keys = new Map(named.map(({ definition, key }) => [definition, key]));
  consultReader(code);
  const runtime = runtimeVersion(code);
  const isAssetDeclaration = assetDeclarations(code, named);
  code.loads(
    groups.map((group) => entryPath(root, group)),
    isAssetDeclaration,
  );
  const sets = setsIn(code, named);
  const reads = new DeclaredReads(root);
  const manifests = named.map((asset): AssetManifest => {
    const { definition, key } = asset;
    const deps = depsOf(asset, keys);
    const { owners, ...own } = describeDefinition(definition, key);
    const declared = reads.of(key, asset.group.root, definition.reads);
    return {
      ...own,
      owners: owners.length > 0 || !asset.group.owner ? owners : [asset.group.owner],
      deps,
      checked: definition.checked ? (deps[CHECKED] ?? null) : null,
      blockingChecks: [],
      mappings: mappingsOf(asset, deps),
      ...siblingsOf(asset, keys),
      ...(declared ? { reads: declared.patterns } : {}),
      code: withReads(codeOf(asset, deps, code, isAssetDeclaration, sets, runtime, root), declared?.files),
    };
  });
  reads.save();
  const blocking = named.filter(({ definition }) => definition.checked?.isBlocking).map(({ key }) => key);
  const gated = withBlockingChecks(manifests, new Set(blocking));
  checkOutputs(gated);
  const described = describeOthers({ root, groups, code, named, others, assets: gated, isAssetDeclaration });
  return {
    groups: groups.map(({ name, root: folder, description, owner }) => ({
      name,
      root: folder,
      description,
      owner,
      assets: gated.filter(({ key }) => key.startsWith(`${name}/`)),
      others: described.filter(({ key }) => key.startsWith(`${name}/`)),
    })),
    consulted: [...code.consulted, ...reads.consulted],
  };
}

function depsOf(
  { key, definition }: NamedAsset,
  keys: ReadonlyMap<AnyAsset, AssetKey>,
): Record<string, AssetKey> {
  return Object.fromEntries(
    Object.entries(definition.deps).map(([alias, dep]) => {
      const found = keys.get(dep.mapped?.asset ?? dep);
      if (found) return [alias, found];
      throw new AssetError('ASSET_DEP_NOT_EXPORTED', `${key} depends on "${alias}", which no group exports.`);
    }),
  );
}
