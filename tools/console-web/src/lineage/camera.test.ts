import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Camera, steadied } from './camera.ts';

const place = fc.record({
  x: fc.integer({ min: -5_000, max: 5_000 }),
  y: fc.integer({ min: -5_000, max: 5_000 }),
});
const places = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), place), { selector: ([id]) => id })
  .map((list) => new Map(list));
const camera: fc.Arbitrary<Camera> = fc.record({
  x: fc.integer({ min: -2_000, max: 2_000 }),
  y: fc.integer({ min: -2_000, max: 2_000 }),
  k: fc.constantFrom(0.05, 0.5, 1, 2),
});

test('another picture is seen so that something that is in both stays where it was', () => {
  fc.assert(
    fc.property(camera, places, places, (look, was, now) => {
      const next = steadied(look, was, now, 800, 600);
      expect(next.k).toBe(look.k);
      const shared = [...was].filter(([id]) => now.has(id));
      const onScreen = ({ x, y }: { x: number; y: number }, { x: atX, y: atY, k }: Camera) =>
        [x * k + atX, y * k + atY] as const;
      const distances = shared.map(([id, before]) => {
        const [beforeX, beforeY] = onScreen(before, look);
        const [afterX, afterY] = onScreen(now.get(id) ?? before, next);
        return Math.hypot(beforeX - afterX, beforeY - afterY);
      });
      if (distances.length === 0) expect(next).toEqual(look);
      else expect(Math.min(...distances)).toBeLessThan(1e-6);
    }),
  );
});
