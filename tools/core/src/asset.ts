import type { z } from 'zod';
import { type Check, type CheckFunction, toCheck } from './check.ts';
import { type Control, type ControlOptions, type RetryPolicy, toControl } from './control.ts';
import type { Context, Json } from './context.ts';
import { AssetError } from './diagnostics.ts';
import { type Freshness, type FreshnessPolicy, toFreshness } from './freshness.ts';
import type { Resources } from './resource.ts';
import type { Sql } from './sql.ts';
import type { FileValue, JsonDocument, SortKey, Table } from './table.ts';

/**
 * A table, document or file that lives in storage, declared next to the function that makes it.
 *
 * It has no name here: the name under which its package exports it is its name.
 * `Value` is what an asset that depends on this one receives.
 */
export interface Asset<
  Value = unknown,
  D extends Deps = Deps,
  R extends Resources = Resources,
  Result = unknown,
> {
  readonly type: 'asset';
  readonly description: string;
  /** The technology badge: api, danfo, duckdb, csv, json, node, … */
  readonly kind: string;
  readonly deps: D;
  readonly resources: R;
  readonly output: Output;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: { readonly [name: string]: Json };
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  readonly freshness: Freshness | null;
  /** Made elsewhere: its value says what was seen there. */
  readonly isExternal: boolean;
  readonly preview: boolean;
  readonly checks: readonly Check[];
  /** Where it is the checks of another asset: whether what depends on that one waits for them. */
  readonly checked: { readonly isBlocking: boolean } | null;
  readonly control: Control;
  readonly retryOn: RetryPolicy['on'] | null;
  materialize(inputs: InputsOf<D>, context: Context<R>): MaybePromise<Result>;
  /** Only in types: what a dependent receives. */
  readonly ' value'?: Value;
}

export type Output =
  | { readonly type: 'table'; readonly schema: z.ZodObject; readonly orderBy: readonly string[] }
  | { readonly type: 'json'; readonly schema: z.ZodType }
  | { readonly type: 'file'; readonly path: string };

// `never` contexts and inputs: any asset fits, and none can be called through this type by mistake.
export interface AnyAsset extends Omit<Asset, 'materialize' | 'deps' | 'resources'> {
  readonly deps: { readonly [alias: string]: AnyAsset };
  readonly resources: Resources;
  materialize(inputs: never, context: never): unknown;
}

export type Deps = { readonly [alias: string]: AnyAsset };

/** An asset as its dependents see it: what they receive, and nothing of how it is made. */
export interface Upstream<Value> extends AnyAsset {
  readonly ' value'?: Value;
}

// Without it the type of an asset would hold the whole of its lineage.
type Upstreams<D extends Deps> = { readonly [K in keyof D]: Upstream<ValueOf<D[K]>> };

/** What `materialize` receives for each dep: a table handle, a JSON value or a file. */
export type InputsOf<D extends Deps> = { readonly [K in keyof D]: ValueOf<D[K]> };

/** What a dependent of an asset receives. */
export type ValueOf<A> = A extends { readonly ' value'?: infer Value } ? Exclude<Value, undefined> : never;

/** One row of a table asset. */
export type RowOf<A> = ValueOf<A> extends Table<infer Row> ? Row : never;

type MaybePromise<T> = T | Promise<T>;

/** What `materialize` of a table may return: rows, a query over the inputs, or a JSON document on disk. */
// The array stands beside the iterable, which it is, because the compiler can explain what is wrong with an array.
export type TableResult<Row> = Iterable<Row> | AsyncIterable<Row> | Sql | JsonDocument | readonly Row[];

type ResultOf<S, V> = S extends z.ZodObject
  ? TableResult<z.input<S>>
  : V extends z.ZodType
    ? z.input<V>
    : void;

type ValueFrom<S, V> = S extends z.ZodObject
  ? Table<z.output<S>>
  : V extends z.ZodType
    ? z.output<V>
    : FileValue;

/** What checks look at: one row, the document, or the file. */
type CheckedIn<S, V> = S extends z.ZodObject ? z.output<S> : V extends z.ZodType ? z.output<V> : FileValue;

