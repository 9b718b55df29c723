import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { frame, rowsOf } from './frame.ts';

type Key = string | number | null;

/** What the groups of these rows add up to, through danfo. */
async function sums(rows: readonly (readonly [Key, Key, number])[]) {
  const made = await frame(rows.map(([a, b, n]) => ({ a, b, n })));
  return rowsOf<{ a: Key; b: Key; n_sum: number }>(made.groupby(['a', 'b']).col(['n']).sum()).map(
    ({ a, b, n_sum }) => [a, b, n_sum],
  );
}

/** The same by a map of the values. */
function expected(rows: readonly (readonly [Key, Key, number])[]) {
  const all = new Map<string, [Key, Key, number]>();
  for (const [a, b, n] of rows) {
    const name = JSON.stringify([a, b]);
    all.set(name, [a, b, (all.get(name)?.[2] ?? 0) + n]);
  }
  return [...all.values()];
}

const inAnyOrder = (rows: readonly (readonly unknown[])[]) => rows.map((row) => JSON.stringify(row)).sort();

describe('groups are of rows with the same values', () => {
  test.each<[string, [Key, Key], [Key, Key]]>([
    ['joined alike', ['x-p', 'q'], ['x', 'p-q']],
    ['joined alike, with a sign', [1, -2], ['1-', 2]],
    ['a number and its text', [1, 'a'], ['1', 'a']],
    ['null and its text', [null, 'a'], ['null', 'a']],
    ['null and no text', [null, 'a'], ['', 'a']],
    ['names that every object has', ['__proto__', 'constructor'], ['constructor', '__proto__']],
    ['a name that another group was given', ['x-p', 'q'], ['x', 'p-q (2)']],
  ])('%s', async (_, one, other) => {
    const rows: [Key, Key, number][] = [
      [...one, 1],
      [...other, 10],
      [...one, 100],
    ];
    expect(inAnyOrder(await sums(rows))).toEqual(inAnyOrder(expected(rows)));
  });

  test('one column', async () => {
    const made = await frame([
      { a: '__proto__', n: 1 },
      { a: 'toString', n: 2 },
      { a: 'b', n: 3 },
    ]);
    expect(rowsOf(made.groupby(['a']).col(['n']).count())).toHaveLength(3);
  });

  test('whatever they are', { timeout: 60_000 }, async () => {
    const key = fc.constantFrom<Key>(
      '',
      '-',
      '1',
      '1-',
      '-1',
      'a',
      'a-1',
      'null',
      'constructor',
      1,
      -1,
      11,
      null,
    );
    const rows = fc.array(fc.tuple(key, key, fc.integer({ min: 1, max: 1_000 })), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        expect(inAnyOrder(await sums(all))).toEqual(inAnyOrder(expected(all)));
      }),
      { numRuns: 200 },
    );
  });
});

describe('a group', () => {
  const rows = [
    { a: 'x-p', b: 'q', n: 1 },
    { a: 'x', b: 'p-q', n: 2 },
  ];

  test('is found by its values', async () => {
    const groups = (await frame(rows)).groupby(['a', 'b']);
    expect(groups.ngroups).toBe(2);
    expect(groups.getGroup(['x', 'p-q']).column('n').values).toEqual([2]);
    expect(groups.getGroup(['x-p', 'q']).column('n').values).toEqual([1]);
    expect(() => groups.getGroup(['x-p-q'])).toThrow('There is no group ["x-p-q"].');
  });

  test('of numbers is found by their text as well, as danfo has it', async () => {
    const groups = (await frame([{ a: 1, n: 1 }])).groupby(['a']);
    expect(groups.getGroup(['1']).column('n').values).toEqual([1]);
  });

  test('keeps the name and the place that danfo gives it', async () => {
    const some = ['b', 'a', 'b-1', '2', '10'].map((a, n) => ({ a, n }));
    const groups = (await frame(some)).groupby(['a']);
    expect(Object.keys(groups.groups)).toEqual(['2', '10', 'b', 'a', 'b-1']);
    expect(groups.col(['n']).count().column('a').values).toEqual(['2', '10', 'b', 'b-1', 'a']);
  });

  test('of a frame that was made of a frame is right too', async () => {
    const renamed = (await frame(rows)).rename({ n: 'm' });
    expect(renamed.groupby(['a', 'b']).ngroups).toBe(2);
    expect(rowsOf(renamed.groupby(['a', 'b']).first())).toHaveLength(2);
  });
});
