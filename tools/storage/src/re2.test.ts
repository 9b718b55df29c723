import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { literal } from './duckdb.ts';
import { toRe2 } from './re2.ts';
import { useDuckDb } from './test-support.ts';

const db = useDuckDb('re2');

const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    'K',
    '1',
    '-',
    ' ',
    '_',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '\\S',
    '\\W',
    '\\D',
    '\\b',
    '\\B',
    '\\n',
    '\\r',
    '\\t',
  ],
  ...[
    '\\v',
    '\\f',
    '\\0',
    '\\x41',
    '\\u0042',
    '\\.',
    '\\-',
    '\\/',
    '\\$',
    '\\]',
    ']',
    '}',
    '\\{',
    '\\A',
    '\\z',
    '\\Q',
    '\\1',
  ],
  ...[
    '[a-k]',
    '[^a-k]',
    '[\\w-]',
    '[\\w-.]',
    '[a-\\d]',
    '[-a]',
    '[a-]',
    '[\\s\\S]',
    '[^\\s@]',
    '[.]',
    '[[:alpha:]]',
    '[\\]a]',
  ],
  ...[
    '[^]',
    '[]',
    '[\\b]',
    '[$^]',
    '[|]',
    '[\\x41-K]',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<name>a)',
    '(?i:a)',
    '{',
    '{,2}',
    '^',
    '$',
  ],
);
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '+?');
const pattern = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  pattern: fc.oneof(
    fc.array(tie('term'), { minLength: 1, maxLength: 4 }).map((terms) => terms.join('')),
    fc.tuple(tie('term'), tie('term')).map((both) => both.join('|')),
  ),
  term: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(atom, quantifier).map((parts) => parts.join('')),
    fc.tuple(tie('pattern'), quantifier).map(([inner, times]) => `(${inner})${times}`),
    fc.tuple(tie('pattern'), quantifier).map(([inner, times]) => `(?:${inner})${times}`),
  ),
})).pattern;
const flags = fc.constantFrom('', '', 'i', 's', 'u', 'iu', 'g');
const ascii = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abkKAB1-_ .\n\r\t\v\f\0[]{}()$^|\\/@'), maxLength: 6 }),
  fc.string({ unit: 'binary-ascii', maxLength: 5 }),
);

function compiled(source: string, flagsOf: string): RegExp | null {
  try {
    return new RegExp(source, flagsOf);
  } catch {
    return null;
  }
}

test('what RE2 says of an ASCII text is what JavaScript says', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      pattern,
      flags,
      fc.array(ascii, { minLength: 5, maxLength: 12 }),
      async (source, given, texts) => {
        const regex = compiled(source, given);
        const translated = regex && toRe2(regex);
        if (!regex || translated === null) return;
        const spelled = texts.map(
          (text) => `CAST(unhex(${literal(Buffer.from(text).toString('hex'))}) AS BLOB)`,
        );
        const list = spelled.map((blob) => `decode(${blob})`).join(', ');
        const query = `SELECT list_transform([${list}], lambda text: regexp_matches(text, ${literal(translated.pattern)})) AS found`;
        const answer = await db.connection.row(query).catch(() => null);
        if (answer === null) return; // RE2 does not know it: the check leaves the rows to zod
        compared++;
        const expected = texts.map((text) => {
          regex.lastIndex = 0;
          return regex.test(text);
        });
        expect(answer.found, `${String(regex)} as ${translated.pattern} of ${JSON.stringify(texts)}`).toEqual(
          expected,
        );
      },
    ),
    { numRuns: 3000 },
  );
  expect(compared).toBeGreaterThan(300);
}, 120_000);

describe('a pattern that RE2 would read in another way', () => {
  test.each([
    [/(?!x)a/],
    [/(?<=x)a/],
    [/(a)\1/],
    [/a/m],
    [/a/y],
    [/[^]/],
    [/[\w-.]/],
    [/\p{Script=Greek}/u],
    [/[\p{L}--[a-z]]/v],
    [/é/],
    [/\u212a/i],
    [/\ud83d/],
    [/\cA/],
    [/a{,2}/],
  ])('%s is left to zod', (regex) => {
    expect(toRe2(regex)).toBeNull();
  });

  test('white space and the dot are spelled out', () => {
    expect(toRe2(/^\s.[\s]$/)?.pattern).toBe(String.raw`^[\t\n\v\f\r ][^\n\r][\t\n\v\f\r ]$`);
    expect(toRe2(/./is)?.pattern).toBe(String.raw`(?i)[\x00-\x7f]`);
  });
});

test('what only matches ASCII is known for it', async () => {
  let known = 0;
  const anchored = fc.tuple(pattern, flags).map(([source, given]) => compiled(`^(?:${source})$`, given));
  const other = fc.string({
    unit: fc.constantFrom('é', 'K', 'ſ', '😀', '\u2028', 'a', 'k'),
    minLength: 1,
    maxLength: 4,
  });
  const texts = fc.array(other, { minLength: 4, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(anchored, texts, async (regex, given) => {
      const translated = regex && toRe2(regex);
      if (!translated?.isAscii) return;
      const list = given.filter((text) => /[^\0-\x7f]/.test(text)).map(literal);
      const query = `SELECT list_transform(CAST([${list.join(', ')}] AS VARCHAR[]), lambda text:
        regexp_matches(text, ${literal(translated.pattern)})) AS found`;
      const answer = await db.connection.row(query).catch(() => null);
      if (answer === null) return;
      known++;
      expect(answer.found).toEqual(list.map(() => false));
    }),
    { numRuns: 2000 },
  );
  expect(known).toBeGreaterThan(20);
  expect(toRe2(/^a|b$/)).toMatchObject({ isAscii: false });
  expect(toRe2(/^a\$/)).toMatchObject({ isAscii: false });
  // A backslash, and then any character.
  expect(toRe2(/^\\.$/)).toMatchObject({ isAscii: false });
  expect(toRe2(/^\.\\$/)).toMatchObject({ isAscii: false });
  expect(toRe2(/^\.\\d$/)).toMatchObject({ isAscii: true });
}, 120_000);
