import type { Json } from './context.ts';
import type { AnyAsset } from './asset.ts';
import { AssetError } from './diagnostics.ts';
import { type Duration, milliseconds } from './freshness.ts';
import type { Sql } from './sql.ts';
import type { Table } from './table.ts';

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

export type Severity = 'warn' | 'error';

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

type Scalar = string | number | boolean;

/** What is compared from run to run. `nulls` is a share: 0.1 is one in ten. */
export type Statistic = 'rows' | 'nulls' | 'distinct' | 'min' | 'max' | 'mean' | 'sum';

/** What a function says of a value: whether it passes, or that and what it saw. */
export type CheckAnswer =
  boolean | { readonly passed: boolean; readonly facts?: { readonly [name: string]: Json } };

/** What a function looks at: a value that is made, but not yet in its place. */
export interface CheckSubject<Value> {
  /** A table handle, the JSON value, or the file. */
  readonly value: Value;
  /** Runs a query over tables, the one that is checked among them. */
  query<Row = Record<string, unknown>>(query: Sql): Promise<Row[]>;
  readonly signal: AbortSignal;
}

export interface CheckOptions {
  /** Default: `error`. */
  readonly severity?: Severity;
  /** Default: made from what it checks. */
  readonly name?: string;
  readonly description?: string;
}

/** What came of one check. */
export interface CheckResult {
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly passed: boolean;
  readonly facts: Readonly<Record<string, Json>>;
  /** Up to 20 rows that do not pass; none where the asset keeps its rows out of records. */
  readonly rows: readonly Json[];
}

type Has<Column extends string, Type = unknown> = { readonly [C in Column]: Type };

function define<Row>(rule: CheckRule, name: string, description: string, options: CheckOptions): Check<Row> {
  return Object.freeze({
    type: 'check',
    name: options.name ?? name,
    description: options.description ?? description,
    severity: options.severity ?? 'error',
    rule,
  });
}

/** A table has at least `min` and at most `max` rows. */
export function rowCount(
  bounds: { readonly min?: number; readonly max?: number },
  options: CheckOptions = {},
): Check<object> {
  const [min, max] = checkBounds('rowCount', bounds);
  return define(
    { kind: 'row-count', min, max },
    'row_count',
    `It has ${words(min, max)} ${(max ?? min) === 1 ? 'row' : 'rows'}.`,
    options,
  );
}

/** No row has a null there. */
export function notNull<const C extends string>(column: C, options: CheckOptions = {}): Check<Has<C>> {
  return define({ kind: 'not-null', column }, `not_null_${column}`, `${column} is never null.`, options);
}

/** No two rows have the same values there. Rows with a null are left out. */
export function unique<const C extends string>(
  columns: C | readonly C[],
  options: CheckOptions = {},
): Check<Has<C>> {
  const list = typeof columns === 'string' ? [columns] : [...columns];
  if (list.length === 0) throw new AssetError('ASSET_OPTION_INVALID', 'unique() names no column.');
  return define(
    { kind: 'unique', columns: list },
    `unique_${list.join('_')}`,
    `${list.join(', ')} never repeats.`,
    options,
  );
}

/** Every value is one of these, or null. */
export function accepted<const C extends string, const V extends Scalar>(
  column: C,
  values: readonly V[],
  options: CheckOptions = {},
): Check<Has<C>> {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return define(
    { kind: 'accepted', column, values },
    `accepted_${column}`,
    `${column} is one of ${list}.`,
    options,
  );
}

/** Every number lies between `min` and `max`, or is null. */
export function range<const C extends string>(
  column: C,
  bounds: { readonly min?: number; readonly max?: number },
  options: CheckOptions = {},
): Check<Has<C, number | null>> {
  const [min, max] = checkBounds('range', bounds);
  return define(
    { kind: 'range', column, min, max },
    `range_${column}`,
    `${column} is ${words(min, max)}.`,
    options,
  );
}

/**
 * Every text fits the pattern somewhere, or is null. The engine runs it, in RE2's syntax: no look-around, no
 * backreferences. Of the flags only `i` and `s` mean something.
 */
export function pattern<const C extends string>(
  column: C,
  regex: RegExp,
  options: CheckOptions = {},
): Check<Has<C, string | null>> {
  const flags = ['i', 's'].filter((flag) => regex.flags.includes(flag)).join('');
  const text = flags === '' ? regex.source : `(?${flags})${regex.source}`;
  return define(
    { kind: 'pattern', column, pattern: text },
    `pattern_${column}`,
    `${column} fits ${String(regex)}.`,
    options,
  );
}

