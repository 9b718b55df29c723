import type { Json } from '../json.ts';
import { AssetError } from '../diagnostics.ts';
import type { AssetKey } from '../key.ts';
import type { AssetManifest } from '../manifest.ts';
import { suggest } from '../selection/suggest.ts';

/** What a run gives to assets that have a config: fields by asset key. */
export type RunConfig = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/**
 * One field in writing, `group/name.field=value`: the value is JSON where it reads as JSON, otherwise a text. Throws
 * `CONFIG_INVALID`.
 */
export function parseAssignment(text: string): RunConfig {
  const [, key, field, value] = /^([^.=]+\/[^.=]+)\.([^.=]+)=([\s\S]*)$/.exec(text) ?? [];
  if (key === undefined || field === undefined || value === undefined) {
    throw new AssetError('CONFIG_INVALID', `"${text}" gives nothing a value.`, {
      remedy: 'Write --config=group/name.field=value, or --config=path/to/a.json.',
    });
  }
  return { [key]: { [field]: jsonOrText(value) } };
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** What a file gives: `{ "group/name": { "field": value } }`. Throws `CONFIG_INVALID`. */
export function checkRunConfig(given: unknown, source: string): RunConfig {
  if (isObject(given) && Object.values(given).every(isObject)) return given as RunConfig;
  throw new AssetError('CONFIG_INVALID', `${source} is no run config.`, {
    remedy: 'It has the form { "group/name": { "field": value } }.',
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** All of them in one; the later say it where two do. */
export function mergeRunConfigs(configs: readonly RunConfig[]): RunConfig {
  const merged: Record<string, Record<string, Json>> = {};
  for (const config of configs) {
    for (const [key, fields] of Object.entries(config)) merged[key] = { ...merged[key], ...fields };
  }
  return merged;
}

/** What a run config says of assets and fields that are not there, in words. */
export function unknownIn(config: RunConfig, manifests: ReadonlyMap<string, AssetManifest>): string[] {
  const configurable = [...manifests.values()].filter((manifest) => fieldsOf(manifest).length > 0);
  return Object.entries(config).flatMap(([key, given]) => {
    const manifest = manifests.get(key);
    if (!manifest)
      return [
        `there is no asset ${key}${meant(
          key,
          configurable.map(({ key }) => key),
        )}`,
      ];
    const fields = fieldsOf(manifest);
    if (fields.length === 0) return [`${key} has no config`];
    return Object.keys(given)
      .filter((field) => !fields.includes(field))
      .map((field) => `${key} has no field "${field}"${meant(field, fields)}`);
  });
}

const fieldsOf = ({ config }: AssetManifest): string[] => Object.keys(config?.fields ?? {});

/** The nearest name, or all where none is near and there are few. */
function meant(word: string, names: readonly string[]): string {
  const nearest = suggest(word, names);
  if (nearest !== null) return `; did you mean ${nearest}?`;
  if (names.length === 0) return '; none has a config';
  return names.length > 5 ? '' : `; there is ${names.join(', ')}`;
}

/** What an asset is given in a run: its defaults, and what the run says. */
export function configGiven(
  manifest: Pick<AssetManifest, 'config'>,
  given: Readonly<Record<string, Json>> = {},
): Record<string, Json> {
  const fields = Object.entries(manifest.config?.fields ?? {});
  return Object.fromEntries(
    fields.flatMap(([name, { default: otherwise }]) => {
      const value = Object.hasOwn(given, name) ? given[name] : otherwise;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** What a run says of one asset. */
export const configOfAsset = (config: RunConfig | undefined, key: AssetKey): Readonly<Record<string, Json>> =>
  (config && Object.hasOwn(config, key) ? config[key] : undefined) ?? {};
