import type { RowIssue } from './row-changes.ts';

// JSON.stringify escapes only halves of characters this way.
const HALF = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/;

/** JSON with U+FFFD for each half of a character. */
export const withoutHalves = (json: string): string => json.replace(new RegExp(HALF, 'g'), '$1\ufffd');

/** Where a value has half a character, as a text that was cut within an emoji: no file can hold it. */
export const halvesIn = (value: unknown, json: string): RowIssue[] =>
  HALF.test(json) ? halvesOf(value, []) : [];

function halvesOf(value: unknown, path: PropertyKey[]): RowIssue[] {
  if (typeof value === 'string') return value.isWellFormed() ? [] : [half(path)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    name.isWellFormed() ? halvesOf(field, [...path, name]) : [half(path)],
  );
}

const half = (path: PropertyKey[]): RowIssue => ({
  path,
  message: 'It has half of a character (a lone surrogate), which no file can hold: see String.toWellFormed()',
});
