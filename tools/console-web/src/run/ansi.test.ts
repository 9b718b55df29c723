import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ansiPieces, plainText } from './ansi.ts';

const ESC = '\u001b';
const texts = (line: string) => ansiPieces(line).map(({ text }) => text);

test('colours and weights come through, until they end', () => {
  expect(ansiPieces(`a ${ESC}[31mred${ESC}[0m ${ESC}[1;32mbold${ESC}[22m green`)).toEqual([
    { text: 'a ', colour: null, bold: false, dim: false },
    { text: 'red', colour: 'red', bold: false, dim: false },
    { text: ' ', colour: null, bold: false, dim: false },
    { text: 'bold', colour: 'green', bold: true, dim: false },
    { text: ' green', colour: 'green', bold: false, dim: false },
  ]);
  expect(ansiPieces(`${ESC}[38;5;196mx${ESC}[mo`).map(({ colour }) => colour)).toEqual([null, null]);
});

test('nothing that acts on a terminal is shown: cursors, titles, links, bells', () => {
  expect(
    texts(`${ESC}[2J${ESC}[10;5Hhere${ESC}]0;title\u0007 and ${ESC}]8;;http://x${ESC}\\link\u0000\u009b`),
  ).toEqual(['here', ' and ', 'link']);
  expect(plainText(`${ESC}[31mred${ESC}[0m`)).toBe('red');
});

test('a code that does not end eats nothing else', () => {
  expect(texts(`${ESC}]0;never ended and on`).join('')).toContain('never ended and on');
  expect(texts(`${ESC}[31`).join('')).not.toContain(ESC);
});

test('markup is text', () => {
  expect(texts('<script>alert(1)</script>')).toEqual(['<script>alert(1)</script>']);
});

test('whatever comes: no control code is left, and other letters stay in order', () => {
  const unit = fc.constantFrom(
    'a',
    'é',
    '😀',
    ' ',
    ESC,
    '[',
    ']',
    ';',
    '3',
    '1',
    'm',
    '\u0007',
    '\u0000',
    '\\',
  );
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const joined = texts(units.join('')).join('');
      expect(joined).not.toMatch(/[\u0000-\u0008\u001b]/);
      // A title is told to a terminal, and is no part of the text.
      const shown = units.join('').replace(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '');
      expect(joined.replace(/[^é😀]/gu, '')).toBe(shown.replace(/[^é😀]/gu, ''));
    }),
    { numRuns: 2_000 },
  );
});
