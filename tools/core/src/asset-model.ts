import type { z } from 'zod';
import type { Condition } from './automation/condition.ts';
import type { CheckAnswer, Severity, Statistic } from './check-model.ts';
import type { Control, RetryPolicy } from './control.ts';
import type { Context } from './context.ts';
import type { Freshness } from './freshness.ts';
import type { Json } from './json.ts';
import type { CustomMapping, Mapping } from './partitions/mapping-spec.ts';
import type { Partitions } from './partitions/partitions.ts';
import type { Resources } from './resource.ts';
import type { Scalar, Table } from './table.ts';

// An asset has checks and mapped deps, and each of these names assets: the three types are one file.

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
  /** The alias under which it gets its own partition before; absent where it does not. */
  readonly previous?: string | undefined;
  readonly resources: R;
  /** What a run may give it. */
  readonly config: C;
  readonly output: Output;
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  readonly metadata: { readonly [name: string]: Json };
  readonly env: readonly string[];
  readonly secrets: readonly string[];
  /** Patterns of the files that it opens by path. */
  readonly reads: readonly string[];
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
  readonly siblings?: Siblings;
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
export interface Siblings {
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

/** What `materialize` receives for each dep: a table handle, a JSON value or a file. */
export type InputsOf<D extends Deps> = { readonly [K in keyof D]: ValueOf<D[K]> };

/** What a dependent of an asset receives. */
export type ValueOf<A> = A extends { readonly ' value'?: infer Value } ? Exclude<Value, undefined> : never;

/** One row of a table asset. */
export type RowOf<A> = ValueOf<A> extends Table<infer Row> ? Row : never;

export type MaybePromise<T> = T | Promise<T>;

/**
 * Something that must hold of an asset's value. `Row` is what its rows must have for the check to make sense.
 *
 * `error`: a value that does not pass is not published. The one before stays, and what depends on it does not run.
 * `warn`: the value is published, and the report and the record say what is wrong with it.
 */
export interface Check<in Row = never> {
  readonly type: 'check';
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly rule: CheckRule;
  /** Only in types. */
  readonly ' row'?: (row: Row) => void;
}

/** What a check looks at, as data; a function only where it is one. */
export type CheckRule =
  | { readonly kind: 'row-count'; readonly min: number | null; readonly max: number | null }
  | { readonly kind: 'not-null'; readonly column: string }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'accepted'; readonly column: string; readonly values: readonly Scalar[] }
  | {
      readonly kind: 'range';
      readonly column: string;
      readonly min: number | null;
      readonly max: number | null;
    }
  | { readonly kind: 'pattern'; readonly column: string; readonly pattern: string }
  | { readonly kind: 'refers-to'; readonly column: string; readonly to: AnyAsset; readonly key: string }
  | { readonly kind: 'same-schema' }
  | { readonly kind: 'max-age'; readonly column: string; readonly maxAge: number }
  | {
      readonly kind: 'steady';
      readonly statistic: Statistic;
      /** `null` for the number of rows. */
      readonly column: string | null;
      readonly runs: number;
      readonly factor: number;
    }
  | { readonly kind: 'function'; run(subject: never): CheckAnswer | Promise<CheckAnswer> };

/** A dep with a mapping of its own. It is the asset to everybody else. */
interface Mapped {
  readonly asset: AnyAsset;
  /** `null`: the one by default. */
  readonly mapping: Mapping | null;
  readonly custom: CustomMapping | null;
  readonly mayBeMissing: boolean;
}

export const isAsset = (value: unknown): value is AnyAsset =>
  typeof value === 'object' && value !== null && (value as Partial<Asset>).type === 'asset';
