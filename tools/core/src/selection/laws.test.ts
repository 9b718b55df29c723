import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssetError } from '../diagnostics.ts';
import { assetKey, groupOf, nameOf } from '../key.ts';
import { parseSelection } from './parse.ts';
import { renderSelection } from './render.ts';
import { select } from './select.ts';
import {
  ASSET_STATUSES,
  type Hops,
  type SelectableAsset,
  type Selection,
  SELECTION_ATTRIBUTES,
} from './selection.ts';

const key = (index: number) => assetKey(`g${index % 3}`, `n${index}`);
const few = (...values: readonly string[]) => fc.subarray([...values], { maxLength: 2 });

/** Any graph: cycles, self-loops, deps that come twice or are not there. Selections must not hang on what is wrong. */
const assets = fc
  .array(
    fc.record({
      kind: fc.constantFrom('api', 'duckdb'),
      tags: few('pii', 'a b', 'e\u0301'),
      owners: few('@acme/a', '@acme/b'),
      deps: fc.array(fc.nat({ max: 12 }), { maxLength: 3 }),
      status: fc.option(fc.subarray([...ASSET_STATUSES]), { nil: undefined }),
    }),
    { maxLength: 10 },
  )
  .map((list) =>
    list.map(({ deps, status, ...rest }, index): SelectableAsset => {
      const edges = Object.fromEntries(deps.map((dep, position) => [`dep_${position}`, key(dep)]));
      return { key: key(index), ...rest, deps: edges, ...(status ? { status } : {}) };
    }),
  );

const known = fc.oneof(
  fc.nat({ max: 11 }).map((index) => `n${index}`),
  fc.nat({ max: 11 }).map(key),
  fc.constantFrom(
    'g0',
    'g1',
    '*',
    'n1?',
    '*1*',
    'g?/n*',
    'api',
    '*d*',
    'pii',
    'a b',
    'é',
    'e\u0301',
    '@acme/?',
  ),
);
const odd = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: 'binary' }),
  fc.constantFrom('and', 'OR', 'not', '12', 'roots', 'tag:x', 'a"b', 'a\\', '(', '+', ' ', '👍', 'ünï'),
);
const term = fc.oneof(
  fc.record({
    type: fc.constant('term' as const),
    attribute: fc.constantFrom(...SELECTION_ATTRIBUTES.filter((attribute) => attribute !== 'status')),
    pattern: fc.oneof({ weight: 4, arbitrary: known }, odd),
  }),
  fc.record({
    type: fc.constant('term' as const),
    attribute: fc.constant('status' as const),
    pattern: fc.constantFrom(...ASSET_STATUSES, 'f*', '*'),
  }),
);
const hops = fc.oneof(fc.constant<Hops>('all'), fc.nat({ max: 3 }));
const { selection } = fc.letrec<{ selection: Selection }>((tie) => ({
  selection: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'selection' },
    { weight: 2, arbitrary: term },
    fc.record({ type: fc.constant('not' as const), operand: tie('selection') }),
    fc.record({
      type: fc.constantFrom('and' as const, 'or' as const),
      operands: fc
        .tuple(tie('selection'), tie('selection'), fc.array(tie('selection'), { maxLength: 1 }))
        .map(([one, two, more]): [Selection, Selection, ...Selection[]] => [one, two, ...more]),
    }),
    fc
      .record({ type: fc.constant('traverse' as const), up: hops, down: hops, operand: tie('selection') })
      .filter(({ up, down }) => up !== 0 || down !== 0),
    fc.record({ type: fc.constantFrom('roots' as const, 'sinks' as const), operand: tie('selection') }),
  ),
}));

/** What a selection means, as the documentation would put it: slow, and without an index. */
function naive(selection: Selection, assets: readonly SelectableAsset[]): SelectableAsset[] {
  const depends = (one: SelectableAsset, other: SelectableAsset) =>
    Object.values(one.deps).includes(other.key);
  const of = (operand: Selection) => naive(operand, assets);
  switch (selection.type) {
    case 'term': {
      const { attribute, pattern } = selection;
      const source = pattern
        .normalize()
        .replace(/[\\^$.+()[\]{}|/]/g, '\\$&')
        .replace(/[*?]/g, '.$&')
        .replaceAll('.?', '.');
      const expression = new RegExp(`^${source}$`, 'su');
      return assets.filter((asset) => {
        const { key, kind, tags, owners, status = [] } = asset;
        const values = {
          name: [nameOf(key)],
          key: [key],
          group: [groupOf(key)],
          kind: [kind],
          tag: tags,
          owner: owners,
          status,
        };
        return values[attribute].some((value) => expression.test(value.normalize()));
      });
    }
    case 'not':
      return assets.filter((asset) => !of(selection.operand).includes(asset));
    case 'and':
      return assets.filter((asset) => selection.operands.every((operand) => of(operand).includes(asset)));
    case 'or':
      return assets.filter((asset) => selection.operands.some((operand) => of(operand).includes(asset)));
    case 'roots': {
      const inside = of(selection.operand);
      return inside.filter((asset) => !inside.some((other) => depends(asset, other)));
    }
    case 'sinks': {
      const inside = of(selection.operand);
      return inside.filter((asset) => !inside.some((other) => depends(other, asset)));
    }
    case 'traverse': {
      const walk = (from: SelectableAsset[], left: number, up: boolean): SelectableAsset[] => {
        if (left === 0) return from;
        const next = assets.filter((asset) =>
          from.some((other) => asset === other || (up ? depends(other, asset) : depends(asset, other))),
        );
        return walk(next, left - 1, up);
      };
      const count = (hops: Hops) => (hops === 'all' ? assets.length : hops);
      const start = of(selection.operand);
      return [...walk(start, count(selection.up), true), ...walk(start, count(selection.down), false)];
    }
  }
}

