import { createRequire } from 'node:module';
import { relative } from 'node:path';
import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  buildGraph,
  CHECKED,
  type Check,
  type CodeManifest,
  type GroupManifest,
  type OutputManifest,
} from '@nx-assets/core';
import { columnsOf, jsonSchemaOf } from '@nx-assets/storage';
import { hashText, partitionsFolder, recordPath, valuePath } from '@nx-assets/storage/records';
import { defaultMapping, type Mapping, type PartitionSpec } from '@nx-assets/core/partitions';
import { suggest } from '@nx-assets/core/selection';
import { Code, type Declaration } from './code/closure.ts';
import { describeConfig, secretsInConfig } from './config.ts';
import { type Definitions, exportOf, type GroupSource, type NamedAsset } from './definitions.ts';
import { describeOthers } from './describe-others.ts';
import { setsIn, type Sets } from './sets.ts';
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
  const gated = withGates(manifests, new Set(blocking));
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

/**
 * Lets what depends on a checked asset wait for its blocking checks: but for what these need themselves, and for other
 * checks. Throws `ASSET_CYCLE`.
 */
function withGates(
  manifests: readonly AssetManifest[],
  blocking: ReadonlySet<AssetKey>,
): readonly AssetManifest[] {
  const graph = buildGraph(manifests);
  const checks = manifests.filter(({ key }) => blocking.has(key));
  if (checks.length === 0) return manifests;
  const gated = manifests.map((manifest) => {
    const deps = Object.values(manifest.deps);
    const blockingChecks = checks.filter(
      ({ key, checked }) =>
        manifest.checked === null &&
        checked !== null &&
        deps.includes(checked) &&
        !graph.upstream(key).has(manifest.key),
    );
    return { ...manifest, blockingChecks: blockingChecks.map(({ key }) => key) };
  });
  try {
    buildGraph(gated);
  } catch (error) {
    if (!(error instanceof AssetError)) throw error;
    // Without blocking checks there was none: the definitions alone are in order.
    const remedy =
      'Let one of these checks not be blocking: what depends on the checked asset waits for them.';
    throw new AssetError(error.code, error.facts, { remedy, cause: error });
  }
  return gated;
}

/** The framework's code that decides bytes: part of what computes every asset. */
function runtimeVersion(code: Code): string {
  const entry = createRequire(import.meta.url).resolve('@nx-assets/storage');
  const { files, packages } = code.closureOf(entry, () => false);
  return hashText(JSON.stringify([Object.values(files), packages]));
}

