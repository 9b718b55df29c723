import { expect, test } from 'vitest';
import { scaleOf } from './scale.ts';

const points = (...values: number[]) => values.map((value) => ({ value }));

test('values fill the plot, zero at its bottom where they come near it', () => {
  const { x, y } = scaleOf(points(1, 10), 100, 50, 5);
  expect([x(0), x(1), y(10), y(0)]).toEqual([5, 95, 5, 45]);
});

test('one value, and equal ones, are in the middle', () => {
  expect(scaleOf(points(7), 100, 50, 5).x(0)).toBe(50);
  expect(scaleOf(points(7, 7), 100, 50, 5).y(7)).toBe(25);
});

test('a small change of something large stays small', () => {
  const { y } = scaleOf(points(1000, 990), 100, 50, 5);
  expect(y(990)).toBeLessThan(45);
});
