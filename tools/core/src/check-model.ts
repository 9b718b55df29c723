import type { Json } from './json.ts';
import type { Sql } from './sql.ts';

export type Severity = 'warn' | 'error';

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

/** A check of one's own: whatever a function can say of a value. */
export interface CheckFunction<Value> {
  readonly name: string;
  readonly description?: string;
  /** Default: `error`. */
  readonly severity?: Severity;
  passes(subject: CheckSubject<Value>): CheckAnswer | Promise<CheckAnswer>;
}
