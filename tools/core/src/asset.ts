import type { z } from 'zod';
import { type Condition, conditionProblem } from './automation/condition.ts';
import { type Check, type CheckFunction, toCheck } from './check.ts';
import { type Control, type ControlOptions, type RetryPolicy, toControl } from './control.ts';
import type { Context, Json } from './context.ts';
import { AssetError } from './diagnostics.ts';
import { type Freshness, type FreshnessPolicy, toFreshness } from './freshness.ts';
import type { Mapped } from './partitions/mapping.ts';
import type { Partitions } from './partitions/partitions.ts';
import { checkNames, type Resources } from './resource.ts';
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
  C extends z.ZodObject | null = z.ZodObject | null,
> {
  readonly type: 'asset';
  readonly description: string;
  /** The technology badge: api, danfo, duckdb, csv, json, node, … */
  readonly kind: string;
  readonly deps: D;
  readonly resources: R;
  /** What a run may give it. */
  readonly config: C;
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
  /** Where one function makes several assets: all of them. */
  readonly together?: Together;
  /** How it is cut into parts; `null` where it is one. */
  readonly partitions: Partitions | null;
  readonly backfill: Backfill | null;
  /** When it brings itself up to date, while automation is served. */
  readonly automation?: Condition;
  /** As a dep: which partitions of it. */
  readonly mapped?: Mapped;
  materialize(inputs: InputsOf<D>, context: Context<R>): MaybePromise<Result>;
  /** Only in types: what a dependent receives. */
  readonly ' value'?: Value;
}

/** A ranged step: one call makes many partitions of a table, and the column says which row is of which. */
export interface Backfill {
  readonly column: string;
}

/** The values of several partitions, by key and in order. */
export interface ByPartition<V> extends ReadonlyMap<string, V> {
  /** The value where there is one. Throws `PARTITION_NOT_ONE`. */
  only(): V;
}

export type Output =
  | { readonly type: 'table'; readonly schema: z.ZodObject; readonly orderBy: readonly string[] }
  | { readonly type: 'json'; readonly schema: z.ZodType }
  | { readonly type: 'file'; readonly path: string };

/** Assets that one function makes. */
export interface Together {
  /** By the names under which the function returns them. */
  readonly outputs: { readonly [name: string]: AnyAsset };
  /** Its context has `files`: a path for each output. */
  materialize(inputs: never, context: never): Promise<Readonly<Record<string, unknown>>>;
}

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

export type ResultOf<S, V> = S extends z.ZodObject
  ? TableResult<z.input<S>>
  : V extends z.ZodType
    ? z.input<V>
    : void;

export type ValueFrom<S, V, P = null> = S extends z.ZodObject
  ? Table<z.output<S>>
  : P extends Partitions
    ? ByPartition<V extends z.ZodType ? z.output<V> : FileValue>
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

type ColumnOf<S> = S extends z.ZodObject
  ? Extract<keyof z.output<S>, string>
  : 'Only a table, an asset with a `schema`, has columns.';

export interface AssetDefinition<
  D extends Deps,
  R extends Resources,
  S extends z.ZodObject | undefined,
  V extends z.ZodType | undefined,
  P extends Partitions | undefined = undefined,
  C extends z.ZodObject | undefined = undefined,
> extends ControlOptions {
  /** One sentence: what it holds. Required. */
  readonly description: string;
  /** The technology badge. Default: `node`. */
  readonly kind?: string;
  /** Imported assets, by the name that `materialize` sees. */
  readonly deps?: D;
  /** Clients to inject. */
  readonly resources?: R;
  /** What a run may give it, as `context.config`. It counts as what the asset is made from. */
  readonly config?: C;
  /** For a table: the zod schema of one row. */
  readonly schema?: S;
  /**
   * For a table: the order of its rows, `'-name'` descending, nulls last. The framework sees to it, and refuses rows
   * that tie: what is left to chance changes bytes, and changed bytes re-run what comes after.
   */
  readonly orderBy?: readonly OrderKey<NoInfer<S>>[];
  /** For a JSON document: its zod schema. */
  readonly value?: V;
  /** For a file: its path under `output/`; with partitions, `{partition}` in it stands for the key. */
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
  /** When it is to be brought up to date by itself, while automation is served: `eager()`, `onCron('0 6 * * *')`. */
  readonly automation?: Condition;
  /** `false` keeps sample rows out of the record. */
  readonly preview?: boolean;
  /** How it is cut into parts that are made and kept one by one. */
  readonly partitions?: P;
  /** `single-run`: a backfill calls the function once for many partitions. Default: once for each. */
  readonly backfill?: 'single-run' | 'per-partition';
  /** For a ranged step: the column that holds the key of each row's partition. */
  readonly partitionColumn?: ColumnOf<NoInfer<S>>;
  /** What must hold of the value before it is published. */
  readonly checks?: readonly (
    Check<CheckedIn<NoInfer<S>, NoInfer<V>>> | CheckFunction<SeenBy<NoInfer<S>, NoInfer<V>>>
  )[];
  materialize(
    inputs: InputsOf<NoInfer<D>>,
    context: Context<NoInfer<R>, NoInfer<P>, ConfigOf<NoInfer<C>>>,
  ): MaybePromise<ResultOf<S, V>>;
}

