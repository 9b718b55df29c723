import { asset } from '@nx-assets/core';
import { materializeOne } from '@nx-assets/testing';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { csv } from './csv.ts';

const cells = asset({
  description: 'Cells of every type.',
  schema: z.object({
    id: z.int(),
    text: z.string().nullable(),
    number: z.number().nullable(),
    flag: z.boolean().nullable(),
  }),
  materialize: () => [],
});
const cells_csv = csv({ description: 'The cells.', from: cells, file: 'cells.csv' });
const escaped_csv = csv({ description: 'The cells.', from: cells, file: 'cells.csv', escapeFormulas: true });

const row = { id: 1, text: 'a', number: 1.5, flag: true };
const write = async (
  rows: readonly Partial<typeof row | Record<keyof typeof row, null>>[],
  definition = cells_csv,
) =>
  materializeOne(definition, { inputs: { table: rows.map((more) => ({ ...row, ...more }) as typeof row) } });
const textOf = async (...rows: Parameters<typeof write>) => (await write(...rows)).text;

describe('the bytes', () => {
  test('a header, a line for each row, nothing before and nothing else', async () => {
    const { text, bytes, path, record } = await write([{}, { id: 2, text: 'ü' }]);
    expect(text).toBe('id,text,number,flag\n1,a,1.5,true\n2,ü,1.5,true\n');
    expect(bytes.subarray(0, 2).toString()).toBe('id');
    expect(path).toBe('output/cells.csv');
    expect(record.value.rowCount).toBe(2);
  });

  test('no rows: the header', async () => {
    const { text, record } = await write([]);
    expect(text).toBe('id,text,number,flag\n');
    expect(record.value.rowCount).toBe(0);
  });

  test('texts have quotes where a reader needs them; null is nothing, the empty text is not', async () => {
    const texts: [string | null, string][] = [
      ['plain', 'plain'],
      ['a,b', '"a,b"'],
      ['say "hi"', '"say ""hi"""'],
      ['"', '""""'],
      ['two\nlines', '"two\nlines"'],
      ['two\r\nlines', '"two\r\nlines"'],
      ['one\rtwo', '"one\rtwo"'],
      ['a\tb', 'a\tb'],
      [' around ', ' around '],
      ["it's; a|b", "it's; a|b"],
      ['# no comment', '# no comment'],
      ['\\n \\N NULL', '\\n \\N NULL'],
      ['=1+1', '=1+1'],
      ['@x', '@x'],
      ['שלום 👩‍👩‍👧', 'שלום 👩‍👩‍👧'],
      ['\u0000\u0007\u2028', '\u0000\u0007\u2028'],
      ['', '""'],
      [null, ''],
    ];
    const lines = texts.map(([, written]) => `1,${written},1.5,true\n`);
    expect(await textOf(texts.map(([text]) => ({ text })) as never)).toBe(
      `id,text,number,flag\n${lines.join('')}`,
    );
  });

  test('numbers are written as JSON writes them', async () => {
    const numbers = [
      0,
      -0,
      1,
      -1.5,
      0.1,
      1 / 3,
      1e21,
      1e20,
      123456789012345680000,
      1e-7,
      0.000001,
      5e-324,
      1.7976931348623157e308,
      2 ** 53,
    ];
    const lines = numbers.map((number) => `1,a,${JSON.stringify(number)},true\n`);
    expect(await textOf([...numbers, null].map((number) => ({ number })) as never)).toBe(
      `id,text,number,flag\n${lines.join('')}1,a,,true\n`,
    );
  });

  test('integers are exact', async () => {
    const ids = [2 ** 53 - 1, -(2 ** 53 - 1), 0];
    const lines = ids.map((id) => `${id},a,1.5,true\n`);
    expect(await textOf(ids.map((id) => ({ id })))).toBe(`id,text,number,flag\n${lines.join('')}`);
  });

  test('booleans are words', async () => {
    expect(await textOf([{ flag: false }, { flag: null } as never])).toMatch(/1,a,1.5,false\n1,a,1.5,\n$/);
  });

  test('a reader gets back what was written', async () => {
    const texts = ['a,b', '"', '', 'x\ny', ' ', '\r', "'", ',', '""', '\n'];
    const text = await textOf(texts.map((text) => ({ text })));
    const parsed = parse(text, { columns: true }) as { text: string }[];
    expect(parsed.map((line) => line.text)).toEqual(texts);
  });
});

test('more rows than pass through JavaScript: the same bytes', async () => {
  const rows = Array.from({ length: 20_001 }, (_, id) => ({
    id,
    text: id % 3 ? `a,"${id}"` : '',
    number: id / 8,
  }));
  const lines = rows.map(({ id, text, number }) => `${id},${text ? `"a,""${id}"""` : '""'},${number},true\n`);
  const { text, record } = await write(rows);
  expect(text).toBe(`id,text,number,flag\n${lines.join('')}`);
  expect(record.value.rowCount).toBe(20_001);
});

describe('nested values', () => {
  const nested = asset({
    description: 'Nested.',
    schema: z.object({ list: z.array(z.string()), record: z.object({ a: z.int() }).nullable() }),
    materialize: () => [],
  });
  test('are written as JSON', async () => {
    const definition = csv({ description: 'd', from: nested, file: 'nested.csv' });
    const rows = [
      { list: ['a', 'b'], record: { a: 1 } },
      { list: [], record: null },
    ];
    const { text } = await materializeOne(definition, { inputs: { table: rows } });
    expect(text).toBe('list,record\n"[""a"",""b""]","{""a"":1}"\n[],\n');
  });
});

describe('formulas', () => {
  test('get an apostrophe where that was asked for', async () => {
    const texts = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', '＝1', '＋1', '－1', '＠x'];
    const lines = parse(
      await textOf(
        texts.map((text) => ({ text })),
        escaped_csv,
      ),
      { columns: true },
    );
    expect((lines as { text: string }[]).map(({ text }) => text)).toEqual(texts.map((text) => `'${text}`));
  });

  test('are only what begins as one', async () => {
    const rows = ['a=1', ' =1', '', '1-1'].map((text) => ({ text }));
    expect(await textOf(rows, escaped_csv)).toBe(await textOf(rows));
  });

  test('negative numbers are no formulas', async () => {
    expect(await textOf([{ id: -1, number: -2.5 }], escaped_csv)).toMatch(/\n-1,a,-2.5,true\n$/);
  });
});

describe('the definition', () => {
  test('has the table as its only dep', () => {
    expect(cells_csv).toMatchObject({
      type: 'asset',
      kind: 'csv',
      description: 'The cells.',
      deps: { table: cells },
      output: { type: 'file', path: 'cells.csv' },
    });
  });
});