/** What a function among the checks sees: what a dependent would. */
type SeenBy<S, V> = S extends z.ZodObject ? Table<z.output<S>> : CheckedIn<S, V>;

/** A column that has an order. The sentence is what the editor shows. */
type OrderKey<S> = S extends z.ZodObject
  ? SortKey<z.output<S>>
  : 'Only a table, an asset with a `schema`, has an order.';

export interface AssetDefinition<
  D extends Deps,
  R extends Resources,
  S extends z.ZodObject | undefined,
  V extends z.ZodType | undefined,
> extends ControlOptions {
  /** One sentence: what it holds. Required. */
  readonly description: string;
  /** The technology badge. Default: `node`. */
  readonly kind?: string;
  /** Imported assets, by the name that `materialize` sees. */
  readonly deps?: D;
  /** Clients to inject. */
  readonly resources?: R;
  /** For a table: the zod schema of one row. */
  readonly schema?: S;
  /**
   * For a table: the order of its rows, `'-name'` descending, nulls last. The framework sees to it, and refuses rows
   * that tie: what is left to chance changes bytes, and changed bytes re-run what comes after.
   */
  readonly orderBy?: readonly OrderKey<NoInfer<S>>[];
  /** For a JSON document: its zod schema. */
  readonly value?: V;
  /** For a file: its path under `output/`. */
  readonly file?: string;
  /** Who answers for it. Default: the owner of the group. */
  readonly owners?: readonly string[];
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [name: string]: Json };
  /** Environment variables that the function reads: a change of one makes the asset run again. */
  readonly env?: readonly string[];
  /** The same, where nobody may read the value: it is kept out of records, logs, messages and previews. */
  readonly secrets?: readonly string[];
  /** How old the data may get that it is made from. Data from outside is asked for again when it is due. */
  readonly freshness?: FreshnessPolicy;
  /** Made elsewhere: the value says what was seen there. `external()` sets it. */
  readonly isExternal?: boolean;
  /** `false` keeps sample rows out of the record. */
  readonly preview?: boolean;
  /** What must hold of the value before it is published. */
  readonly checks?: readonly (
    Check<CheckedIn<NoInfer<S>, NoInfer<V>>> | CheckFunction<SeenBy<NoInfer<S>, NoInfer<V>>>
  )[];
  materialize(inputs: InputsOf<NoInfer<D>>, context: Context<NoInfer<R>>): MaybePromise<ResultOf<S, V>>;
}

/** Exactly one of `schema`, `value` and `file`. The sentences are what the editor shows. */
type OneValue<S, V> = S extends z.ZodObject
  ? {
      readonly value?: V extends undefined ? undefined : 'An asset has a `schema` or a `value`, not both.';
      readonly file?: 'An asset has a `schema` or a `file`, not both.';
    }
  : V extends z.ZodType
    ? { readonly file?: 'An asset has a `value` or a `file`, not both.' }
    : { readonly file: string };

/**
 * Defines an asset. Cheap and pure: it only checks and keeps what it is given.
 *
 * Throws `AssetError` (`ASSET_DESCRIPTION_MISSING`, `ASSET_VALUE_AMBIGUOUS`, `ASSET_DEP_INVALID`,
 * `ASSET_OPTION_INVALID`) when the definition is wrong.
 */
export function asset<
  const D extends Deps = Record<never, never>,
  const R extends Resources = Record<never, never>,
  S extends z.ZodObject | undefined = undefined,
  V extends z.ZodType | undefined = undefined,
