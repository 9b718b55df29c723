import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultMapping, downstreamKeys, type Sides, upstreamKeys } from './mapping.ts';
import type { Mapping } from './mapping-spec.ts';
import {
  daily,
  dynamicPartitions,
  hourly,
  monthly,
  staticPartitions,
  twoDimensions,
  weekly,
} from './partitions.ts';
import { partitionSet } from './set.ts';
import type { PartitionSpec } from './spec.ts';

const DAY = 86_400_000;
const START = '2025-10-01';
const zones = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Asia/Beirut',
);
const regions = staticPartitions(['eu', 'us', 'apac']);
const times = fc
  .record({ make: fc.constantFrom(daily, weekly, monthly), timeZone: zones })
  .map(({ make, timeZone }) => make({ start: START, timeZone }).spec);
const hours = zones.map((timeZone) => hourly({ start: START, end: '2025-11-01', timeZone }).spec);
const products = zones.map(
  (timeZone) => twoDimensions({ date: daily({ start: START, timeZone }), region: regions }).spec,
);
const specs = fc.oneof(
  times,
  times,
  hours,
  products,
  fc.constant(regions.spec),
  fc.constant(dynamicPartitions('customers').spec),
);

const sidesOf = (own: PartitionSpec | null, dep: PartitionSpec, days: number): Sides => {
  const scene = { now: Date.parse(START) + days * DAY, dynamicKeys: () => ['acme', 'eu', 'zeta'] };
  return { own: own && partitionSet(own, scene), dep: partitionSet(dep, scene), custom: null };
};
const timed = (spec: PartitionSpec | null) => spec?.kind === 'time' || spec?.kind === 'product';

/** Every mapping that makes sense between two specs. */
const mappingsOf = (own: PartitionSpec | null, dep: PartitionSpec): Mapping[] => {
  const byDefault = defaultMapping(own, dep);
  return [
    ...(byDefault ? [byDefault] : []),
    { kind: 'all' },
    { kind: 'last' },
    { kind: 'custom' },
    ...(own ? [{ kind: 'static', keys: { eu: ['eu', 'us'], us: ['acme'], acme: ['eu'] } } as const] : []),
    ...(timed(own) && timed(dep) ? [{ kind: 'windows' } as const] : []),
    ...(timed(own) && dep.kind === 'time' ? [{ kind: 'trailing', count: 3 } as const] : []),
  ];
};

