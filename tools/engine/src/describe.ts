import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  CHECKED,
  type GroupManifest,
} from '@nx-assets/core';
import { Code } from './code/closure.ts';
import { describeConfig, secretsInConfig } from './config.ts';
import type { Definitions, GroupSource, NamedAsset } from './definitions.ts';
import { assetDeclarations, codeOf, runtimeVersion } from './describe-code.ts';
import { mappingsOf } from './describe-mappings.ts';
import { describeOthers } from './describe-others.ts';
import { checkOutputs, outputOf } from './describe-outputs.ts';
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
): Description {
  const code = new Code(root);
  const keys = new Map(named.map(({ definition, key }) => [definition, key]));
  const runtime = runtimeVersion(code);
  const isAssetDeclaration = assetDeclarations(code, named);
  const sets = setsIn(code, named);
  const manifests = named.map((asset): AssetManifest => {
    const { definition, key } = asset;
    const deps = depsOf(asset, keys);
    const output = outputOf(definition, key);
    const config = describeConfig(definition);
    return {
      key,
      description: definition.description,
      kind: definition.kind,
      deps,
      output,
      owners: definition.owners.length > 0 ? definition.owners : asset.group.owner ? [asset.group.owner] : [],
      tags: definition.tags,
      metadata: definition.metadata,
      env: envOf(definition),
      secrets: [...new Set([...secretsOf(definition), ...secretsInConfig(definition)])].sort(),
      freshness: definition.freshness,
      isExternal: definition.isExternal,
      preview: definition.preview,
      checks: definition.checks.map(({ name, description, severity }) => ({ name, description, severity })),
      checked: definition.checked ? (deps[CHECKED] ?? null) : null,
      blockingChecks: [],
      control: definition.control,
      partitions: definition.partitions?.spec ?? null,
      mappings: mappingsOf(asset, deps),
      backfill: definition.backfill,
      ...(config ? { config } : {}),
      ...siblingsOf(asset, keys),
      ...(definition.automation ? { automation: definition.automation } : {}),
      code: codeOf(asset, deps, code, isAssetDeclaration, sets, runtime, root),
    };
  });
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
    consulted: [...code.consulted],
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

const envOf = (definition: AnyAsset): string[] =>
  [
    ...new Set([
      ...definition.env,
      ...Object.values(definition.resources).flatMap((resource) => resource.env),
      ...secretsOf(definition),
    ]),
  ].sort();

const secretsOf = ({ secrets, resources }: AnyAsset): string[] =>
  [
    ...new Set([...secrets, ...Object.values(resources).flatMap((resource) => resource.secrets ?? [])]),
  ].sort();
