import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssetError } from './diagnostics.ts';
import { buildGraph, type Node, prerequisitesOf } from './graph.ts';
import { type AssetKey, assetKey } from './key.ts';

const key = (index: number): AssetKey => assetKey('g', `n${index}`);
const node = (index: number, deps: readonly number[]): Node => ({
  key: key(index),
  deps: Object.fromEntries(deps.map((dep, position) => [`alias_${position}`, key(dep)])),
});

/** Nodes that depend on earlier ones only, in any order. Some deps come twice, under two aliases. */
const acyclic = fc
  .integer({ min: 0, max: 12 })
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.array(fc.nat({ max: Math.max(0, index - 1) }), { maxLength: index === 0 ? 0 : 4 }),
      ),
    ),
  )
  .map((deps) => deps.map((list, index) => node(index, list)))
  .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }));

/** Any graph, cycles and self-loops included. */
const anyGraph = fc
  .integer({ min: 1, max: 8 })
  .chain((size) =>
    fc.array(fc.array(fc.nat({ max: size - 1 }), { maxLength: 3 }), { minLength: size, maxLength: size }),
  )
  .map((deps) => deps.map((list, index) => node(index, list)));

const caught = (run: () => unknown): AssetError => {
  try {
    run();
  } catch (error) {
    if (error instanceof AssetError) return error;
  }
  throw new Error('It did not throw an AssetError.');
};

describe('the order of a graph', () => {
  test('holds every asset once, each after its deps', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const { order } = buildGraph(nodes);
        const position = new Map(order.map((key, index) => [key, index]));
        expect([...order].sort()).toEqual(nodes.map(({ key }) => key).sort());
        for (const { key, deps } of nodes) {
          for (const dep of Object.values(deps))
            expect(position.get(dep)).toBeLessThan(position.get(key) ?? -1);
        }
      }),
    );
  });

  test('does not depend on the order in which assets are given', () => {
    const twoOrders = acyclic.chain((nodes) =>
      fc.tuple(fc.constant(nodes), fc.shuffledSubarray(nodes, { minLength: nodes.length })),
    );
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(buildGraph(one).order).toEqual(buildGraph(other).order);
      }),
    );
  });
});

describe('lineage', () => {
  test('downstream is upstream seen from the other end', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const { upstream, downstream } = buildGraph(nodes);
        for (const { key: a } of nodes) {
          for (const { key: b } of nodes) expect(upstream(a).has(b)).toBe(downstream(b).has(a));
        }
      }),
    );
  });

  test('upstream is the deps and what is upstream of them, never the asset itself', () => {
    fc.assert(
      fc.property(acyclic, (nodes) => {
        const { upstream } = buildGraph(nodes);
        for (const { key, deps } of nodes) {
          const expected = new Set(Object.values(deps).flatMap((dep) => [dep, ...upstream(dep)]));
          expect(upstream(key)).toEqual(expected);
          expect(upstream(key)).not.toContain(key);
        }
      }),
    );
  });

  test('of a key that is not in the graph is empty', () => {
    expect(buildGraph([]).upstream(key(1)).size).toBe(0);
  });
});

describe('a gate', () => {
  const [raw, checks, made] = ['raw', 'checks', 'made'].map((name) => `g/${name}` as AssetKey) as [
    AssetKey,
    AssetKey,
    AssetKey,
  ];
  const gated = { key: made, deps: { raw }, blockingChecks: [checks] };

  test('comes before what it guards, and is upstream of it', () => {
    const graph = buildGraph([gated, { key: checks, deps: { raw } }, { key: raw, deps: {} }]);
    expect(graph.order).toEqual([raw, checks, made]);
    expect(graph.upstream(made)).toEqual(new Set([raw, checks]));
    expect(prerequisitesOf({ deps: { raw, again: raw }, blockingChecks: [raw, checks] })).toEqual([
      raw,
      checks,
    ]);
  });

  test('that needs what it guards is a cycle', () => {
    const around = [gated, { key: checks, deps: { made } }, { key: raw, deps: {} }];
    expect(() => buildGraph(around)).toThrow('ASSET_CYCLE');
  });
});

describe('a graph that cannot be', () => {
  test('a cycle is named as it is: each arrow goes from an asset to one that depends on it', () => {
    fc.assert(
      fc.property(anyGraph, (nodes) => {
        const edges = new Map(nodes.map(({ key, deps }) => [key, new Set(Object.values(deps))]));
        let error: AssetError;
        try {
          const { order } = buildGraph(nodes);
          expect(order).toHaveLength(nodes.length);
          return;
        } catch (thrown) {
          error = thrown as AssetError;
        }
        expect(error.code).toBe('ASSET_CYCLE');
        const cycle = error.facts.replace(/\.$/, '').split(' → ') as AssetKey[];
        expect(cycle.length).toBeGreaterThan(1);
        expect(cycle.at(-1)).toBe(cycle[0]);
        expect(new Set(cycle.slice(1)).size).toBe(cycle.length - 1);
        for (const [index, from] of cycle.slice(0, -1).entries()) {
          expect(edges.get(cycle[index + 1] as AssetKey)).toContain(from);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('names the cycle and not what hangs below it', () => {
    const error = caught(() => buildGraph([node(0, []), node(1, [0, 2]), node(2, [1]), node(3, [2])]));
    expect(error.message).toBe('ASSET_CYCLE: g/n2 → g/n1 → g/n2. Remove one import, or merge the assets.');
  });

  test('two assets of one key are ASSET_DUPLICATE', () => {
    const error = caught(() => buildGraph([node(1, []), node(1, [])]));
    expect(error).toMatchObject({ code: 'ASSET_DUPLICATE', facts: 'Two assets are called g/n1.' });
  });

  test('a dep that is nowhere is ASSET_DEP_NOT_EXPORTED, with both names', () => {
    const error = caught(() => buildGraph([node(1, [7])]));
    expect(error.code).toBe('ASSET_DEP_NOT_EXPORTED');
    expect(error.facts).toContain('g/n1 depends on g/n7');
  });
});
