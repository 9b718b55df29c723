import type { LogLine, StepView } from '@nx-assets/console/wire';
import { expect, test } from 'vitest';
import { withFailures } from './failures.ts';

const line = (at: number, message: string): LogLine => ({
  ...{ id: at, at, key: 'shop/names', partition: null, level: 'info' },
  message,
});
const step = (finishedAt: number | null, message?: string) =>
  ({
    ...{ key: 'shop/names', partition: null, finishedAt },
    failure: message === undefined ? null : { code: 'ASSET_THREW', message },
  }) as StepView;

test('a failure stands among the lines where it happened, with the first line of what it says', () => {
  const lines = [line(1, 'begins'), line(3, 'another goes on')];
  const shown = withFailures(lines, [step(2, 'it broke\n  here'), step(4), step(null, 'not yet')]);
  expect(shown.map(({ level, message }) => [level, message])).toEqual([
    ['info', 'begins'],
    ['error', 'ASSET_THREW: it broke'],
    ['info', 'another goes on'],
  ]);
  expect(withFailures(lines, [step(4)])).toBe(lines);
});
