import { type AssetKey, type AssetManifest, buildGraph } from '@nx-assets/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Partitioning,
  type PartitionKey,
  type PartitionSource,
  readsOf,
  withUpstream,
} from './partitioning.ts';
import {
  afterDays,
  DAYS,
  DAYS_AND_REGIONS,
  manifestOf,
  REGIONS,
  WEEKS,
} from './contracts/sample-manifests.ts';

const partitioningOf = (
  manifests: readonly AssetManifest[],
  given: Partial<PartitionSource> = {},
): Partitioning =>
  new Partitioning(new Map(manifests.map((manifest) => [manifest.key, manifest])), {
    now: afterDays(21),
    dynamicKeys: () => [],
    custom: () => null,
    ...given,
  });
const days = manifestOf('lab/days', { partitions: DAYS });
const whole = manifestOf('lab/whole');

describe('the parts of an asset', () => {
  test('are its partitions, or it is one part itself', () => {
    const partitioning = partitioningOf([manifestOf('lab/regions', { partitions: REGIONS }), whole]);
    expect(partitioning.partitionsOf('lab/regions' as AssetKey)).toEqual(['eu', 'us']);
    expect(partitioning.partitionsOf(whole.key)).toEqual([null]);
    expect(partitioning.set(whole.key)).toBeNull();
    expect(partitioning.partitionsOf('lab/nobody' as AssetKey)).toEqual([null]);
  });

  test('are those that have ended by the moment of the look', () => {
    expect(partitioningOf([days], { now: afterDays(2) - 1 }).partitionsOf(days.key)).toEqual(['2026-03-01']);
    const later = partitioningOf([days], { now: afterDays(2) });
    expect(later.partitionsOf(days.key)).toEqual(['2026-03-01', '2026-03-02']);
    expect(later.now).toBe(afterDays(2));
  });

  test('are the same list for assets that are cut in the same way, and dynamic keys are asked for once', () => {
    let asked = 0;
    const dynamic = { kind: 'dynamic', name: 'customers' } as const;
    const [one, other] = [
      manifestOf('lab/one', { partitions: dynamic }),
      manifestOf('lab/other', { partitions: { ...dynamic } }),
    ];
    const partitioning = partitioningOf([one, other], {
      dynamicKeys: (name) => (asked++, [`${name}-1`]),
    });
    expect(partitioning.set(one.key)).toBe(partitioning.set(other.key));
    expect(partitioning.partitionsOf(other.key)).toEqual(['customers-1']);
    expect(asked).toBe(1);
  });
});

