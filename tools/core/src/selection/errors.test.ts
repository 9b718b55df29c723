import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssetError } from '../diagnostics.ts';
import { parseSelection } from './parse.ts';

const errorOf = (text: string): AssetError | undefined => {
  try {
    parseSelection(text);
  } catch (error) {
    if (error instanceof AssetError && error.code === 'SELECTION_INVALID') return error;
    throw error;
  }
  return undefined;
};
const factsOf = (text: string): string => errorOf(text)?.facts ?? 'no error';

describe('an error says what was expected, and has a mark under the place', () => {
  const between = 'Nothing is between two terms: write `or` or `and` between them.';
  const plus = 'A `+` touches its term, at most one on a side: expected `+users`, `users+` or `+users+`.';
  const operand = 'Expected a name, `attribute:value`, a function or `(`';
  test.each([
    ['', '^', 'The selection is empty: write `*` for every asset.'],
    ['a b', '  ^', between],
    ['a not b', '  ^', between],
    ['(a b)', '   ^', between],
    ['a (b)', '  ^', between],
    ['roots()roots()', '       ^', between],
    ['tag:a"b"', '     ^', between],
    ['a+b', '  ^', between],
    ['a +b', '  ^', between],
    ['a+2x', '  ^', between],
    ['a+ 2', '   ^', between],
    ['2 +a', '  ^', between],
    ['tag:x(a)', '     ^', between],
    ['a + b', '  ^', plus],
    ['a++', '  ^', plus],
    ['(a++)', '   ^', plus],
    ['+ a', '^', plus],
    ['2+ a', ' ^', plus],
    ['a +', '  ^', plus],
    ['a or', '    ^', `${operand} after this.`],
    ['a or \u00a0', '    ^', `${operand} after this.`],
    ['+', ' ^', `${operand} after this.`],
    ['2+', '  ^', `${operand} after this.`],
    ['++a', ' ^', `${operand}, and found \`+\`.`],
    ['(', ' ^', `${operand} after this.`],
    ['()', ' ^', `${operand}, and found \`)\`.`],
    ['and a', '^', `${operand}, and found \`and\`. A name \`and\` is written "and".`],
    ['+not a', ' ^', `${operand}, and found \`not\`. A name \`not\` is written "not".`],
    ['a)', ' ^', 'This `)` closes nothing: expected `(` before it.'],
    ['a or (b', '     ^', 'This `(` is not closed: expected `)` after it.'],
    ['sinks(b', '     ^', 'This `(` is not closed: expected `)` after it.'],
    ['a or "b', '     ^', 'This quote is not closed: expected another `"` after it.'],
    ['""', '^', 'Expected a name or value between the quotes.'],
    [String.raw`"a\n"`, '  ^', 'Expected `\\"` or `\\\\`: inside quotes a backslash is written twice.'],
    ['tag: pii', '    ^', 'Expected a value right after `tag:`, with no space between.'],
    ['tag: "pii"', '    ^', 'Expected a value right after `tag:`, with no space between.'],
    ['a | b', '  ^', 'Write `or` instead of `|`.'],
    ['a, b', ' ^', 'Write `or` instead of `,`.'],
    ['!a', '^', 'Write `not` instead of `!`.'],
    ['tag=pii', '   ^', 'Write `:` between an attribute and its value.'],
    ["'a'", '^', 'Quotes are double here: write `"`.'],
    ['a$', ' ^', '`$` means nothing here: put a name or value that has it in "quotes".'],
    ['a\u200b', ' ^', '`U+200B` means nothing here: put a name or value that has it in "quotes".'],
  ])('%j', (text, mark, what) => {
    expect(factsOf(text)).toBe(`${what}\n  ${text}\n  ${mark}\n`);
  });

  test('what is not known comes with what is, and with the nearest', () => {
    const known = 'expected name, key, group, kind, tag, owner or status.';
    expect(factsOf('a or gruop:x')).toBe(
      `\`gruop\` is no attribute: ${known} Did you mean \`group\`?\n  a or gruop:x\n       ^\n`,
    );
    expect(factsOf('http://x')).toBe(`\`http\` is no attribute: ${known}\n  http://x\n  ^\n`);
    const statuses = 'expected missing, stale, failed, overdue, due or fresh.';
    expect(factsOf('status:Stale')).toBe(
      `\`Stale\` is no status: ${statuses} Did you mean \`stale\`?\n  status:Stale\n         ^\n`,
    );
    expect(factsOf('status:"x*"')).toBe(`\`x*\` is no status: ${statuses}\n  status:"x*"\n         ^\n`);
    expect(factsOf('status:"a\nb"')).toBe(`\`a b\` is no status: ${statuses}\n  status:"a\n         ^\n`);
    expect(factsOf(`status:${'x'.repeat(500)}`)).toContain(`\`${'x'.repeat(100)}…\` is no status`);
    expect(factsOf('a or root(b)')).toBe(
      '`root` is no function: expected roots or sinks. Did you mean `roots`?\n  a or root(b)\n       ^\n',
    );
  });

  test('the mark stands under its place where characters are wide, combined or have no width', () => {
    expect(factsOf('用户 b')).toContain('\n  用户 b\n       ^\n');
    expect(factsOf('"👍" b')).toContain('\n  "👍" b\n       ^\n');
    expect(factsOf('e\u0301 b')).toContain('\n  e\u0301 b\n    ^\n');
    expect(factsOf('a\tb')).toContain('\n  a b\n    ^\n');
  });

  test('of several lines, the one that is wrong is shown', () => {
    expect(factsOf('a or\n  b c\n  or d')).toContain('\n    b c\n      ^\n');
  });

  test('of a long line, what is near', () => {
    const long = 'x'.repeat(200);
    const [, line = '', mark = ''] = factsOf(`${long} b ${long}`).split('\n');
    expect(line).toBe(`  …${'x'.repeat(99)} b ${'x'.repeat(98)}…`);
    expect(line.charAt(mark.indexOf('^'))).toBe('b');
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      'g/a',
      'tag:',
      'status:stale',
      ':',
      '"',
      '"x y"',
      '\\',
      '(',
      ')',
      '+',
      '2',
      '2+',
      ' ',
      '\n',
      'and',
    ],
    ...['or', 'not', 'roots', 'sinks()', '*', '?', 'é', '👍', '\ud83d', '\0', '|'],
  );
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 20 }).map((list) => list.join('')),
    fc.array(pieces, { maxLength: 20 }).map((list) => list.join(' ')),
  );

  test('is a selection or SELECTION_INVALID, which shows it with one mark that is not beyond its end', () => {
    fc.assert(
      fc.property(text, (text) => {
        const facts = factsOf(text);
        if (facts === 'no error') return;
        const [, line = '', mark = '', ...rest] = facts.split('\n');
        expect(mark).toMatch(/^ {2} *\^$/);
        expect(rest).toEqual(['']);
        if (/^[ -~]{1,100}$/.test(text)) {
          expect(line).toBe(`  ${text}`);
          expect(mark.length).toBeLessThanOrEqual(line.length + 1);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['parentheses', 'roots(', 'a', ')'],
    ['not', 'not ', 'a', ''],
    ['traversals', '+(', 'a', ')+'],
  ])('with deep %s has a limit', (_, before, middle, after) => {
    const nested = (depth: number) => before.repeat(depth) + middle + after.repeat(depth);
    expect(errorOf(nested(100))).toBeUndefined();
    expect(factsOf(nested(101))).toContain('nested too deeply: expected at most 100 levels.');
    expect(factsOf(before.repeat(50_000))).toContain('nested too deeply');
  });

  test('that is long is read, and that is too long is not', () => {
    expect(errorOf(Array.from({ length: 20_000 }, () => 'transforms/users or not tag:x').join(' or '))).toBe(
      undefined,
    );
    expect(errorOf('𠀀'.repeat(500_000))).toBeUndefined();
    expect(errorOf(`"${'𠀀\\"'.repeat(200_000)}"`)).toBeUndefined();
    expect(factsOf(' '.repeat(1_000_001))).toContain('too long: expected at most 1000000 characters.');
  });
});