/** What `context.config` is. */
type ConfigOf<C> = C extends z.ZodObject ? Readonly<z.output<C>> : Readonly<Record<never, never>>;

/** Exactly one of `schema`, `value` and `file`. The sentences are what the editor shows. */
export type OneValue<S, V> = S extends z.ZodObject
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
  P extends Partitions | undefined = undefined,
  C extends z.ZodObject | undefined = undefined,
>(
  definition: AssetDefinition<D, R, S, V, P, C> & OneValue<S, V>,
): Asset<ValueFrom<S, V, P>, Upstreams<D>, R, ResultOf<S, V>, SchemaOf<C>> {
  if (!definition.description?.trim()) {
    throw new AssetError('ASSET_DESCRIPTION_MISSING', 'An asset has no description.');
  }
  for (const [alias, dep] of Object.entries(definition.deps ?? {})) {
    if (!isAsset(dep)) {
      const what = (dep as unknown) === undefined ? 'undefined' : 'not an asset';
      throw new AssetError('ASSET_DEP_INVALID', `The dep "${alias}" is ${what}.`);
    }
  }
  if (definition.config) checkNames(definition.config);
  const output = outputOf(definition);
  checkPartitions(definition, output);
  checkAutomation(definition.automation);
  return Object.freeze({
    type: 'asset',
    description: definition.description.trim(),
    kind: definition.kind ?? 'node',
    deps: Object.freeze({ ...definition.deps }) as unknown as Upstreams<D>,
    resources: Object.freeze({ ...definition.resources }) as R,
    config: (definition.config ?? null) as SchemaOf<C>,
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
    partitions: definition.partitions ?? null,
    backfill: backfillOf(definition, output),
    ...(definition.automation ? { automation: definition.automation } : {}),
    materialize: definition.materialize as Asset<unknown, Upstreams<D>, R, ResultOf<S, V>>['materialize'],
  } as const);
}

type SchemaOf<C> = C extends z.ZodObject ? C : null;

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

interface Cut {
  readonly partitions?: Partitions | undefined;
  readonly backfill?: string;
  readonly partitionColumn?: string;
  readonly freshness?: FreshnessPolicy;
}

function checkPartitions({ partitions, freshness }: Cut, output: Output): void {
  const hasPlace = output.type === 'file' && output.path.includes(PARTITION_IN_PATH);
  const problem =
    partitions && freshness
      ? 'A partition is about a time that has passed: it cannot get too old.'
      : partitions && output.type === 'file' && !hasPlace
        ? `The path of a file with partitions has to say where the key goes: put ${PARTITION_IN_PATH} into it.`
        : !partitions && hasPlace
          ? `${PARTITION_IN_PATH} is for files with partitions.`
          : null;
  if (problem !== null) throw new AssetError('ASSET_OPTION_INVALID', problem);
}

function checkAutomation(automation: Condition | undefined): void {
  const problem = automation === undefined ? null : conditionProblem(automation);
  if (problem !== null) throw new AssetError('AUTOMATION_INVALID', problem);
}

function backfillOf({ partitions, backfill, partitionColumn: column }: Cut, output: Output): Backfill | null {
  if (backfill !== 'single-run') return null;
  const has = output.type === 'table' && column !== undefined && Object.hasOwn(output.schema.shape, column);
  if (has && partitions) return { column };
  throw new AssetError(
    'ASSET_OPTION_INVALID',
    'A backfill in a single run is for tables with partitions, and needs a `partitionColumn` of the schema.',
  );
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
    const isDep = (asset: AnyAsset) =>
      Object.values(deps).some((dep) => dep === asset || dep.mapped?.asset === asset);
    if (rule.kind === 'refers-to' && !isDep(rule.to)) {
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

/** Stands for the key of a partition in the path of a file. */
export const PARTITION_IN_PATH = '{partition}';

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
