import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { milliseconds } from './freshness.ts';

describe('durations', () => {
  test.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
    ['0.5h', 1_800_000],
  ])('%s is %i ms', (text, expected) => {
    expect(milliseconds(text)).toBe(expected);
  });

  test('grow with their number', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom('s', 'm', 'h', 'd'),
        (number, unit) => {
          expect(milliseconds(`${number}${unit}`)).toBe(number * milliseconds(`1${unit}`));
        },
      ),
    );
  });

  test.each(['', '1', 'h', '0s', '-1h', '1 h', '1.h', '1w', '1h30m', 'NaNs', '1e3s', ' 1h', '1h\n'])(
    '%j is refused with examples',
    (text) => {
      expect(() => milliseconds(text)).toThrow(
        /^ASSET_OPTION_INVALID: .* is not a duration\. .*90s, 15m, 1h or 7d/s,
      );
    },
  );
});
