import { expect, test } from 'vitest';
import { cellsOf } from './map.ts';

test('a cell for each partition, as long as there is room', () => {
  expect(cellsOf('fsm', 10)).toEqual([
    { letter: 'f', from: 0, to: 1 },
    { letter: 's', from: 1, to: 2 },
    { letter: 'm', from: 2, to: 3 },
  ]);
  expect(cellsOf('', 10)).toEqual([]);
});

test('of a hundred thousand each cell stands for several, and shows the worst: one that failed is never hidden', () => {
  const states = `${'f'.repeat(99_999)}x`;
  const cells = cellsOf(states, 2_000);
  expect(cells.length).toBeLessThanOrEqual(2_000);
  expect(cells.at(-1)).toMatchObject({ letter: 'x', to: 100_000 });
  expect(cells.filter(({ letter }) => letter !== 'f')).toHaveLength(1);
});
