import { describe, expect, test } from 'vitest';
import { COUNTED, RowProblems } from './rows-error.ts';

const issue = { path: ['address', 'city'], message: 'expected string' };
const many = (count: number) => {
  const problems = new RowProblems();
  for (let row = 1; row <= count; row++) problems.add(row, [issue]);
  return problems;
};

describe('a message about rows', () => {
  test('names the source, the rows and their fields, and counts', () => {
    const problems = new RowProblems();
    problems.add(3, [issue, { path: [], message: 'not an object' }]);
    const error = problems.toError('https://api.test/users', 10);
    expect(error).toMatchObject({ code: 'ROWS_INVALID', blame: 'data' });
    expect(error.facts).toBe(
      '1 of 10 rows from https://api.test/users do not match the schema:\n  row 3, address.city: expected string; row: not an object\n',
    );
  });

  test('shows three fields of a row and counts the rest', () => {
    const problems = new RowProblems();
    problems.add(1, [issue, issue, issue, issue, issue]);
    expect(problems.toError('x', 1).facts).toContain('expected string (and 2 more)');
  });

  test('shows the first 20 rows and the total', () => {
    const { facts } = many(21).toError('x', 500);
    expect(facts).toMatch(/^21 of 500 rows/);
    expect(facts.match(/^ {2}row /gm)).toHaveLength(20);
    expect(facts).toContain('  row 20,');
    expect(facts).toContain('… shown are the first 20.');
    expect(many(20).toError('x', 500).facts).not.toContain('…');
  });

  test('says so when it stopped counting', () => {
    expect(many(COUNTED).toError('x', null).facts).toMatch(/^at least 10000 rows from x/);
  });

  test('takes a total from whoever counted better', () => {
    expect(many(20).toError('x', 20_000, 1234).facts).toMatch(
      /^1234 of 20000 rows[^…]*… shown are the first 20\./s,
    );
  });
});