/** Every value is one of a column of another table, or null. The other table is a dep. */
export function refersTo<const C extends string, A extends AnyAsset>(
  column: C,
  to: A,
  key: Extract<keyof RowFrom<A>, string>,
  options: CheckOptions = {},
): Check<Has<C>> {
  return define(
    { kind: 'refers-to', column, to, key },
    `refers_to_${column}`,
    `${column} is a ${key} of its parent.`,
    options,
  );
}

type RowFrom<A> = A extends { readonly ' value'?: infer V }
  ? Exclude<V, undefined> extends Table<infer Row>
    ? Row
    : never
  : never;

/** The columns and their types are those of the last materialization. */
export function sameSchema(options: CheckOptions = {}): Check<object> {
  return define({ kind: 'same-schema' }, 'same_schema', 'Its columns are as they were.', options);
}

/** The newest time in a column of ISO 8601 texts is not older than this when the asset is made. */
export function newest<const C extends string>(
  column: C,
  maxAge: Duration,
  options: CheckOptions = {},
): Check<Has<C, string | null>> {
  const rule = { kind: 'max-age', column, maxAge: milliseconds(maxAge) } as const;
  return define(rule, `newest_${column}`, `The newest ${column} is not older than ${maxAge}.`, options);
}

export interface SteadyOptions {
  /** Default: 2. */
  readonly factor?: number;
  /** How many runs it is compared with. Default: 5. */
  readonly runs?: number;
}

/**
 * The number of rows is within a factor of its median in the last runs in which this check passed: with 2, between half
 * and twice. Passes while there is nothing to compare with.
 */
export function steadyRowCount(bounds: SteadyOptions = {}, options: CheckOptions = {}): Check<object> {
  return steadily('rows', null, bounds, options);
}

/** The same for a statistic of a column: the share of nulls, how many values differ, or of numbers what they come to. */
export function steady<const C extends string, const S extends Exclude<Statistic, 'rows'>>(
  column: C,
  statistic: S,
  bounds: SteadyOptions = {},
  options: CheckOptions = {},
): Check<Has<C, S extends 'nulls' | 'distinct' ? unknown : number | null>> {
  return steadily(statistic, column, bounds, options);
}

function steadily<Row>(
  statistic: Statistic,
  column: string | null,
  { factor = 2, runs = 5 }: SteadyOptions,
  options: CheckOptions,
): Check<Row> {
  if (!(factor > 1) || !Number.isInteger(runs) || runs < 1) {
    throw new AssetError(
      'ASSET_OPTION_INVALID',
      'steady() and steadyRowCount() take a factor above 1 and a number of runs.',
    );
  }
  const what = column === null ? 'Its row count' : `The ${STATISTICS[statistic]} of ${column}`;
  const name = column === null ? 'steady_row_count' : `steady_${statistic}_${column}`;
  const description = `${what} is within ${factor}× of the last ${runs} runs.`;
  return define({ kind: 'steady', statistic, column, runs, factor }, name, description, options);
}

const STATISTICS: Readonly<Record<Statistic, string>> = {
  rows: 'row count',
  nulls: 'share of nulls',
  distinct: 'number of values',
  min: 'minimum',
  max: 'maximum',
  mean: 'mean',
  sum: 'sum',
};

/** A check of one's own: whatever a function can say of a value. */
export interface CheckFunction<Value> {
  readonly name: string;
  readonly description?: string;
  /** Default: `error`. */
  readonly severity?: Severity;
  passes(subject: CheckSubject<Value>): CheckAnswer | Promise<CheckAnswer>;
}

/** A check as it is run, from one that is given as a function. */
export function toCheck(given: Check | CheckFunction<never>): Check {
  if ('rule' in given) return given;
  const rule: CheckRule = {
    kind: 'function',
    run: given.passes.bind(given) as (subject: never) => CheckAnswer,
  };
  return define(rule, given.name, `${given.name.replaceAll('_', ' ')}.`, given);
}

function checkBounds(
  who: string,
  { min = null, max = null }: { readonly min?: number | null; readonly max?: number | null },
): [min: number | null, max: number | null] {
  const isNumber = (bound: number | null) => bound === null || Number.isFinite(bound);
  if (
    (min === null && max === null) ||
    !isNumber(min) ||
    !isNumber(max) ||
    (min !== null && max !== null && min > max)
  ) {
    throw new AssetError('ASSET_OPTION_INVALID', `${who}() takes a min, a max, or a min below its max.`);
  }
  return [min, max];
}

function words(min: number | null, max: number | null): string {
  if (min === null) return `at most ${max}`;
  return max === null ? `at least ${min}` : `${min} to ${max}`;
}
