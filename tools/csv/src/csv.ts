import { asset, type Asset, type FileValue, type Json, type TableAsset } from '@nx-assets/core';
import { canCopy, copyCsv } from './copy.ts';
import { stringifyCsv } from './stringify.ts';

/** Up to this many rows they pass through csv-stringify; beyond, the engine writes the same bytes faster. */
const STRINGIFY_ROWS = 20_000;

export interface CsvOptions<Row extends object> {
  /** One sentence: what the file holds. */
  readonly description: string;
  /** The table to write, every column in its order. */
  readonly from: TableAsset<Row>;
  /** Where the file goes, under `output/`. */
  readonly file: string;
  /**
   * Puts a `'` before texts that a spreadsheet would run as a formula (those that start with `=`, `+`, `-`, `@`,
   * the full-width form of one of them, a tab or a carriage return). Off by default: it changes the data.
   */
  readonly escapeFormulas?: boolean;
  readonly owners?: readonly string[];
  readonly tags?: readonly string[];
  readonly metadata?: { readonly [name: string]: Json };
}

/**
 * A table as a CSV file: UTF-8 without a byte order mark, a header, `\n` line ends, quotes only where needed.
 * Null is an empty field and the empty text is `""`; numbers are written as JSON writes them.
 */
export function csv<Row extends object>(
  options: CsvOptions<Row>,
): Asset<FileValue, { readonly table: TableAsset<Row> }> {
  const { from, escapeFormulas = false, ...rest } = options;
  return asset({
    ...rest,
    kind: 'csv',
    deps: { table: from },
    async materialize({ table }, context) {
      const isLarge = table.rowCount > STRINGIFY_ROWS && !escapeFormulas;
      if (isLarge && (await canCopy(table, context))) await copyCsv(table, context);
      else await stringifyCsv(table, context.file, escapeFormulas);
      context.metadata({ rows: table.rowCount });
    },
  });
}
