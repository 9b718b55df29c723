import { closeSync, openSync, writeSync } from 'node:fs';
import type { Column, JsonDocument } from '@nx-assets/core';
import type { z } from 'zod';
import { columnsOf, duckdbType, holdsJson } from './columns.ts';
import { AS_IT_IS, literal } from './duckdb.ts';
import { type ExtraFields, extraFieldsOf } from './extra-fields.ts';
import { halvesIn, withoutHalves } from './not-text.ts';
import { changesOf } from './row-changes.ts';
import { COUNTED, RowProblems } from './rows-error.ts';
import { partsOf } from './schema-parts.ts';

const BLOCK = 1 << 20;

export interface JsonLines {
  readonly path: string;
  /** Bytes of the longest line, at most. */
  readonly longest: number;
}

/**
 * Checks rows against the schema and writes them as lines of JSON. Holds one block in memory.
 * Throws `ROWS_INVALID` after the last row, with the first offenders and the total.
 */
export async function writeJsonLines(
  rows: Iterable<unknown> | AsyncIterable<unknown>,
  schema: z.ZodObject,
  path: string,
  source: string,
  document?: Pick<JsonDocument, 'uniqueBy'>,
): Promise<JsonLines> {
  const uniqueBy = document?.uniqueBy;
  // Of somebody else's document an asset takes the fields that it names; its own rows are meant as they are.
  const extraFields: ExtraFields = document ? () => [] : extraFieldsOf(schema);
  const mayHoldAnything = columnsOf(schema).some(holdsJson) || hasGaps(schema);
  const lineOf: LineOf = document ? asText : whole;
  const problems = new RowProblems();
  const seen = new Map<unknown, number>();
  const file = openSync(path, 'w');
  let block: string[] = [];
  let size = 0;
  let row = 0;
  let longest = 0;
  const flush = () => {
    writeSync(file, block.join(''));
    block = [];
    size = 0;
  };
  try {
    for await (const value of rows) {
      row++;
      const parsed = parse(value, schema, extraFields, mayHoldAnything, lineOf);
      if (!parsed.success) {
        problems.add(row, parsed.issues);
        if (problems.count >= COUNTED) break;
        continue;
      }
      if (uniqueBy !== undefined) {
        const id = parsed.data[uniqueBy];
        const first = seen.get(id);
        if (first === undefined) seen.set(id, row);
        else problems.add(row, [{ path: [uniqueBy], message: `${JSON.stringify(id)} repeats row ${first}` }]);
      }
      const line = `${parsed.line}\n`;
      block.push(line);
      size += line.length;
      longest = Math.max(longest, line.length);
      if (size > BLOCK) flush();
    }
    flush();
  } finally {
    closeSync(file);
  }
  if (problems.count > 0) throw problems.toError(source, problems.count >= COUNTED ? null : row);
  return { path, longest: longest * 3 };
}

type Parsed =
  | { readonly success: true; readonly data: Record<string, unknown>; readonly line: string }
  | { readonly success: false; readonly issues: Parameters<RowProblems['add']>[1] };

function parse(
  value: unknown,
  schema: z.ZodObject,
  extraFields: ExtraFields,
  mayHoldAnything: boolean,
  lineOf: LineOf,
): Parsed {
  try {
    const { success, data, error } = schema.safeParse(value);
    if (!success) return { success, issues: error.issues };
    const issues = [...extraFields(value), ...(mayHoldAnything ? changesOf(data, data) : [])];
    if (issues.length > 0) return { success: false, issues };
    const line = lineOf(data);
    return typeof line === 'string' ? { success, data, line } : { success: false, issues: line };
  } catch (error) {
    // JSON.parse takes any depth; zod and JSON.stringify some thousand levels.
    if (!(error instanceof RangeError && error.message.includes('call stack'))) throw error;
    return { success: false, issues: [{ path: [], message: 'It is nested too deeply' }] };
  }
}

/** A row as JSON, or why it cannot be. */
type LineOf = (row: object) => string | ReturnType<typeof halvesIn>;

/** An author's row: half of a character is a fault of the code that cut a text. */
function whole(row: object): ReturnType<LineOf> {
  const line = JSON.stringify(row);
  const halves = halvesIn(row, line);
  return halves.length > 0 ? halves : line;
}

/** A row of somebody else's document: what is no text there becomes U+FFFD, as wherever text is decoded. */
const asText: LineOf = (row) => withoutHalves(JSON.stringify(row));

/** Whether a list in it may have items that are undefined. */
function hasGaps(schema: z.ZodObject): boolean {
  for (const { schema: part } of partsOf(schema)) {
    const { def } = part._zod;
    if (def.type === 'array' && def.element._zod.optout === 'optional') return true;
  }
  return false;
}

/** The relation that reads such lines with the types of the columns. */
export function readJsonLines({ path, longest }: JsonLines, columns: readonly Column[]): string {
  const types = columns.map((column) => `${literal(column.name)}: ${literal(duckdbType(column))}`);
  // DuckDB sets twice this aside before it reads the first row.
  const size = Math.max(BLOCK, longest + 2);
  return `read_json(${literal(path)}, format='newline_delimited', records='true', columns={${types.join(', ')}}, maximum_object_size=${size}, ${AS_IT_IS})`;
}
