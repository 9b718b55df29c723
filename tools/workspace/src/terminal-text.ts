import { OWN_CODE } from './colours.ts';

/**
 * What a terminal acts on, or shows in another order than it stands there: control characters but for tab and line feed,
 * and overrides, embeddings and isolates of the direction of writing.
 */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const EVERY_UNSAFE = new RegExp(UNSAFE, 'g');

/** Whole sequences, by ECMA-48: control strings (titles, links, the clipboard), control sequences, and short ones. */
const SEQUENCES = new RegExp(
  [
    '(?:\u001b[\\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\\n]*(?:\u0007|\u001b\\\\|\u009c)',
    '(?:\u001b\\[|\u009b)[0-?]*[ -/]*[@-~]',
    '\u001b[ -/]*[0-~]',
  ].join('|'),
  'g',
);

/** Text that a terminal only shows: without sequences, and with `�` in place of anything else that it would act on. */
export function plainText(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return showControls(text.replaceAll('\r\n', '\n').replace(SEQUENCES, ''));
}

/** With `�` in place of each such character, and sequences otherwise as they are: for data, where each one counts. */
export const showControls = (text: string): string => text.replace(EVERY_UNSAFE, '�');

/** The same as `plainText`, but our own colours stay as they are. */
export const plainParts = (text: string): string => joinParts(text, (whole) => whole);

/** What may be written to a terminal: our own colours, and plain text. */
export const terminalText = (text: string): string => joinParts(text, (_, number) => `\u001b[${number}m`);

function joinParts(text: string, own: (whole: string, number: string) => string): string {
  if (!UNSAFE.test(text)) return text;
  let [done, rest] = ['', text];
  for (let found = OWN_CODE.exec(rest); found; found = OWN_CODE.exec(rest)) {
    done += plainText(rest.slice(0, found.index)) + own(found[0], found[1] ?? '');
    rest = rest.slice(found.index + found[0].length);
  }
  return done + plainText(rest);
}

/** One JSON document on one line, whose strings have escapes in place of what a terminal would act on. */
export const jsonText = (document: object): string =>
  JSON.stringify(document).replace(
    EVERY_UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
