import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Table } from '@nx-assets/core';

/** Writes a table row by row. Nested values become JSON text. */
export async function stringifyCsv(
  table: Table<object>,
  path: string,
  escapeFormulas: boolean,
): Promise<void> {
  const { stringify } = await import('csv-stringify');
  const lines = stringify({
    header: true,
    columns: table.columns.map(({ name }) => name),
    record_delimiter: '\n',
    // A lone carriage return ends a line for many readers.
    quoted_match: /\r/,
    escape_formulas: escapeFormulas,
    cast: {
      boolean: String,
      object: (value: unknown) => JSON.stringify(value),
      // csv-stringify writes null and the empty text alike; a reader should be able to tell them apart.
      string: (value: string) => (value === '' ? { value, quoted_empty: true } : value),
    },
  });
  await pipeline(Readable.from(table.stream()), lines, createWriteStream(path));
}
