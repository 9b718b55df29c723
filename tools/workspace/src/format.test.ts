import { stripVTControlCharacters } from 'node:util';
import { ownCode } from './colours.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytes, count, duration, plural, table, type TableColumn } from './format.ts';

test.each([
  [null, ''],
  [0, '0'],
  [999, '999'],
  [1000, '1 000'],
  [1_234_567, '1 234 567'],
  [-12_345, '-12 345'],
])('a count of %s is "%s"', (value, text) => {
  expect(count(value)).toBe(text);
});

test('only one of a thing is singular', () => {
  expect([0, 1, 2, 1001].map((amount) => plural(amount, 'row'))).toEqual([
    '0 rows',
    '1 row',
    '2 rows',
    '1 001 rows',
  ]);
});

test.each([
  [null, ''],
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [2149, '2.1 kB'],
  // Rounding never shows a thousand of one unit.
  [99_499, '99.5 kB'],
  [99_500, '100 kB'],
  [150_000, '150 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [3_200_000_000, '3.2 GB'],
  [5e9, '5.0 GB'],
  [5e15, '5000 TB'],
])('a size of %s is "%s"', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test.each([
  [null, ''],
  [-5, '0 ms'],
  [0, '0 ms'],
  [340.4, '340 ms'],
  [999.4, '999 ms'],
  [999.5, '1.0 s'],
  [999.6, '1.0 s'],
  [12_400, '12.4 s'],
  [59_949, '59.9 s'],
  [59_950, '1 m 0 s'],
  [119_600, '2 m 0 s'],
  [200_000, '3 m 20 s'],
  [3_600_000, '60 m 0 s'],
])('a duration of %s is "%s"', (value, text) => {
  expect(duration(value)).toBe(text);
});

test('no four digits stand before a unit, and no sixty seconds', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), (value) => {
      expect(bytes(Math.floor(value))).toMatch(/^\d{1,3}(\.\d)? (B|kB|MB|GB|TB)$/);
      expect(duration(value % 1e9)).toMatch(/^(\d{1,3} ms|[1-5]?\d\.\d s|\d+ m [1-5]?\d s)$/);
    }),
  );
});

describe('a table', () => {
  type Row = readonly string[];
  const columns: readonly TableColumn<Row>[] = [
    { title: 'asset', cell: ([cell = '']) => cell },
    { title: 'rows', align: 'right', cell: ([, cell = '']) => cell },
    { title: 'why', cell: ([, , cell = '']) => cell },
  ];
  const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters);

  test('has its titles alone when it has no rows', () => {
    expect(plain(table(columns, []))).toEqual(['asset  rows  why']);
  });

  test('is as wide as its widest cells, and ends no line in spaces', () => {
    expect(
      plain(
        table(columns, [
          ['sources/users', '10', 'new'],
          ['a', '1 000', ''],
        ]),
      ),
    ).toEqual(['asset           rows  why', 'sources/users     10  new', 'a              1 000']);
  });

  test('counts neither colours nor the halves of a character', () => {
    const red = (text: string) => ownCode(31) + text + ownCode(39);
    const [head = '', ...body] = table(
      [
        { title: 'a', cell: ([cell = '']: Row) => cell },
        { title: 'b', cell: ([, cell = '']: Row) => cell },
      ],
      [
        [red('xy'), '1'],
        ['🚀', '2'],
      ],
    );
    expect([stripVTControlCharacters(head), ...body]).toEqual(['a   b', `${red('xy')}  1`, '🚀   2']);
  });

  test('holds each row on one line, whatever its cells bring along', () => {
    const [, ...body] = table(columns, [['a\u001b[31mb\u202e', '1\r', 'one\ntwo\tthree\n']]);
    expect(body).toEqual(['ab�      1�  one⏎two three']);
  });

  test('takes rows with cells left out', () => {
    expect(plain(table(columns, [['a']]))).toEqual(['asset  rows  why', 'a']);
  });
});
