import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSelection } from './parse.ts';
import { renderSelection } from './render.ts';
import { needsStatus, type Selection, type SelectionAttribute } from './selection.ts';

const term = (attribute: SelectionAttribute, pattern: string): Selection => ({
  type: 'term',
  attribute,
  pattern,
});
const [a, b, c, d] = [term('name', 'a'), term('name', 'b'), term('name', 'c'), term('name', 'd')];
const not = (operand: Selection): Selection => ({ type: 'not', operand });

const parsesTo = (text: string, selection: Selection) => expect(parseSelection(text)).toEqual(selection);

describe('a term', () => {
  test.each<[text: string, attribute: SelectionAttribute, pattern: string]>([
    ['users_cleaned', 'name', 'users_cleaned'],
    ['users_*', 'name', 'users_*'],
    ['*', 'name', '*'],
    ['transforms/users_?', 'key', 'transforms/users_?'],
    ['key:transforms/users_*', 'key', 'transforms/users_*'],
    ['key:*users*', 'key', '*users*'],
    ['name:users', 'name', 'users'],
    ['group:transforms', 'group', 'transforms'],
    ['kind:duckdb', 'kind', 'duckdb'],
    ['tag:pii', 'tag', 'pii'],
    ['tag:team:data', 'tag', 'team:data'],
    ['tag:"for the board"', 'tag', 'for the board'],
    ['owner:@acme/data-platform', 'owner', '@acme/data-platform'],
    ['status:stale', 'status', 'stale'],
    ['status:f*', 'status', 'f*'],
    ['"users cleaned"', 'name', 'users cleaned'],
    ['"a b/c"', 'key', 'a b/c'],
    ['"tag:pii"', 'name', 'tag:pii'],
    ['"and"', 'name', 'and'],
    [String.raw`tag:"say \"a\\b\""`, 'tag', String.raw`say "a\b"`],
    ['roots', 'name', 'roots'],
    ['données/用户', 'key', 'données/用户'],
    ['"👍🏽"', 'name', '👍🏽'],
  ])('%s asks for the %s %s', (text, attribute, pattern) => {
    parsesTo(text, term(attribute, pattern));
    parsesTo(`\t\u00a0${text}\n`, term(attribute, pattern));
    parsesTo(`((${text}))`, term(attribute, pattern));
  });
});

describe('a traversal', () => {
  test.each<[text: string, up: number | 'all', down: number | 'all', operand: Selection]>([
    ['+a', 'all', 0, a],
    ['a+', 0, 'all', a],
    ['+a+', 'all', 'all', a],
    ['2+a', 2, 0, a],
    ['a+1', 0, 1, a],
    ['2+a+1', 2, 1, a],
    ['02+a', 2, 0, a],
    ['0+a+', 0, 'all', a],
    ['99999999999999999999+a', 'all', 0, a],
    ['2+group:g2+3', 2, 3, term('group', 'g2')],
    ['+tag:"a b"+', 'all', 'all', term('tag', 'a b')],
    ['+(a or b)', 'all', 0, { type: 'or', operands: [a, b] }],
    ['+roots(a)', 'all', 0, { type: 'roots', operand: a }],
    ['+(not a)', 'all', 0, not(a)],
    ['+"2"', 'all', 0, term('name', '2')],
    ['+(+a)', 'all', 0, { type: 'traverse', up: 'all', down: 0, operand: a }],
  ])('%s', (text, up, down, operand) => parsesTo(text, { type: 'traverse', up, down, operand }));

  test('of no hops is what it starts from', () => {
    for (const text of ['0+a', 'a+0', '0+a+0']) parsesTo(text, a);
  });
});

describe('operators', () => {
  test('not binds tighter than and, and tighter than or, a traversal tightest', () => {
    const right: Selection = { type: 'and', operands: [not({ ...traversal, operand: b }), c] };
    parsesTo('a or not +b and c or d', { type: 'or', operands: [a, right, d] });
  });
  const traversal = { type: 'traverse', up: 'all', down: 0 } as const;

  test('parentheses come first', () => {
    parsesTo('(a or b) and c', { type: 'and', operands: [{ type: 'or', operands: [a, b] }, c] });
    parsesTo('not(a and b)', not({ type: 'and', operands: [a, b] }));
  });

  test('can be written large, and several times', () => {
    parsesTo('a AND b And c', { type: 'and', operands: [a, b, c] });
    parsesTo('a OR NOT not b', { type: 'or', operands: [a, not(not(b))] });
  });

  test('functions take a selection, or everything', () => {
    parsesTo('roots(a or b)', { type: 'roots', operand: { type: 'or', operands: [a, b] } });
    parsesTo('sinks ( sinks() )', { type: 'sinks', operand: { type: 'sinks', operand: term('name', '*') } });
  });
});

describe('the canonical text', () => {
  test.each([
    ['(a)  OR ((b and c))', 'a or b and c'],
    ['(a or b) and (c)', '(a or b) and c'],
    ['a or (b or c)', 'a or (b or c)'],
    ['not (a and b)', 'not (a and b)'],
    ['(not a) and not(not b)', 'not a and not not b'],
    ['+(a)+03', '+a+3'],
    ['2+(+a)', '2+(+a)'],
    ['+(not a)', '+(not a)'],
    ['roots( ) and sinks((a or b))', 'roots(*) and sinks(a or b)'],
    ['key:g/a', 'g/a'],
    ['key:a', 'key:a'],
    ['name:"g/a"', 'name:g/a'],
    ['"a" or "OR" or "7" or "x:y" or "a b/c"', 'a or "OR" or "7" or "x:y" or "a b/c"'],
    ['tag:"x:y" or tag:"7" or tag:"a+"', 'tag:x:y or tag:7 or tag:"a+"'],
    [String.raw`tag:"\"\\"`, String.raw`tag:"\"\\"`],
  ])('of %s is %s', (text, canonical) => {
    expect(renderSelection(parseSelection(text))).toBe(canonical);
    expect(renderSelection(parseSelection(canonical))).toBe(canonical);
  });
});

describe('what must be known first', () => {
  test('statuses only where a term asks for one', () => {
    expect(needsStatus(parseSelection('+(a and not sinks(b or status:stale))+2'))).toBe(true);
    expect(needsStatus(parseSelection('tag:stale or "status:stale" or not roots(kind:status)'))).toBe(false);
  });
});

test('a selection is plain data', () => {
  const text = fc.constantFrom('+a+', '2+a and not b', 'roots() or status:"f*"');
  fc.assert(
    fc.property(text, (text) => {
      const selection = parseSelection(text);
      expect(JSON.parse(JSON.stringify(selection))).toStrictEqual(selection);
    }),
  );
});
