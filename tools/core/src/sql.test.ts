import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identifier, isSql, sql } from './sql.ts';

describe('sql', () => {
  test('keeps text and values apart, so that a value is never text', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (text, number) => {
        const query = sql`SELECT * FROM t WHERE a = ${text} AND b = ${number}`;
        expect(query.strings).toEqual(['SELECT * FROM t WHERE a = ', ' AND b = ', '']);
        expect(query.values).toEqual([text, number]);
      }),
    );
  });

  test('takes queries inside queries', () => {
    const inner = sql`SELECT 1`;
    expect(sql`SELECT * FROM ${inner}`.values).toEqual([inner]);
  });

  test.each([null, undefined, 'SELECT 1', {}, { type: 'table' }, [sql`SELECT 1`]])(
    '%j is no query',
    (value) => {
      expect(isSql(value)).toBe(false);
    },
  );

  test('what the template makes is a query', () => {
    expect(isSql(sql`SELECT 1`)).toBe(true);
  });
});

test('an identifier is quoted so that it ends where it should', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '"', ' ', '\\', ';') }), (name) => {
      const quoted = identifier(name);
      const inside = quoted.slice(1, -1);
      expect([quoted[0], quoted.at(-1)]).toEqual(['"', '"']);
      expect(inside.replaceAll('""', '')).not.toContain('"');
      expect(inside.replaceAll('""', '"')).toBe(name);
    }),
  );
});
