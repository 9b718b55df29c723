import type { AnyAsset, AssetKey, AssetManifest } from '@nx-assets/core';
import { describeConfig, secretsInConfig } from './config.ts';
import { outputOf } from './describe-outputs.ts';

/** What others decide: its group, the other definitions and its files. */
type FromOthers = 'deps' | 'checked' | 'blockingChecks' | 'mappings' | 'siblings' | 'reads' | 'code';

/** What a definition says by itself. */
export function describeDefinition(definition: AnyAsset, key: AssetKey): Omit<AssetManifest, FromOthers> {
  const config = describeConfig(definition);
  return {
    key,
    description: definition.description,
    kind: definition.kind,
    output: outputOf(definition, key),
    owners: definition.owners,
    tags: definition.tags,
    metadata: definition.metadata,
    env: envOf(definition),
    secrets: [...new Set([...secretsOf(definition), ...secretsInConfig(definition)])].sort(),
    freshness: definition.freshness,
    isExternal: definition.isExternal,
    preview: definition.preview,
    checks: definition.checks.map(({ name, description, severity }) => ({ name, description, severity })),
    control: definition.control,
    partitions: definition.partitions?.spec ?? null,
    backfill: definition.backfill,
    ...(definition.previous === undefined ? {} : { previous: definition.previous }),
    ...(config ? { config } : {}),
    ...(definition.automation ? { automation: definition.automation } : {}),
  };
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
