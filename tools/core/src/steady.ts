import type { Check } from './asset-model.ts';
import type { CheckOptions, Statistic } from './check-model.ts';
import { define, type HasColumn } from './define-check.ts';
import { AssetError } from './diagnostics.ts';

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
): Check<HasColumn<C, S extends 'nulls' | 'distinct' ? unknown : number | null>> {
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
