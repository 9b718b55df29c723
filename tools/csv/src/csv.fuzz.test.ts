import { asset, type Context, type Table, type TableAsset } from '@nx-assets/core';
import { materializeOne } from '@nx-assets/testing';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canCopy, copyCsv } from './copy.ts';
import { csv } from './csv.ts';

const cells = asset({
  description: 'Cells of every type, under names that need quotes.',
  schema: z.object({
    id: z.int(),
    text: z.string().nullable(),
    'a "name", quoted': z.string().nullable(),
    number: z.number().nullable(),
    flag: z.boolean().nullable(),
    'two\r\nlines': z.string().nullable(),
  }),
  materialize: () => [],
});
const single = asset({
  description: 'One column: a null is an empty line.',
  schema: z.object({ '=text': z.string().nullable() }),
  materialize: () => [],
});
type Row = Readonly<Record<string, string | number | boolean | null>>;

const text = fc.option(
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...'a1,;|"\'`\\\n\r\t =+-@#\0\v\u00a0\u0085\u2028\ufeffé😀') }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '""',
      '=1+1',
      '@SUM(A1)',
      '＝1+1',
      '－1',
      '\t=1',
      '-1',
      '1e5',
      'NULL',
      'null',
      'true',
      '\r\n',
      '👩‍👩‍👧',
    ),
  ),
);
const number = fc.option(
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.maxSafeInteger(),
    fc.constantFrom(-0, 1e21, 1e-7, 1e15 + 0.5, 2 ** 53),
  ),
);
/** Between these, both ways of writing spell a number alike. */
const ordinary = fc.option(
  fc.oneof(
    fc.double({ min: 1e-4, max: 2 ** 53 - 1, noNaN: true }).map((size) => -size),
    fc.double({ min: 1e-4, max: 2 ** 53 - 1, noNaN: true }),
    fc.maxSafeInteger(),
  ),
);
const rowWith = (number: fc.Arbitrary<number | null>): fc.Arbitrary<Row> =>
  fc.record({
    id: fc.maxSafeInteger(),
    text,
    'a "name", quoted': text,
    number,
    flag: fc.option(fc.boolean()),
    'two\r\nlines': text,
  });
const singleRow: fc.Arbitrary<Row> = fc.record({ '=text': text });

/** What a reader should see of a cell: null and the empty text are the same to it. */
const cellOf = (value: Row[string]): string =>
  typeof value === 'string' ? value.toWellFormed() : value === null ? '' : JSON.stringify(value);
const tableOf = (names: readonly string[], rows: readonly Row[]): string[][] => [
  [...names],
  ...rows.map((row) => names.map((name) => cellOf(row[name] ?? null))),
];
const read = (text: string): string[][] => parse(text);

/** The same rows through the engine; null where it leaves them to the other way. */
async function throughEngine(from: TableAsset, rows: readonly Row[]): Promise<string | null> {
  let isCopied = false;
  const copied = asset({
    description: 'The table, through the engine.',
    deps: { from },
    file: 'table.csv',
    async materialize(inputs, context) {
      const table = inputs.from as unknown as Table<Record<string, unknown>>;
      isCopied = await canCopy(table, context as Context);
      await copyCsv(table, context as Context);
    },
  });
  const { text } = await materializeOne(copied, { inputs: { from: rows as never } });
  return isCopied ? text : null;
}

async function throughRows(from: TableAsset, rows: readonly Row[], escapeFormulas = false): Promise<string> {
  const definition = csv({ description: 'The table.', from, file: 'table.csv', escapeFormulas });
  return (await materializeOne(definition, { inputs: { table: rows as never } })).text;
}

const rowsOf = (row: fc.Arbitrary<Row>) => fc.array(row, { maxLength: 200, size: 'max' });
const runs = { numRuns: fc.readConfigureGlobal().numRuns ?? 6 };

describe.each([
  [
    'many columns',
    cells,
    ['id', 'text', 'a "name", quoted', 'number', 'flag', 'two\r\nlines'],
    rowWith(number),
    rowWith(ordinary),
  ],
  ['one column', single, ['=text'], singleRow, singleRow],
])('a table of %s, whatever is in its cells', (_what, from, names, row, ordinaryRow) => {
  test('is read back by another reader', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(row), async (rows) => {
        expect(read(await throughRows(from, rows))).toEqual(tableOf(names, rows));
      }),
      runs,
    );
  });

  test('is written by the engine as the same bytes', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rowsOf(ordinaryRow), async (rows) => {
        const text = await throughEngine(from, rows);
        expect(text).toBe(await throughRows(from, rows));
        expect(read(text ?? '')).toEqual(tableOf(names, rows));
      }),
      runs,
    );
  });

  test(
    'has an apostrophe before formulas where that was asked for, and is else the same',
    { timeout: 3_600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(rowsOf(row), async (rows) => {
          const escaped = rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => {
                const isFormula = typeof value === 'string' && /^[=+\-@\t\r＝＋－＠]/.test(value);
                return [name, isFormula ? `'${value}` : value];
              }),
            ),
          );
          const [, ...lines] = read(await throughRows(from, rows, true));
          expect(lines).toEqual(tableOf(names, escaped).slice(1));
        }),
        runs,
      );
    },
  );
});
