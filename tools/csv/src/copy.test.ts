import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset, type Context, type Table } from '@nx-assets/core';
import { materializeOne } from '@nx-assets/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { canCopy, copyCsv } from './copy.ts';
import { stringifyCsv } from './stringify.ts';

const cells = asset({
  description: 'Cells of every type, under awkward names.',
  schema: z.object({
    id: z.int(),
    'a "text", quoted': z.string().nullable(),
    number: z.number().nullable(),
    flag: z.boolean().nullable(),
    "it's,x #": z.string().nullable(),
  }),
  materialize: () => [],
});
const single = asset({
  description: 'One column: a null row is an empty line.',
  schema: z.object({ text: z.string().nullable() }),
  materialize: () => [],
});

type AnyTable = Table<Record<string, unknown>>;

/** Writes the same rows in both ways; `byEngine` is null where the engine would spell something differently. */
async function bothWays(from: typeof cells | typeof single, rows: readonly object[]) {
  let byEngine: string | null = null;
  const definition = asset({
    description: 'The table, row by row; and meanwhile through the engine.',
    deps: { from },
    file: 'table.csv',
    async materialize(inputs, context) {
      const table = inputs.from as unknown as AnyTable;
      if (await canCopy(table, context as Context)) {
        const path = join(context.scratch, 'copy.csv');
        await copyCsv(table, { ...(context as Context), file: path });
        byEngine = readFileSync(path, 'utf8');
      }
      await stringifyCsv(table, context.file, false);
    },
  });
  const { text } = await materializeOne(definition, { inputs: { from: rows as never } });
  return { byRows: text, byEngine };
}

const text = fc.option(
  fc.oneof(
    fc.string({
      unit: fc.constantFrom(
        'a',
        ',',
        '"',
        '\n',
        '\r',
        '\t',
        ' ',
        "'",
        ';',
        '\\',
        '=',
        '#',
        '\0',
        '\u0007',
        '\u00a0',
        '\u2028',
        'é',
        '😀',
      ),
      maxLength: 6,
    }),
    fc.constantFrom('', '#', '# no comment', 'NULL', 'null', '\\N', 'true', '1e5', '-0', '"', '""', 'שלום'),
    fc.string({ unit: 'binary' }),
  ),
);
/** Doubles that DuckDB and JSON spell alike. */
const ordinary = fc.oneof(
  fc.constantFrom(0, -0, 0.1, 1 / 3, 1e-4, 123456.789, 2 ** 53 - 1, 1e15, 1e15 + 0.5, 99999999.99999999),
  fc.integer({ min: -1e9, max: 1e9 }).map((cents) => cents / 100),
  fc.maxSafeInteger(),
  fc.double({ min: 1e-4, max: 2 ** 53 - 1, noNaN: true }),
  fc.double({ min: -(2 ** 53 - 1), max: -1e-4, noNaN: true }),
);
const row = fc.record({
  id: fc.maxSafeInteger(),
  'a "text", quoted': text,
  number: fc.option(ordinary),
  flag: fc.option(fc.boolean()),
  "it's,x #": text,
});

const plain = { id: 1, 'a "text", quoted': 'a', number: 1, flag: true, "it's,x #": 'b' };

test('both ways give the same bytes', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 300, maxLength: 500 }), async (rows) => {
      const { byRows, byEngine } = await bothWays(cells, rows);
      expect(byEngine).toBe(byRows);
    }),
    { numRuns: 12, endOnFailure: true },
  );
});

test('of a single column too, where an empty line must be told from a row', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ text }), { minLength: 100, maxLength: 200 }), async (rows) => {
      const { byRows, byEngine } = await bothWays(single, rows);
      expect(byEngine).toBe(byRows);
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

test.each([1e21, 1e-7, -9.9e-5, 2 ** 53, 5e-324, 1e300])(
  'the number %d is left to the way by rows, since the engine spells it differently',
  async (number) => {
    expect((await bothWays(cells, [{ ...plain, number }])).byEngine).toBe(null);
  },
);

test.each([0, -0, 1e-4, -1e-4, 2 ** 53 - 1])('the number %d is not', async (number) => {
  const { byRows, byEngine } = await bothWays(cells, [{ ...plain, number }]);
  expect(byEngine).toBe(byRows);
});

test('no rows: the header', async () => {
  const { byRows, byEngine } = await bothWays(cells, []);
  expect(byEngine).toBe(byRows);
  expect(byRows).toBe('id,"a ""text"", quoted",number,flag,"it\'s,x #"\n');
});