describe('any selection', () => {
  test('selects what it means', () => {
    fc.assert(
      fc.property(selection, assets, (selection, assets) => {
        const expected = new Set(naive(selection, assets).map(({ key }) => key));
        expect(select(selection, assets)).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is what its text parses to', () => {
    fc.assert(
      fc.property(selection, (selection) => {
        expect(parseSelection(renderSelection(selection))).toEqual(selection);
      }),
      { numRuns: 1_000 },
    );
  });

  test('with a piece of its text changed is another selection or SELECTION_INVALID', () => {
    const piece = fc.oneof(
      fc.constantFrom('', '+', '(', ')', '"', '\\', ' ', ':', '2', 'not', ' or '),
      fc.string(),
    );
    fc.assert(
      fc.property(selection, piece, fc.nat(), fc.nat({ max: 3 }), (selection, piece, at, removed) => {
        const text = renderSelection(selection);
        const start = at % (text.length + 1);
        const mutated = text.slice(0, start) + piece + text.slice(start + removed);
        try {
          const other = parseSelection(mutated);
          expect(parseSelection(renderSelection(other))).toEqual(other);
        } catch (error) {
          if (!(error instanceof AssetError)) throw error;
          expect(error.code).toBe('SELECTION_INVALID');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('for all selections a, b and c', () => {
  const text = selection.map((selection) => `(${renderSelection(selection)})`);
  const run = (text: string, assets: readonly SelectableAsset[]) => select(parseSelection(text), assets);
  /** The letters in a law stand for selections. */
  const put = (law: string, names: readonly string[]) =>
    law.replace(/\b[abc]\b/g, (letter) => names['abc'.indexOf(letter)] as string);

  test.each([
    ['not (a and b)', 'not a or not b'],
    ['not (a or b)', 'not a and not b'],
    ['not not a', 'a'],
    ['a and a', 'a'],
    ['a or a', 'a'],
    ['a and b', 'b and a'],
    ['a or b', 'b or a'],
    ['a and (b and c)', '(a and b) and c'],
    ['a or (b or c)', 'a or b or c'],
    ['a and (b or c)', 'a and b or a and c'],
    ['a or b and c', '(a or b) and (a or c)'],
    ['a and (a or b)', 'a'],
    ['a or (a and b)', 'a'],
    ['a or not a', '*'],
    ['a and *', 'a'],
    ['+(+a)', '+a'],
    ['(a+)+', 'a+'],
    ['+a+', '+a or a+'],
    ['2+a+1', '2+a or a+1'],
    ['1+(2+a)', '3+a'],
    ['+(a or b)', '+a or +b'],
    ['10+a', '+a'],
    ['a+10', 'a+'],
    ['roots(roots(a))', 'roots(a)'],
    ['sinks(sinks(a))', 'sinks(a)'],
  ])('%s = %s', (left, right) => {
    fc.assert(
      fc.property(assets, fc.tuple(text, text, text), (assets, names) => {
        expect(run(put(left, names), assets)).toEqual(run(put(right, names), assets));
      }),
    );
  });

  test.each([
    ['a', '+a+'],
    ['0+a', '1+a'],
    ['1+a', '2+a'],
    ['a+2', 'a+3'],
    ['7+a', '+a'],
    ['roots(a)', 'a'],
    ['sinks(a)', 'a'],
    ['a and b', 'a'],
    ['+(a and b)', '+a and +b'],
  ])('%s ⊆ %s', (left, right) => {
    fc.assert(
      fc.property(assets, fc.tuple(text, text, text), (assets, names) => {
        const larger = run(put(right, names), assets);
        expect([...run(put(left, names), assets)].filter((key) => !larger.has(key))).toEqual([]);
      }),
    );
  });
});
