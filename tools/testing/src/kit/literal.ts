import { writeFileSync } from 'node:fs';
import type { AnyAsset, ByPartition, Context, FileValue, Table, ValueOf } from '@nx-assets/core';

/** A file for a file dep: its text, and how many rows it is said to hold. */
export interface FileLiteral {
  readonly text: string;
  readonly rows?: number;
  /** From the workspace root. */
  readonly path?: string;
}

/** What a test hands over for a dep: rows for a table, the value for JSON, a text for a file. */
export type LiteralOf<A> =
  ValueOf<A> extends Table<infer Row>
    ? readonly Row[]
    : ValueOf<A> extends ByPartition<infer Value>
      ? PlainLiteral<Value>
      : PlainLiteral<ValueOf<A>>;

type PlainLiteral<Value> = Value extends FileValue ? FileLiteral : Value;

/** The asset with its function replaced by one that gives the literal. */
export function asLiteral(asset: AnyAsset, literal: unknown): AnyAsset {
  const materialize = (_inputs: never, context: Context): unknown => {
    if (asset.output.type !== 'file') return literal;
    const { text, rows } = literal as FileLiteral;
    writeFileSync(context.file, text);
    if (rows !== undefined) context.metadata({ rows });
    return undefined;
  };
  return {
    ...asset,
    deps: {},
    previous: undefined,
    resources: {},
    config: null,
    checks: [],
    materialize: materialize as AnyAsset['materialize'],
  };
}
