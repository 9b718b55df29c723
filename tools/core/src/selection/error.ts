import { AssetError } from '../diagnostics.ts';
import { suggest } from './suggest.ts';
import type { Token } from './token.ts';

/** What is shown on each side of the mark. A job may hold a long selection, a terminal does not. */
const CONTEXT = 100;

const NO_COLUMN = /[\p{M}\p{Cf}]/u;
const TWO_COLUMNS =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]/u;

/** `SELECTION_INVALID`: what is wrong, the line of the selection that it is in, and a mark under the place. */
export function selectionError(text: string, offset: number, what: string): AssetError {
  const before = [...text.slice(text.slice(0, offset).lastIndexOf('\n') + 1, offset)];
  const after = [...(text.slice(offset).split('\n', 1)[0] as string)];
  const left = [...(before.length > CONTEXT ? '…' : ''), ...before.slice(-CONTEXT)];
  const right = [...after.slice(0, CONTEXT), ...(after.length > CONTEXT ? '…' : '')];
  const line = printable([...left, ...right].join(''));
  const column = left.reduce((columns, character) => columns + width(character), 0);
  return new AssetError('SELECTION_INVALID', `${what}\n  ${line}\n  ${' '.repeat(column)}^\n`);
}

/** A tab, a new line or an escape sequence would move the mark away from its place. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ');

const width = (character: string): number =>
  NO_COLUMN.test(character) ? 0 : TWO_COLUMNS.test(character) ? 2 : 1;

/** Where an operand is over, and neither `and`, `or` nor `)` follows. */
export const betweenError = (text: string, offset: number): AssetError =>
  /^\+(?:[\s)]|$)/.test(text.slice(offset))
    ? plusError(text, offset)
    : selectionError(text, offset, 'Nothing is between two terms: write `or` or `and` between them.');

export const plusError = (text: string, offset: number): AssetError =>
  selectionError(
    text,
    offset,
    'A `+` touches its term, at most one on a side: expected `+users`, `users+` or `+users+`.',
  );

export function operandError(text: string, { type, text: found, start }: Token): AssetError {
  const expected = 'Expected a name, `attribute:value`, a function or `(`';
  if (type === 'end') return selectionError(text, start, `${expected} after this.`);
  const quote = type === 'word' ? ` A name \`${found}\` is written "${found}".` : '';
  return selectionError(text, start, `${expected}, and found \`${found}\`.${quote}`);
}

export function unknownError(
  text: string,
  offset: number,
  what: 'attribute' | 'function' | 'status',
  word: string,
  known: readonly string[],
): AssetError {
  const nearest = suggest(word, known);
  const question = nearest ? ` Did you mean \`${nearest}\`?` : '';
  const expected = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
  const shown = word.length > CONTEXT ? `${word.slice(0, CONTEXT)}…` : word;
  return selectionError(
    text,
    offset,
    `\`${printable(shown)}\` is no ${what}: expected ${expected}.${question}`,
  );
}
