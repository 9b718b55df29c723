import type { AnyAsset, AssetManifest, ConfigManifest, Json } from '@nx-assets/core';
import {
  configGiven,
  configOfAsset,
  environmentOf,
  resolveValues,
  type RunConfig,
  secretNamesIn,
} from '@nx-assets/core/config';
import { type ConfigRecord, hashText } from '@nx-assets/storage/records';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What an asset is configured with in a run, as hashes of what decides data. From what is given and not from what a
 * schema makes of it: a schema is code, and counts as code.
 */
export function configFor(
  manifest: Pick<AssetManifest, 'key' | 'config'>,
  env: Env,
  run: RunConfig | undefined,
): ConfigRecord | undefined {
  const { config } = manifest;
  if (!config) return undefined;
  const environment = environmentOf(env);
  const values = configGiven(manifest, configOfAsset(run, manifest.key));
  const ofResources = Object.entries(config.resources).flatMap(([alias, { values, dataFree }]) =>
    Object.entries(resolveValues(values, environment, env).fields)
      .filter(([name]) => !dataFree.includes(name))
      .map(([name, value]) => [`${alias}.${name}`, value] as const),
  );
  const fields = [...Object.entries(values), ...ofResources].map(
    ([name, value]) => [name, hashText(`${name}=${JSON.stringify(value)}`)] as const,
  );
  return { environment, fields: Object.fromEntries(fields), values };
}

/** What configures an asset, as data; `undefined` where nothing does. */
export function describeConfig({ resources, config }: AnyAsset): ConfigManifest | undefined {
  const configured = Object.entries(resources).flatMap(([alias, resource]) =>
    resource.config
      ? [[alias, { values: resource.config.values, dataFree: resource.config.dataFree }] as const]
      : [],
  );
  if (configured.length === 0 && !config) return undefined;
  const fields = Object.entries(config?.shape ?? {}).map(([name, field]) => {
    const otherwise = (field as { safeParse(value: unknown): { data?: unknown } }).safeParse(undefined).data;
    return [name, otherwise === undefined ? {} : { default: otherwise as Json }] as const;
  });
  return { resources: Object.fromEntries(configured), fields: Object.fromEntries(fields) };
}

/** Names of the environment variables in the values of resources that nobody may read. */
export const secretsInConfig = ({ resources }: AnyAsset): string[] =>
  Object.values(resources).flatMap(({ config }) => secretNamesIn(config?.values));