describe('the partitions of a dep', () => {
  const weeks = manifestOf('lab/weeks', { partitions: WEEKS, deps: { days } });

  test("are those that the author's function says; where it throws, the asset and the key are named", () => {
    const own = manifestOf('lab/own', { partitions: DAYS, deps: { days } });
    const custom = { ...own, mappings: { days: { kind: 'custom' } } } as AssetManifest;
    const upstream = (key: string) => {
      if (key.endsWith('02')) throw new Error('no such day');
      return [key];
    };
    const partitioning = partitioningOf([days, custom], { custom: () => ({ upstream }) });
    expect(partitioning.upstream(custom, 'days', '2026-03-01')).toEqual(['2026-03-01']);
    expect(() => partitioning.upstream(custom, 'days', '2026-03-02')).toThrow(
      'PARTITION_MAPPING_THREW: The mapping of lab/own threw for "2026-03-02": no such day.',
    );
  });

  test('are those that the mapping says, in both directions', () => {
    const partitioning = partitioningOf([days, weeks]);
    expect(partitioning.upstream(weeks, 'days', '2026-03-09')).toEqual(
      ['09', '10', '11', '12', '13', '14', '15'].map((day) => `2026-03-${day}`),
    );
    expect(partitioning.downstream(weeks, 'days', '2026-03-11')).toEqual(['2026-03-09']);
    expect(partitioning.downstream(weeks, 'days', '2026-03-01')).toEqual([]);
  });

  test('are none where it has none, and then every part is made from it', () => {
    const regions = manifestOf('lab/regions', { partitions: REGIONS, deps: { whole } });
    const partitioning = partitioningOf([whole, regions]);
    expect(partitioning.upstream(regions, 'whole', 'eu')).toBeNull();
    expect(partitioning.downstream(regions, 'whole', null)).toEqual(['eu', 'us']);
  });

  test('are all of them for an asset without partitions', () => {
    const total = manifestOf('lab/total', { deps: { days } });
    const partitioning = partitioningOf([days, total], { now: afterDays(2) });
    expect(partitioning.upstream(total, 'days', null)).toEqual(['2026-03-01', '2026-03-02']);
    expect(partitioning.downstream(total, 'days', '2026-03-02')).toEqual([null]);
  });

  test('are what a function says where the mapping is one, asked for by asset and alias', () => {
    const mapped = manifestOf('lab/mapped', {
      partitions: REGIONS,
      deps: { days },
      mappings: { days: { kind: 'custom' } },
    });
    const asked: string[] = [];
    const partitioning = partitioningOf([days, mapped], {
      custom: (key, alias) => {
        asked.push(`${key} ${alias}`);
        return { upstream: (region) => (region === 'eu' ? ['2026-03-02', '1999-01-01'] : []) };
      },
    });
    expect(partitioning.upstream(mapped, 'days', 'eu')).toEqual(['2026-03-02']);
    expect(partitioning.downstream(mapped, 'days', '2026-03-02')).toEqual(['eu']);
    expect(new Set(asked)).toEqual(new Set(['lab/mapped days']));
  });
});

describe('what a function is told of its partitions', () => {
  const both = manifestOf('lab/both', { partitions: DAYS_AND_REGIONS });
  const regions = manifestOf('lab/regions', { partitions: REGIONS });
  const partitioning = partitioningOf([days, both, regions]);
  const march = (day: number) => new Date(Date.UTC(2026, 2, day));

  test('is the key, and the window of a time', () => {
    expect(partitioning.describe(days.key, ['2026-03-04'])).toEqual({
      key: '2026-03-04',
      keys: ['2026-03-04'],
      window: { start: march(4), end: march(5) },
    });
    expect(partitioning.describe(regions.key, ['us'])).toEqual({ key: 'us', keys: ['us'] });
  });

  test('is the range of several, from the start of the first to the end of the last', () => {
    expect(partitioning.describe(days.key, ['2026-03-04', '2026-03-05', '2026-03-06'])).toMatchObject({
      key: '2026-03-04...2026-03-06',
      keys: ['2026-03-04', '2026-03-05', '2026-03-06'],
      window: { start: march(4), end: march(7) },
    });
  });

  test('is each side of two dimensions, with a window where it is about time', () => {
    const window = { start: march(4), end: march(5) };
    expect(partitioning.describe(both.key, ['2026-03-04/us'])).toEqual({
      key: '2026-03-04/us',
      keys: ['2026-03-04/us'],
      window,
      dimensions: { day: { key: '2026-03-04', window }, region: { key: 'us' } },
    });
  });
});

