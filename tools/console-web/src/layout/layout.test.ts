import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Box, CARD, type Edge, layOut, type Layout, type Node, pathOf } from './index.ts';
import { separate } from './separate.ts';

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Workspaces: groups that depend on any groups, also on each other, and assets without circles. */
const workspaces = fc
  .record({
    size: fc.integer({ min: 1, max: 40 }),
    groups: fc.integer({ min: 1, max: 7 }),
    picks: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 90 }),
  })
  .map(({ size, groups, picks }) => {
    const nodes: Node[] = Array.from({ length: size }, (_, index) => ({
      id: `a${index}`,
      group: `g${(picks[index % Math.max(1, picks.length)]?.[2] ?? index) % groups}`,
    }));
    const edges = picks
      .map(([a, b]) => [a % size, b % size] as const)
      .filter(([a, b]) => a !== b)
      .map(([a, b]): Edge => [`a${Math.min(a, b)}`, `a${Math.max(a, b)}`]);
    return { nodes, edges };
  });

const boxesOf = ({ cards }: Layout) => [...cards].map(([id, at]) => ({ id, ...at, ...CARD }));

describe('a layout', () => {
  test('puts every card into its own group, and overlaps nothing', () => {
    fc.assert(
      fc.property(workspaces, ({ nodes, edges }) => {
        const layout = layOut(nodes, edges);
        const cards = boxesOf(layout);
        expect(cards).toHaveLength(nodes.length);
        for (const [index, a] of layout.groups.entries())
          for (const b of layout.groups.slice(index + 1)) expect(overlap(a, b)).toBe(false);
        for (const [index, a] of cards.entries()) {
          for (const b of cards.slice(index + 1)) expect(overlap(a, b)).toBe(false);
          const group = layout.groups.find(
            ({ name }) => name === nodes.find(({ id }) => id === a.id)?.group,
          ) as Box;
          expect(a.x >= group.x && a.x + a.width <= group.x + group.width).toBe(true);
          expect(a.y >= group.y && a.y + a.height <= group.y + group.height).toBe(true);
          expect(
            a.x >= 0 && a.y >= 0 && a.x + a.width <= layout.width && a.y + a.height <= layout.height,
          ).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('leads no edge through a card, where groups do not depend on each other in a circle', () => {
    fc.assert(
      fc.property(workspaces, ({ nodes, edges: all }) => {
        const rank = (id: string) => Number(nodes.find((node) => node.id === id)?.group.slice(1));
        const edges = all.filter(([from, to]) => rank(from) <= rank(to));
        const layout = layOut(nodes, edges);
        const cards = boxesOf(layout);
        for (const { from, to, points } of layout.edges) {
          for (const [index, [x, y]] of points.entries()) {
            const [nextX, nextY] = points[index + 1] ?? [x, y];
            // It goes from left to right, always.
            expect(nextX).toBeGreaterThanOrEqual(x);
            const level = { x: Math.min(x, nextX), y, width: Math.abs(nextX - x), height: 1 };
            const hit =
              y === nextY
                ? cards.filter((card) => card.id !== from && card.id !== to && overlap(level, card))
                : [];
            // Between columns there is no card to hit.
            expect(
              hit.filter((card) => card.x + card.width - level.x > 1 && level.x + level.width - card.x > 1),
            ).toEqual([]);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is the same each time', () => {
    fc.assert(
      fc.property(workspaces, ({ nodes, edges }) => {
        expect(layOut(structuredClone(nodes), structuredClone(edges))).toEqual(layOut(nodes, edges));
      }),
      { numRuns: 50 },
    );
  });

  test('stands five thousand assets of which the last is made from all groups', () => {
    const nodes = Array.from({ length: 5_000 }, (_, index) => ({
      id: `a${index}`,
      group: `g${Math.floor(index / 50)}`,
    }));
    const chain = nodes.slice(50).map(({ id }, index): Edge => [`a${index}`, id]);
    const { cards } = layOut(
      [...nodes, { id: 'last', group: 'last' }],
      [...chain, ...nodes.slice(0, 500).map(({ id }): Edge => [id, 'last'])],
    );
    expect(cards.size).toBe(5_001);
  });

  test('has nothing where there is nothing, and copes with names that are not there', () => {
    expect(layOut([], [])).toMatchObject({ width: 0, height: 0, groups: [] });
    expect(layOut([{ id: 'a', group: 'g' }], [['a', 'z']]).edges).toEqual([]);
  });
});

test('things are separated by what they need, and moved no more than that', () => {
  const wishes = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 50 }), at: fc.integer({ min: -200, max: 200 }) }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(wishes, (given) => {
      const sorted = [...given].sort((a, b) => a.at - b.at);
      const middles = separate(sorted, 10);
      for (let index = 1; index < sorted.length; index++) {
        const apart = ((sorted[index - 1]?.size ?? 0) + (sorted[index]?.size ?? 0)) / 2 + 10;
        expect((middles[index] ?? 0) - (middles[index - 1] ?? 0)).toBeGreaterThanOrEqual(apart - 1e-6);
      }
      const moved = middles.reduce((sum, middle, index) => sum + middle - (sorted[index]?.at ?? 0), 0);
      expect(Math.abs(moved)).toBeLessThan(1e-6);
    }),
  );
  expect(
    separate(
      [
        { size: 10, at: 0 },
        { size: 10, at: 100 },
      ],
      5,
    ),
  ).toEqual([0, 100]);
});

test('a path is level where its points are', () => {
  expect(
    pathOf([
      [0, 0],
      [10, 0],
      [20, 8],
      [30, 8],
    ]),
  ).toBe('M0 0H10C15 0 15 8 20 8H30');
});
