import type { z } from 'zod';
import type { AnyAsset } from '../asset-model.ts';
import type { Json } from '../json.ts';
import { AssetError } from '../diagnostics.ts';
import type { AssetKey } from '../key.ts';
import type { Resource } from '../resource.ts';
import { ENVIRONMENT, environmentOf, knownEnvironments } from './environment.ts';
import { configOfAsset, type RunConfig } from './run-config.ts';
import { resolveValues } from './values.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The config of a resource in the environment of `env`, or what is wrong with it, a line each. Never a value. */
export function configOfResource(
  { config }: Resource<unknown>,
  env: Env,
): { readonly value: unknown; readonly problems: readonly string[] } {
  if (!config) return { value: undefined, problems: [] };
  const { schema, values } = config;
  const environment = environmentOf(env);
  const { fields, variables } = resolveValues(values, environment, env);
  const parsed = schema.safeParse(fields);
  // Also where the schema could do without: who names a secret does not mean to ask without it.
  const lacking = [...variables].filter(([, { isSecret, isSet }]) => isSecret && !isSet);
  if (parsed.success && lacking.length > 0)
    return { value: undefined, problems: lacking.map(([path, { name }]) => `${path}: ${name} is not set`) };
  if (parsed.success) return { value: parsed.data, problems: [] };
  const written = Object.keys(values).filter((name) => name !== 'default');
  if (!values[environment] && !values.default && written.length > 0) {
    return {
      value: undefined,
      problems: [`has no values for ${environment}, only for ${written.join(', ')}`],
    };
  }
  const problems = issuesOf(parsed.error).map(({ path, message }) => {
    const variable = variables.get(path) ?? variables.get(path.split('.')[0] ?? '');
    if (!variable) return `${path}: ${path in fields || path.includes('.') ? message : 'is given no value'}`;
    return variable.isSet
      ? `${path}: ${message} (from ${variable.name})`
      : `${path}: ${variable.name} is not set`;
  });
  return { value: undefined, problems };
}

/** The config of an asset in a run, or what is wrong with it. */
export function configOfRun(
  { config }: Pick<AnyAsset, 'config'>,
  given: Readonly<Record<string, Json>>,
): { readonly value: unknown; readonly problems: readonly string[] } {
  if (!config) return { value: {}, problems: [] };
  const parsed = config.safeParse(given);
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : {
        value: undefined,
        problems: issuesOf(parsed.error).map(({ path, message }) => `${path}: ${message}`),
      };
}

const issuesOf = (error: z.ZodError) =>
  error.issues.map(({ path, message }) => ({ path: path.map(String).join('.') || 'config', message }));

/** Everything that is wrong with the configs of assets and of their resources, a line each. */
export function configProblems(
  assets: ReadonlyMap<AssetKey, AnyAsset>,
  env: Env,
  run: RunConfig | undefined,
): string[] {
  const users = new Map<Resource<unknown>, { alias: string; key: AssetKey }[]>();
  for (const [key, { resources }] of assets) {
    for (const [alias, resource] of Object.entries(resources)) {
      users.set(resource, [...(users.get(resource) ?? []), { alias, key }]);
    }
  }
  const ofResources = [...users].flatMap(([resource, used]) =>
    configOfResource(resource, env).problems.map((problem) => `resource ${describeUse(used)}: ${problem}`),
  );
  const ofAssets = [...assets].flatMap(([key, asset]) =>
    configOfRun(asset, configOfAsset(run, key)).problems.map((problem) => `asset ${key}: ${problem}`),
  );
  return [...ofResources, ...ofAssets];
}

/** `warehouse (of transforms/users and 3 more)`. */
function describeUse(used: readonly { readonly alias: string; readonly key: AssetKey }[]): string {
  const names = [...new Set(used.map(({ alias }) => alias))].join(', ');
  const more = used.length > 1 ? ` and ${used.length - 1} more` : '';
  return `${names} (of ${used[0]?.key}${more})`;
}

/** An environment that nobody knows, in words; `null` where it is known. */
export function unknownEnvironment(values: Iterable<object>, env: Env): string | null {
  const known = knownEnvironments(values);
  const environment = environmentOf(env);
  if (known.includes(environment)) return null;
  return `${ENVIRONMENT} is "${environment}", and the environments are ${known.join(', ')}`;
}

/** All problems as one error. */
export function configError(problems: readonly string[], env: Env): AssetError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => `  ${problem}`);
  return new AssetError(
    'CONFIG_INVALID',
    `${count} in the config for ${environmentOf(env)}; no step was started:\n${lines.join('\n')}\n`,
  );
}
