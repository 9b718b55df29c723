import type { z } from 'zod';
import type { DepsGiven } from './asset-deps.ts';
import type { ByPartition, Check, MaybePromise, ValueOf } from './asset-model.ts';
import type { Condition } from './automation/condition.ts';
import type { CheckFunction } from './check-model.ts';
import type { ControlOptions } from './control.ts';
import type { Context } from './context.ts';
import type { FreshnessPolicy } from './freshness.ts';
import type { Json } from './json.ts';
import type { Partitions } from './partitions/partitions.ts';
import type { Previous } from './partitions/previous.ts';
import type { Resources } from './resource.ts';
import type { Sql } from './sql.ts';
import type { FileValue, JsonDocument, SortKey, Table } from './table.ts';

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

/** What a step gets of the partition before its own. */
type PreviousOf<S, V> = S extends z.ZodObject
  ? Table<z.output<S>>
  : (V extends z.ZodType ? z.output<V> : FileValue) | undefined;

/** What `materialize` receives. */
type InputsFrom<D, S, V> = {
  readonly [K in keyof D]: D[K] extends Previous ? PreviousOf<S, V> : ValueOf<D[K]>;
};

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
  D extends DepsGiven,
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
  /** Imported assets, by the name that `materialize` sees; `previous()` is the own partition before. */
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
  /**
   * Files of the workspace that the function opens by path: globs from the folder of the package, or with
   * `{workspaceRoot}/` from the root. A file that changes, appears or goes makes the asset run again. A path without
   * wildcards must exist.
   */
  readonly reads?: readonly string[];
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
    inputs: InputsFrom<NoInfer<D>, NoInfer<S>, NoInfer<V>>,
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
