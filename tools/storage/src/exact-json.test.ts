import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExactly } from './exact-json.ts';

describe('a number in a JSON text', () => {
  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740993.5', 9007199254740993n],
    ['1180591620717411303424', 2 ** 70],
    ['1e400', Infinity],
    [`1${'0'.repeat(400)}`, 10n ** 400n],
    [`-1${'0'.repeat(400)}.5`, -(10n ** 400n)],
  ])('%s comes whole, or as a bigint', (text, value) => {
    expect(parseExactly(`{"a": [${text}]}`)).toEqual({ a: [value] });
  });

  test('never loses a digit, however long it is', () => {
    const wholes = fc.integer({ min: 1, max: 320 }).chain((digits) => {
      const most = 10n ** BigInt(digits);
      return fc.bigInt({ min: -most, max: most });
    });
    fc.assert(
      fc.property(wholes, (whole) => {
        const value = (parseExactly(`[${whole}]`) as [number | bigint])[0];
        // JavaScript writes up to 21 digits, the last of them as zeros.
        if (String(value) !== String(whole)) expect(BigInt(value)).toBe(whole);
      }),
    );
  });
});
