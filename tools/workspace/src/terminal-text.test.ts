import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ownCode } from './colours.ts';
import { processContext } from './run-context.ts';
import { jsonText, plainParts, plainText, showControls, terminalText } from './terminal-text.ts';

const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test.each([
  ['text', 'zwölf 🚀 שלום\n\tline', 'zwölf 🚀 שלום\n\tline'],
  ['a colour', '\u001b[31mred\u001b[0m', 'red'],
  ['a cleared screen', 'a\u001b[2J\u001b[Hb', 'ab'],
  ['a title', 'a\u001b]0;owned\u0007b', 'ab'],
  ['the clipboard', 'a\u001b]52;c;cm0gLXJm\u001b\\b', 'ab'],
  ['a link', '\u001b]8;;https://evil.test\u001b\\click\u001b]8;;\u001b\\', 'click'],
  ['sequences of one byte', 'a\u009b2Jb\u009d0;owned\u009cc', 'abc'],
  ['a terminal that is reset', 'a\u001bcb', 'ab'],
  ['a sequence that does not end', 'a\u001b]0;owned\nb', 'a0;owned\nb'],
  ['a sequence in a sequence', 'a\u001b\u001b[2J[2Jb', 'a�[2Jb'],
  ['an overwritten line', 'bad\rgood', 'bad�good'],
  ['lines of another system', 'one\r\ntwo', 'one\ntwo'],
  ['letters taken back', 'bad\b\b\bgood', 'bad���good'],
  ['writing from the right', 'a\u202eb\u2066c\u2069', 'a�b�c�'],
])('%s is only shown', (_, text, shown) => {
  expect(plainText(text)).toBe(shown);
  expect(terminalText(text)).toBe(shown);
  expect(plainParts(text)).toBe(shown);
});

test('our own colours stay, and those of data do not, whatever it says', () => {
  const text = `${ownCode(31)}a\u001b[31mb\u001b[1;2;3;4;31mc${ownCode(39)}\u001b`;
  expect(plainParts(text)).toBe(`${ownCode(31)}abc${ownCode(39)}�`);
  expect(terminalText(text)).toBe('\u001b[31mabc\u001b[39m�');
});

test('nothing that a terminal acts on comes through, and everything else does', () => {
  const unit = fc.constantFrom(
    ...'a;1[]m\\?\n\t\u001b\u0007\u009b\u009c\u009d\u0090\r\b\u202e\u2066\u0000\u007fé',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      expect(plainText(text)).not.toMatch(UNSAFE);
      expect(terminalText(text)).not.toMatch(UNSAFE);
      expect(showControls(text)).toHaveLength(text.length);
      const json = jsonText({ [text]: text });
      expect(json).not.toMatch(UNSAFE);
      expect(JSON.parse(json)).toEqual({ [text]: text });
    }),
  );
});

test('what a process says goes through it', () => {
  const written: string[] = [];
  const into = (text: unknown) => written.push(String(text)) > 0;
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(into),
    vi.spyOn(process.stderr, 'write').mockImplementation(into),
  ];
  const { stdout, stderr } = processContext();
  for (const stream of [stdout, stderr]) stream.write('a\u001b[2Jb');
  for (const spy of spies) spy.mockRestore();
  expect(written).toEqual(['ab', 'ab']);
});