describe('what is wanted with what was asked for', () => {
  const weeks = manifestOf('lab/weeks', { partitions: WEEKS, deps: { days } });
  const both = manifestOf('lab/both', { partitions: DAYS_AND_REGIONS, deps: { days, whole } });
  const regions = manifestOf('lab/regions', { partitions: REGIONS, deps: { both } });
  const last = manifestOf('lab/last', { deps: { weeks }, mappings: { weeks: { kind: 'last' } } });
  const same = manifestOf('lab/same', { partitions: DAYS, deps: { days } });
  const chain = manifestOf('lab/chain', { partitions: DAYS, deps: { same }, previous: 'before' });
  const all = [days, whole, weeks, both, regions, last, same, chain];
  const partitioning = partitioningOf(all);
  const graph = buildGraph(all);
  const wantedOf = (asked: Readonly<Record<string, readonly PartitionKey[] | 'all'>>) =>
    withUpstream(graph, partitioning, new Map(Object.entries(asked) as [AssetKey, PartitionKey[] | 'all'][]));

  test('is only what it is made from', () => {
    expect(Object.fromEntries(wantedOf({ [both.key]: ['2026-03-05/us'] }))).toEqual({
      'lab/days': ['2026-03-05'],
      'lab/whole': [null],
      'lab/both': ['2026-03-05/us'],
    });
    expect(wantedOf({ [last.key]: 'all' }).get(days.key)).toEqual(
      ['09', '10', '11', '12', '13', '14', '15'].map((day) => `2026-03-${day}`),
    );
  });

  test('has all before it, where one is made from the one before', () => {
    expect(partitioning.upstream(chain, 'before', '2026-03-03')).toEqual(['2026-03-02']);
    expect(partitioning.upstream(chain, 'before', '2026-03-01')).toEqual([]);
    const four = ['01', '02', '03', '04'].map((day) => `2026-03-${day}`);
    expect([...wantedOf({ [chain.key]: ['2026-03-02', '2026-03-04'] })]).toEqual([
      [days.key, four],
      [same.key, four],
      [chain.key, four],
    ]);
  });

  test('names assets deps first, and the partitions of each in their order', () => {
    const wanted = wantedOf({ [same.key]: ['2026-03-09', '2026-03-02', '2026-03-09'] });
    expect([...wanted]).toEqual([
      [days.key, ['2026-03-02', '2026-03-09']],
      [same.key, ['2026-03-02', '2026-03-09']],
    ]);
  });

  test('has the checks that hold it up, as a whole', () => {
    const gate = manifestOf('lab/gate');
    const gated = { ...manifestOf('lab/gated', { partitions: REGIONS }), blockingChecks: [gate.key] };
    const wanted = withUpstream(
      buildGraph([gate, gated]),
      partitioningOf([gate, gated]),
      new Map([[gated.key, ['eu']]]),
    );
    expect([...wanted]).toEqual([
      [gate.key, [null]],
      [gated.key, ['eu']],
    ]);
  });

  test('leaves out partitions that there are not', () => {
    expect([...wantedOf({ [days.key]: ['2026-03-01', '1999-01-01'] })]).toEqual([[days.key, ['2026-03-01']]]);
  });

  test('has every part that a wanted part is made from, and no other', () => {
    const asked = fc.dictionary(
      fc.constantFrom(...all.map(({ key }) => key)),
      fc.oneof(fc.constant('all' as const), fc.array(fc.nat(), { minLength: 1, maxLength: 3 })),
      { minKeys: 1, maxKeys: 3, noNullPrototype: true },
    );
    fc.assert(
      fc.property(asked, (given) => {
        const parts = Object.entries(given).map(([key, which]) => {
          const of = partitioning.partitionsOf(key as AssetKey);
          return [key, which === 'all' ? which : which.map((one) => of[one % of.length] ?? null)] as const;
        });
        const wanted = wantedOf(Object.fromEntries(parts));
        // Said part by part, without the short cuts for whole assets.
        const expected = new Set<string>();
        const want = (key: AssetKey, part: PartitionKey): void => {
          const id = `${key} ${part ?? ''}`;
          const manifest = partitioning.manifest(key);
          if (expected.has(id) || !manifest) return;
          expected.add(id);
          for (const [alias, dep] of readsOf(manifest)) {
            for (const one of partitioning.upstream(manifest, alias, part) ?? [null]) want(dep, one);
          }
        };
        for (const [key, which] of parts) {
          for (const part of which === 'all' ? partitioning.partitionsOf(key as AssetKey) : which) {
            want(key as AssetKey, part);
          }
        }
        const found = [...wanted].flatMap(([key, of]) => of.map((part) => `${key} ${part ?? ''}`));
        expect(new Set(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 150 },
    );
  });
});
