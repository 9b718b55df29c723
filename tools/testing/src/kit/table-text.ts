import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';

export type GoldenRow = Readonly<Record<string, unknown>>;

/** A table as texts: what a golden file holds. */
export interface TextTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows as texts. Columns are those of all rows, in the order in which they come. */
export function toTextTable(rows: readonly GoldenRow[]): TextTable {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return { columns, rows: rows.map((row) => columns.map((column) => cell(row[column]))) };
}

/**
 * A cell as one text, and no other value as the same: JSON, but for a text that cannot be read as JSON, which stands as
 * it is. What is not there is like null.
 */
function cell(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null);
  return isJson(value) || value.startsWith('"') ? JSON.stringify(value) : value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The table as CSV. */
export const writeText = ({ columns, rows }: TextTable): string =>
  stringify(
    [columns, ...rows].map((row) => [...row]),
    { quoted_match: /[\r\n]|^\s|\s$|^$/ },
  );

/** What `writeText` wrote. */
export function readText(text: string): TextTable {
  const [columns = [], ...rows] = parse(text, { relax_column_count: true, bom: false });
  return { columns, rows };
}
