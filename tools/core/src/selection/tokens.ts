import { selectionError } from './error.ts';
import type { Token } from './token.ts';

/** More than the keys of a large workspace, and less than what exhausts the stack of a regular expression. */
const MAX_LENGTH = 1_000_000;

/** What needs no quotes. A colon is among it, so that `tag:team:data` needs none. */
const WORD = /[\p{L}\p{M}\p{N}_\-./@*?:]+/uy;
const SPACE = /\s+/y;
/** What other languages write, and what to write here. */
const HINTS: Readonly<Record<string, string>> = {
  ',': 'Write `or` instead of `,`.',
  '|': 'Write `or` instead of `|`.',
  '&': 'Write `and` instead of `&`.',
  '!': 'Write `not` instead of `!`.',
  '=': 'Write `:` between an attribute and its value.',
  "'": 'Quotes are double here: write `"`.',
  '“': 'Quotes are straight here: write `"`.',
  '”': 'Quotes are straight here: write `"`.',
};

export function tokenize(text: string): readonly Token[] {
  if (text.length > MAX_LENGTH) {
    const what = `The selection is too long: expected at most ${MAX_LENGTH} characters.`;
    throw selectionError(text, MAX_LENGTH, what);
  }
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  const add = (type: Token['type'], value: string, length = value.length) => {
    tokens.push({ type, text: value, start: at, end: at + length });
    at += length;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    const space = take(SPACE);
    if (space) {
      at += space.length;
    } else if (character === '(' || character === ')' || character === '+') {
      add(character, character);
    } else if (character === '"') {
      const { value, length } = quoted(text, at);
      add('quoted', value, length);
    } else {
      const word = take(WORD);
      if (!word) throw characterError(text, at);
      add('word', word);
    }
  }
  // The end is where something is missing, which is before white space, not after it.
  const end = text.trimEnd().length;
  return [...tokens, { type: 'end', text: '', start: end, end }];
}

export const isDigits = ({ type, text }: Token): boolean => type === 'word' && /^[0-9]+$/.test(text);

/** Whether nothing is between two tokens. */
export const touch = (first: Token, second: Token): boolean => first.end === second.start;

function quoted(text: string, start: number): { value: string; length: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    let character = text.charAt(at);
    if (character === '"') {
      if (value === '') throw selectionError(text, start, 'Expected a name or value between the quotes.');
      return { value, length: at + 1 - start };
    }
    if (character === '\\') {
      character = text.charAt(at + 1);
      if (character !== '"' && character !== '\\') {
        throw selectionError(
          text,
          at,
          'Expected `\\"` or `\\\\`: inside quotes a backslash is written twice.',
        );
      }
      at++;
    }
    value += character;
  }
  throw selectionError(text, start, 'This quote is not closed: expected another `"` after it.');
}

function characterError(text: string, at: number): Error {
  const code = text.codePointAt(at) as number;
  const character = String.fromCodePoint(code);
  const shown = /[\p{C}\p{Z}]/u.test(character)
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : character;
  const hint = Object.hasOwn(HINTS, character) ? HINTS[character] : undefined;
  const what = hint ?? `\`${shown}\` means nothing here: put a name or value that has it in "quotes".`;
  return selectionError(text, at, what);
}
