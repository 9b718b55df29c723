import type { AnyAsset, Check, RowOf } from './asset-model.ts';
import type { CheckOptions } from './check-model.ts';
import { define, type HasColumn } from './define-check.ts';
import { AssetError } from './diagnostics.ts';
import { type Duration, milliseconds } from './freshness.ts';
import type { Scalar } from './table.ts';

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
export function notNull<const C extends string>(column: C, options: CheckOptions = {}): Check<HasColumn<C>> {
  return define({ kind: 'not-null', column }, `not_null_${column}`, `${column} is never null.`, options);
}

/** No two rows have the same values there. Rows with a null are left out. */
export function unique<const C extends string>(
  columns: C | readonly C[],
  options: CheckOptions = {},
): Check<HasColumn<C>> {
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
): Check<HasColumn<C>> {
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
): Check<HasColumn<C, number | null>> {
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
): Check<HasColumn<C, string | null>> {
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
  key: Extract<keyof RowOf<A>, string>,
  options: CheckOptions = {},
): Check<HasColumn<C>> {
  return define(
    { kind: 'refers-to', column, to, key },
    `refers_to_${column}`,
    `${column} is a ${key} of its parent.`,
    options,
  );
}

/** The columns and their types are those of the last materialization. */
export function sameSchema(options: CheckOptions = {}): Check<object> {
  return define({ kind: 'same-schema' }, 'same_schema', 'Its columns are as they were.', options);
}

/** The newest time in a column of ISO 8601 texts is not older than this when the asset is made. */
export function newest<const C extends string>(
  column: C,
  maxAge: Duration,
  options: CheckOptions = {},
): Check<HasColumn<C, string | null>> {
  const rule = { kind: 'max-age', column, maxAge: milliseconds(maxAge) } as const;
  return define(rule, `newest_${column}`, `The newest ${column} is not older than ${maxAge}.`, options);
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
