import { asset } from '@nx-assets/core';
import { materializeOne } from '@nx-assets/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { frame, rowsOf } from './frame.ts';

const Cells = z.object({
  id: z.int(),
  text: z.string().nullable(),
  number: z.number().nullable(),
  flag: z.boolean().nullable(),
});
type Cell = z.infer<typeof Cells>;
const cells = asset({ description: 'Cells of every type.', schema: Cells, materialize: () => [] });

const row = fc.record({
  id: fc.maxSafeInteger(),
  text: fc.option(
    fc.oneof(fc.string(), fc.constantFrom('', '1', 'NaN', 'null', 'true', '=1+1', 'שלום', '😀')),
  ),
  number: fc.option(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger())),
  flag: fc.option(fc.boolean()),
});
// A table file keeps no sign of a zero, and neither does JSON.
const tables = fc.array(row, { maxLength: 40 }).map((rows) => JSON.parse(JSON.stringify(rows)) as Cell[]);

describe('rows', () => {
  test(
    'come back as they went in: no float32, no text as a number, no null as 0',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(tables, async (rows) => {
          expect(rowsOf(await frame(rows))).toEqual(rows);
        }),
      );
    },
  );

  test('may have their keys in any order', async () => {
    const rows: { a: number; b: string }[] = [
      { a: 1, b: 'x' },
      { b: 'y', a: 2 },
    ];
    expect(rowsOf(await frame(rows))).toEqual(rows);
  });

  test('may be none', async () => {
    expect(rowsOf(await frame([]))).toEqual([]);
  });

  test('are frames like any other', async () => {
    const made = await frame([
      { id: 2, city: 'Paris' },
      { id: 1, city: 'Lima' },
    ]);
    expect(made.columns).toEqual(['id', 'city']);
    expect(made.shape).toEqual([2, 2]);
    const renamed = made.rename({ id: 'user_id' });
    expect(rowsOf(renamed)).toEqual([
      { user_id: 2, city: 'Paris' },
      { user_id: 1, city: 'Lima' },
    ]);
  });
});

describe('a table', () => {
  /** The rows that a frame over part of a table holds, and how the frame sees itself. */
  async function framed(query: Parameters<typeof frame<Cell>>[1], rows: readonly Cell[]) {
    const definition = asset({
      description: 'What a frame holds.',
      deps: { cells },
      value: z.object({ columns: z.array(z.string()), rows: z.array(z.unknown()) }),
      async materialize({ cells }) {
        const made = await frame(cells, query);
        return { columns: made.columns, rows: rowsOf(made) };
      },
    });
    return (await materializeOne(definition, { inputs: { cells: rows } })).value;
  }
  const rows: readonly Cell[] = [
    { id: 2 ** 53 - 1, text: 'c', number: 1.1, flag: null },
    { id: 1, text: null, number: null, flag: true },
    { id: 2, text: 'a', number: 0.30000000000000004, flag: false },
  ];

  test('is framed whole, with its columns in order', async () => {
    expect(await framed(undefined, rows)).toEqual({ columns: ['id', 'text', 'number', 'flag'], rows });
  });

  test('is framed in part: columns, filter, order and limit are part of the read', async () => {
    const query = { columns: ['text', 'id'], where: { id: { gt: 1 } }, orderBy: ['-id'], limit: 1 } as const;
    expect(await framed(query, rows)).toEqual({
      columns: ['text', 'id'],
      rows: [{ text: 'c', id: 2 ** 53 - 1 }],
    });
  });

  test('without rows gives a frame with its columns', async () => {
    expect(await framed(undefined, [])).toEqual({ columns: ['id', 'text', 'number', 'flag'], rows: [] });
  });

  test('gives a frame the same values as it gives anybody', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (rows) => {
        expect((await framed(undefined, rows)).rows).toEqual(rows);
      }),
      { numRuns: 15 },
    );
  });
});