describe('the two directions of a mapping', () => {
  test('agree: a is made from b exactly where b goes into a', () => {
    const wanted = fc.record({ own: fc.option(specs), dep: specs, days: fc.integer({ min: 0, max: 70 }) });
    const custom = { upstream: (key: string) => [key, 'eu', `${key}/us`, 'nothing'] };
    fc.assert(
      fc.property(wanted, fc.nat(), ({ own, dep, days }, seed) => {
        const sides = { ...sidesOf(own, dep, days), custom };
        const owns = sides.own ? sides.own.keys : [null];
        const own1 = owns[seed % Math.max(1, owns.length)];
        const dep1 = sides.dep.keys[(seed * 7) % Math.max(1, sides.dep.keys.length)];
        for (const mapping of mappingsOf(own, dep)) {
          if (dep1 !== undefined) {
            const down = downstreamKeys(mapping, sides, dep1);
            const expected = owns.filter((key) => upstreamKeys(mapping, sides, key).includes(dep1));
            expect(new Set(down)).toEqual(new Set(expected));
            expect(new Set(down).size).toBe(down.length);
          }
          if (own1 !== undefined) {
            const up = upstreamKeys(mapping, sides, own1);
            expect(up.every((key) => sides.dep.has(key))).toBe(true);
            // In the order of the dep, each once.
            const places = up.map((key) => sides.dep.indexOf(key));
            expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('no gaps: days of one zone cover a week, a month and another zone’s day as far as there are days', () => {
    fc.assert(
      fc.property(times, zones, fc.integer({ min: 40, max: 200 }), fc.nat(), (own, timeZone, days, seed) => {
        const sides = sidesOf(own, daily({ start: '2025-09-01', timeZone }).spec, days);
        const keys = sides.own?.keys ?? [];
        const key = keys[seed % Math.max(1, keys.length)];
        if (key === undefined) return;
        const window = sides.own?.windowOf(key);
        const found = upstreamKeys({ kind: 'windows' }, sides, key).map((one) => sides.dep.windowOf(one));
        found.slice(1).forEach((next, at) => expect(next?.start).toEqual(found[at]?.end));
        expect(found[0]?.start.getTime()).toBeLessThanOrEqual(window?.start.getTime() ?? 0);
        const last = sides.dep.windowOf(sides.dep.keys.at(-1) ?? '')?.end.getTime() ?? 0;
        expect(found.at(-1)?.end.getTime()).toBeGreaterThanOrEqual(
          Math.min(last, window?.end.getTime() ?? 0),
        );
      }),
    );
  });
});

describe('mappings by default', () => {
  const days = daily({ start: START });
  const kindOf = (own: PartitionSpec | null, dep: PartitionSpec) => defaultMapping(own, dep)?.kind ?? null;

  test('follow from what both sides are', () => {
    const both = twoDimensions({ date: days, region: regions });
    expect(kindOf(null, days.spec)).toBe('all');
    expect(kindOf(daily({ start: START }).spec, days.spec)).toBe('identity');
    expect(kindOf(weekly({ start: START }).spec, days.spec)).toBe('windows');
    expect(kindOf(both.spec, days.spec)).toBe('own-dimension');
    expect(kindOf(regions.spec, both.spec)).toBe('dep-dimension');
    expect(kindOf(regions.spec, days.spec)).toBeNull();
    expect(kindOf(dynamicPartitions('a').spec, dynamicPartitions('b').spec)).toBeNull();
  });

  test('a week is made of its seven days, and a day goes into one week', () => {
    const sides = sidesOf(weekly({ start: START }).spec, days.spec, 60);
    const week = upstreamKeys({ kind: 'windows' }, sides, '2025-10-20');
    expect(week).toEqual(['20', '21', '22', '23', '24', '25', '26'].map((day) => `2025-10-${day}`));
    expect(downstreamKeys({ kind: 'windows' }, sides, '2025-10-26')).toEqual(['2025-10-20']);
  });

  test('trailing windows are fewer where they begin', () => {
    const sides = sidesOf(days.spec, days.spec, 30);
    const trailing: Mapping = { kind: 'trailing', count: 3 };
    expect(upstreamKeys(trailing, sides, '2025-10-02')).toEqual(['2025-10-01', '2025-10-02']);
    expect(upstreamKeys(trailing, sides, '2025-10-09')).toEqual(['2025-10-07', '2025-10-08', '2025-10-09']);
    expect(downstreamKeys(trailing, sides, '2025-10-09')).toEqual(['2025-10-09', '2025-10-10', '2025-10-11']);
  });
});

describe('what has no counterpart', () => {
  const days = daily({ start: START }).spec;
  const both = twoDimensions({ date: daily({ start: START }), region: regions }).spec;
  const onlyRegions = twoDimensions({ size: staticPartitions(['s']), region: regions }).spec;
  const customers = dynamicPartitions('customers').spec;

  test('is made from nothing, and goes into nothing', () => {
    const identity: Mapping = { kind: 'identity' };
    const shared = sidesOf(customers, regions.spec, 3);
    expect(upstreamKeys(identity, shared, 'eu')).toEqual(['eu']);
    expect(upstreamKeys(identity, shared, 'acme')).toEqual([]);
    expect(upstreamKeys(identity, shared, null)).toEqual([]);
    expect(downstreamKeys(identity, shared, 'us')).toEqual([]);
    // No partition of the dep at all.
    expect(downstreamKeys({ kind: 'all' }, shared, 'mars')).toEqual([]);
  });

  test('in a dimension is left out', () => {
    const own: Mapping = { kind: 'own-dimension', name: 'region' };
    const byRegion = sidesOf(both, staticPartitions(['us', 'mars']).spec, 2);
    expect(upstreamKeys(own, byRegion, '2025-10-01/us')).toEqual(['us']);
    expect(upstreamKeys(own, byRegion, '2025-10-01/eu')).toEqual([]);
    expect(downstreamKeys(own, byRegion, 'mars')).toEqual([]);
    expect(downstreamKeys(own, byRegion, 'us')).toEqual(['2025-10-01/us', '2025-10-02/us']);
    const ofDep: Mapping = { kind: 'dep-dimension', name: 'region' };
    const fromBoth = sidesOf(customers, both, 1);
    expect(upstreamKeys(ofDep, fromBoth, 'eu')).toEqual(['2025-10-01/eu']);
    expect(downstreamKeys(ofDep, fromBoth, '2025-10-01/us')).toEqual([]);
    expect(downstreamKeys({ ...ofDep, name: 'colour' }, fromBoth, '2025-10-01/us')).toEqual([]);
  });

  test('in time is left out: a side that is not about time shares none', () => {
    const timeless = sidesOf(onlyRegions, days, 9);
    expect(upstreamKeys({ kind: 'windows' }, timeless, 's/eu')).toEqual([]);
    expect(upstreamKeys({ kind: 'trailing', count: 3 }, timeless, 's/eu')).toEqual([]);
    expect(downstreamKeys({ kind: 'windows' }, timeless, '2025-10-02')).toEqual([]);
    expect(downstreamKeys({ kind: 'trailing', count: 3 }, timeless, '2025-10-02')).toEqual([]);
  });

  test('in a list of keys is left out, and keys that the dep does not have', () => {
    const keys: Mapping = { kind: 'static', keys: { acme: ['us', 'mars'], nobody: ['eu'] } };
    const sides = sidesOf(customers, regions.spec, 1);
    expect(upstreamKeys(keys, sides, 'acme')).toEqual(['us']);
    expect(upstreamKeys(keys, sides, 'zeta')).toEqual([]);
    expect(downstreamKeys(keys, sides, 'us')).toEqual(['acme']);
    expect(downstreamKeys(keys, sides, 'eu')).toEqual([]);
  });

  test('of a function is what it says, as far as it is there, in order and each once', () => {
    const custom = {
      upstream: () => ['us', 'mars', 'eu', 'us'],
      downstream: () => ['zeta', 'nobody', 'acme', 'zeta'],
    };
    const sides = { ...sidesOf(customers, regions.spec, 1), custom };
    expect(upstreamKeys({ kind: 'custom' }, sides, 'acme')).toEqual(['eu', 'us']);
    expect(downstreamKeys({ kind: 'custom' }, sides, 'us')).toEqual(['acme', 'zeta']);
    expect(upstreamKeys({ kind: 'custom' }, { ...sides, custom: null }, 'acme')).toEqual([]);
  });

  test('of an asset without partitions is all or nothing', () => {
    const total = sidesOf(null, days, 3);
    expect(upstreamKeys({ kind: 'last' }, total, null)).toEqual(['2025-10-03']);
    expect(downstreamKeys({ kind: 'last' }, total, '2025-10-03')).toEqual([null]);
    expect(downstreamKeys({ kind: 'last' }, total, '2025-10-02')).toEqual([]);
  });
});
