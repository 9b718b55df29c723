import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Places } from './places.ts';

test('a place is that of the list, in whatever order and however often it is asked for', () => {
  const keys = fc.uniqueArray(fc.string({ maxLength: 2 }), { maxLength: 6 });
  fc.assert(
    fc.property(keys, fc.array(fc.string({ maxLength: 2 })), fc.array(fc.nat(6)), (list, others, order) => {
      const places = new Places(list);
      for (const key of [...list, ...list, ...others, ...order.map((at) => list[at] ?? '?')]) {
        expect(places.indexOf(key)).toBe(list.indexOf(key));
      }
    }),
  );
});