/** Tells which declarations are assets: a closure ends there, since their data counts and not their code. */
function assetDeclarations(code: Code, named: readonly NamedAsset[]): (declaration: Declaration) => boolean {
  const assets = new Set<string>();
  for (const asset of named) {
    const declaration = code.declarationOf(asset.entry, exportOf(asset));
    if ('file' in declaration) assets.add(`${declaration.file}\0${declaration.name}`);
  }
  return ({ file, name }) => assets.has(`${file}\0${name}`);
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

/** For each dep with partitions, which of them a partition is made from. Throws `PARTITION_MAPPING_MISSING`. */
function mappingsOf(
  { key, definition }: NamedAsset,
  deps: Readonly<Record<string, AssetKey>>,
): Record<string, Mapping> {
  const own = definition.partitions?.spec ?? null;
  return Object.fromEntries(
    Object.entries(definition.deps).flatMap(([alias, dep]) => {
      if (!dep.partitions) return [];
      const mapping = dep.mapped?.mapping ?? defaultMapping(own, dep.partitions.spec);
      if (mapping) {
        checkNames(key, mapping, own, dep.partitions.spec);
        return [[alias, mapping] as const];
      }
      const facts = `${key} and ${deps[alias] ?? alias} are cut into partitions that have nothing in common.`;
      throw new AssetError('PARTITION_MAPPING_MISSING', facts);
    }),
  );
}

/**
 * A key that is written wrong would be left out in silence, and its data with it. Throws `PARTITION_UNKNOWN`, and
 * `ASSET_OPTION_INVALID` for windows of what has none.
 */
function checkNames(key: AssetKey, mapping: Mapping, own: PartitionSpec | null, dep: PartitionSpec): void {
  if (mapping.kind === 'trailing' && !(isTimed(own) && isTimed(dep))) {
    const whose = isTimed(dep) ? 'The asset itself' : 'Its dep';
    throw new AssetError(
      'ASSET_OPTION_INVALID',
      `trailing() of ${key} counts windows of time. ${whose} has none.`,
    );
  }
  if (mapping.kind !== 'static') return;
  const sides = [
    [own, Object.keys(mapping.keys), 'its own partitions'],
    [dep, Object.values(mapping.keys).flat(), 'the partitions of its dep'],
  ] as const;
  for (const [spec, named, whose] of sides) {
    // Keys of other kinds come and go.
    if (spec?.kind !== 'static') continue;
    const known = new Set(spec.keys);
    const unknown = named.find((one) => !known.has(one));
    if (unknown === undefined) continue;
    const meant = suggest(unknown, known);
    const facts = `mapPartitions() of ${key} names "${unknown}", which is none of ${whose}${meant === null ? '' : ` (did you mean ${meant}?)`}.`;
    throw new AssetError('PARTITION_UNKNOWN', facts, {
      remedy: `There are ${spec.keys.slice(0, 10).join(', ')}${spec.keys.length > 10 ? ', …' : ''}.`,
    });
  }
}

const isTimed = (spec: PartitionSpec | null): boolean =>
  spec?.kind === 'time' ||
  (spec?.kind === 'product' && spec.dimensions.some((one) => one.spec.kind === 'time'));

function outputOf(definition: AnyAsset, key: AssetKey): OutputManifest {
  const { output } = definition;
  switch (output.type) {
    case 'table':
      return { type: 'table', columns: columnsOf(output.schema), path: valuePath(key, output) };
    case 'json':
      return { type: 'json', path: valuePath(key, output) };
    case 'file':
      return { type: 'file', path: output.path };
  }
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

function codeOf(
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
  const seen = sets.watch(isBoundary);
  const { files, packages } = code.closureOf(declaration.file, seen.isBoundary, sets.hiddenFor(asset));
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
      // Nothing where there is none, so that other assets keep their versions.
      ...(asset.member ? [asset.member.name, asset.member.entry] : []),
      ...seen.names(),
    ]),
  );
  const version = hashText(JSON.stringify([files, packages, definition, runtime]));
  return {
    version,
    file: relative(root, declaration.file).replaceAll('\\', '/'),
    files,
    packages,
    definition,
    runtime,
  };
}

/** A check as far as it is data; what a function says is in the code. */
function ruleOf({ name, severity, rule }: Check): unknown {
  const facts = rule.kind === 'refers-to' ? { ...rule, to: null } : rule;
  return [name, severity, facts];
}

/** Every asset needs a value and a record of its own, and no file may stand where another needs a folder. */
function checkOutputs(manifests: readonly AssetManifest[]): void {
  const owners = new Map<string, AssetKey>();
  const places = manifests.flatMap(({ key, output, partitions }) => {
    const paths = partitions
      ? [partitionsFolder(key), ...(output.type === 'file' ? [valuePath(key, output)] : [])]
      : [valuePath(key, output), recordPath(key)];
    return paths.map((path) => [path.toLowerCase(), key] as const);
  });
  for (const [path, key] of places) {
    const other = owners.get(path);
    if (other) throw new AssetError('ASSET_OUTPUT_CONFLICT', `${other} and ${key} both write ${path}.`);
    owners.set(path, key);
  }
  for (const [path, key] of places) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const other = owners.get(path.slice(0, end));
      if (!other) continue;
      const facts = `${other} writes the file ${path.slice(0, end)}, where ${key} needs a folder.`;
      throw new AssetError('ASSET_OUTPUT_CONFLICT', facts);
    }
  }
}