>(
  definition: AssetDefinition<D, R, S, V> & OneValue<S, V>,
): Asset<ValueFrom<S, V>, Upstreams<D>, R, ResultOf<S, V>> {
  if (!definition.description?.trim()) {
    throw new AssetError('ASSET_DESCRIPTION_MISSING', 'An asset has no description.');
  }
  for (const [alias, dep] of Object.entries(definition.deps ?? {})) {
    if (!isAsset(dep)) {
      const what = (dep as unknown) === undefined ? 'undefined' : 'not an asset';
      throw new AssetError('ASSET_DEP_INVALID', `The dep "${alias}" is ${what}.`);
    }
  }
  const output = outputOf(definition);
  return Object.freeze({
    type: 'asset',
    description: definition.description.trim(),
    kind: definition.kind ?? 'node',
    deps: Object.freeze({ ...definition.deps }) as unknown as Upstreams<D>,
    resources: Object.freeze({ ...definition.resources }) as R,
    output,
    owners: definition.owners ?? [],
    tags: definition.tags ?? [],
    metadata: definition.metadata ?? {},
    env: definition.env ?? [],
    secrets: definition.secrets ?? [],
    freshness: definition.freshness ? toFreshness(definition.freshness) : null,
    isExternal: definition.isExternal ?? false,
    preview: definition.preview ?? true,
    checks: checkChecks({ checks: definition.checks, output, deps: definition.deps }),
    checked: null,
    control: toControl(definition),
    retryOn: definition.retry?.on ?? null,
    materialize: definition.materialize as Asset<unknown, Upstreams<D>, R, ResultOf<S, V>>['materialize'],
  } as const);
}

export const isAsset = (value: unknown): value is AnyAsset =>
  typeof value === 'object' && value !== null && (value as Partial<Asset>).type === 'asset';

function outputOf(definition: {
  readonly schema?: z.ZodObject | undefined;
  readonly value?: z.ZodType | undefined;
  readonly file?: string;
  readonly orderBy?: readonly string[];
}): Output {
  const { schema, value, file, orderBy = [] } = definition;
  const given = [schema && 'schema', value && 'value', file && 'file'].filter(Boolean);
  if (given.length !== 1) {
    const what = given.length === 0 ? 'says nothing of its value' : `has ${given.join(' and ')}`;
    throw new AssetError('ASSET_VALUE_AMBIGUOUS', `An asset ${what}.`);
  }
  if (schema) return { type: 'table', schema, orderBy: checkOrder(orderBy, schema) };
  if (orderBy.length > 0) {
    throw new AssetError('ASSET_OPTION_INVALID', 'Only a table, an asset with a `schema`, has an order.');
  }
  if (value) return { type: 'json', schema: value };
  return { type: 'file', path: outputPath(file as string) };
}

/** Checks by names that differ, over columns and deps that are there. */
export function checkChecks({
  checks: given = [],
  output,
  deps = {},
}: {
  readonly checks: readonly (Check | CheckFunction<never>)[] | undefined;
  readonly output: Output;
  readonly deps: Deps | undefined;
}): readonly Check[] {
  const schema = output.type === 'table' ? output.schema : null;
  const checks = given.map(toCheck);
  const names = new Set<string>();
  const refuse = (name: string, problem: string) => {
    throw new AssetError('ASSET_OPTION_INVALID', `The check ${name} ${problem}.`);
  };
  for (const { name, rule } of checks) {
    if (names.has(name)) refuse(name, 'is there twice. Give one of them another name');
    names.add(name);
    const columns = 'columns' in rule ? rule.columns : 'column' in rule ? [rule.column ?? []].flat() : [];
    if (!schema && rule.kind !== 'function') refuse(name, 'is for tables, which this asset is not');
    const unknown = columns.find((column) => !Object.hasOwn(schema?.shape ?? {}, column));
    if (unknown !== undefined) refuse(name, `looks at "${unknown}", which is no column of the schema`);
    if (rule.kind === 'refers-to' && !Object.values(deps).includes(rule.to)) {
      refuse(name, 'refers to an asset that is not among the deps');
    }
  }
  return checks;
}

function checkOrder(orderBy: readonly string[], schema: z.ZodObject): readonly string[] {
  const unknown = orderBy.find((key) => !Object.hasOwn(schema.shape, key.replace(/^-/, '')));
  if (unknown === undefined) return orderBy;
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    `orderBy names "${unknown}", which is no column of the schema.`,
  );
}

/** A path under output/, with forward slashes and no way out of it. */
function outputPath(path: string): string {
  const parts = path.split('/');
  if (path.includes('\\') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new AssetError('ASSET_OPTION_INVALID', `"${path}" is not a path under output/.`, {
      remedy: 'Write a relative path with forward slashes, for example reports/users.csv.',
    });
  }
  return path;
}
