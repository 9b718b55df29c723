import type { z } from 'zod';
import type { AnyValues, ConfigValues } from './config/values.ts';
import type { Logger } from './logger.ts';
import { AssetError } from './diagnostics.ts';

/** A client that is injected into `materialize`: opened when a step first needs it, closed when it ends. */
export interface Resource<Client> {
  readonly description: string;
  /** Environment variables that decide what data it gives: a change of one makes its assets run again. */
  readonly env: readonly string[];
  /** The same, where nobody may read the value: it is kept out of records, logs, messages and previews. */
  readonly secrets: readonly string[];
  /** Its config, and where the values of it come from. */
  readonly config?: ResourceConfig;
  open(scope: ResourceScope & { readonly config?: unknown }): Client | Promise<Client>;
  close?(client: Client): void | Promise<void>;
}

export interface ResourceConfig {
  readonly schema: z.ZodObject;
  readonly values: AnyValues;
  /** Fields that decide no data. */
  readonly dataFree: readonly string[];
}

export interface ResourceScope {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Marks a value as one that nobody may read, where it does not come from the environment. */
  secret(value: string): void;
  /** Says once per run what is in use, for example which address. */
  announce(message: string): void;
  /** What happens on the way, for example that a server had to be asked again. */
  readonly log: Logger;
}

// A resource of any client: `open` is covariant in it, `close` is a method and so bivariant.
export type Resources = { readonly [name: string]: Resource<unknown> };

/** What `open` gets: with a schema, the config that was checked against it. */
type ScopeOf<S> = S extends z.ZodObject ? ResourceScope & { readonly config: z.output<S> } : ResourceScope;

type ValuesOf<S> = S extends z.ZodObject ? ConfigValues<S> : 'Only a resource with a `config` has `values`.';

type FieldOf<S> = S extends z.ZodObject
  ? Extract<keyof z.input<S>, string>
  : 'Only a resource with a `config` has fields.';

/**
 * Defines a resource. Cheap and pure: nothing is opened, and no environment variable is read.
 *
 * Throws `ASSET_OPTION_INVALID` for values of fields that the config does not have.
 */
export function resource<Client, S extends z.ZodObject | undefined = undefined>(definition: {
  readonly description: string;
  readonly env?: readonly string[];
  readonly secrets?: readonly string[];
  /** What it must be told: a zod object. It is checked before any step of a run starts. */
  readonly config?: S;
  /** The config in each environment: values, `env('NAME')` and `secret('NAME')`. */
  readonly values?: ValuesOf<NoInfer<S>>;
  /** Fields of the config that decide no data, such as a timeout: a change of one makes nothing run again. */
  readonly dataFree?: readonly FieldOf<NoInfer<S>>[];
  open(scope: ScopeOf<NoInfer<S>>): Client | Promise<Client>;
  close?(client: Client): void | Promise<void>;
}): Resource<Client> {
  const { config: schema, values = {}, dataFree = [], ...rest } = definition;
  const config = schema ? { schema, values: values as AnyValues, dataFree } : null;
  if (config) checkFields(config);
  return {
    ...rest,
    open: definition.open as Resource<Client>['open'],
    env: definition.env ?? [],
    secrets: definition.secrets ?? [],
    ...(config ? { config } : {}),
  };
}

/** The same resource with other values, whatever the environment: for tests, and for what differs in one place only. */
export function configured<Client>(
  given: Resource<Client>,
  values: Readonly<Record<string, unknown>>,
): Resource<Client> {
  if (!given.config)
    throw new AssetError('ASSET_OPTION_INVALID', 'A resource without a config has no values.');
  const { schema, values: before, dataFree } = given.config;
  const names = Object.keys(before).filter((name) => name !== 'default');
  const over = (name: string) => [name, { ...before[name], ...values }] as const;
  const config = { schema, dataFree, values: Object.fromEntries(['default', ...names].map(over)) };
  checkFields(config);
  return { ...given, config };
}

/** A name that stands in a path must read as one. */
const NAME = /^[A-Za-z_]\w*$/;

export function checkNames(schema: z.ZodObject): void {
  const odd = Object.keys(schema.shape).find((name) => !NAME.test(name));
  if (odd === undefined) return;
  throw new AssetError('ASSET_OPTION_INVALID', `The config has a field "${odd}", which is no plain name.`);
}

function checkFields({ schema, values, dataFree }: ResourceConfig): void {
  checkNames(schema);
  const given = [...dataFree, ...Object.values(values).flatMap((fields) => Object.keys(fields ?? {}))];
  const unknown = given.find((name) => !Object.hasOwn(schema.shape, name));
  if (unknown === undefined) return;
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    `A resource has a value for "${unknown}", which is no field of its config.`,
  );
}
