import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { upstreamKeys } from './mapping.ts';
import type { CustomMapping, Mapping } from './mapping-spec.ts';
import { missingKeys } from './missing.ts';
import {
  cronWindows,
  daily,
  dynamicPartitions,
  hourly,
  monthly,
  type Partitions,
  staticPartitions,
  twoDimensions,
  weekly,
} from './partitions.ts';
import { partitionSet } from './set.ts';

const NOW = '2026-11-25T10:30Z';
const sidesAt = (
  own: Partitions | null,
  dep: Partitions,
  now = NOW,
  custom: CustomMapping | null = null,
  dynamic: readonly string[] = ['acme'],
) => {
  const scene = { now: Date.parse(now), dynamicKeys: () => dynamic };
  return { own: own && partitionSet(own.spec, scene), dep: partitionSet(dep.spec, scene), custom };
};
const hours = hourly({ start: '2026-11-01' });
const days = daily({ start: '2026-11-01' });
const weeks = weekly({ start: '2026-08-31' });
const regions = staticPartitions(['eu', 'us']);
const windows: Mapping = { kind: 'windows' };

describe('a window that is needed and does not exist', () => {
  test('is the day of an hour, until it has ended', () => {
    const sides = sidesAt(hours, days);
    expect(missingKeys(windows, sides, '2026-11-25T09')).toEqual(['2026-11-25']);
    expect(missingKeys(windows, sides, '2026-11-24T23')).toEqual([]);
  });

  test('is an hour of a day before hours begin, and of one after they end', () => {
    const own = daily({ start: '2026-10-30' });
    const short = hourly({ start: '2026-10-31T22:00', end: '2026-11-01T02:00' });
    const sides = sidesAt(own, short);
    expect(missingKeys(windows, sides, '2026-10-30')).toHaveLength(24);
    expect(missingKeys(windows, sides, '2026-10-31')).toEqual(
      Array.from({ length: 22 }, (_, hour) => `2026-10-31T${String(hour).padStart(2, '0')}`),
    );
    expect(missingKeys(windows, sides, '2026-11-01')[0]).toBe('2026-11-01T02');
    expect(upstreamKeys(windows, sides, '2026-11-01')).toEqual(['2026-11-01T00', '2026-11-01T01']);
  });

  test('is the last week of a month that has ended in its midst', () => {
    const sides = sidesAt(monthly({ start: '2026-10-01' }), weeks, '2026-11-01T00:01Z');
    expect(missingKeys(windows, sides, '2026-10')).toEqual(['2026-10-26']);
  });

  test('is every one where there is none yet, by the name that it will have', () => {
    const later = cronWindows({ start: '2026-12-01', cron: '0 */8 * * *', timeZone: 'Europe/Berlin' });
    expect(missingKeys(windows, sidesAt(days, later), '2026-11-24')).toEqual([
      '2026-11-24T0000+0100',
      '2026-11-24T0800+0100',
      '2026-11-24T1600+0100',
      '2026-11-25T0000+0100',
    ]);
    const both = twoDimensions({ region: regions, day: daily({ start: '2027-01-01' }) });
    expect(missingKeys(windows, sidesAt(days, both), '2026-11-24')).toEqual(['*/2026-11-24']);
  });

  test('and those that exist cover a window without a gap', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/Havana');
    const makers = fc.constantFrom(daily, weekly, monthly, hourly);
    const inMonth = fc
      .integer({ min: 1, max: 28 })
      .map((day) => `2026-0${(day % 9) + 1}-${String(day).padStart(2, '0')}`);
    const cut = fc
      .record({ make: makers, timeZone: zones, start: inMonth })
      .map(({ make, ...rest }) => make(rest));
    fc.assert(
      fc.property(cut, cut, fc.integer({ min: 0, max: 300 }), fc.nat(), (own, dep, after, seed) => {
        const sides = sidesAt(own, dep, new Date(Date.UTC(2026, 0, 15 + after)).toISOString());
        const keys = sides.own?.keys ?? [];
        const key = keys[seed % Math.max(1, keys.length)] ?? '';
        const window = sides.own?.windowOf(key);
        if (!window) return;
        const { spec } = dep;
        if (spec.kind !== 'time') return;
        // What there would be if the dep had always been and would never end.
        const all = sidesAt(
          own,
          { type: 'partitions', spec: { ...spec, start: Date.UTC(2025, 10) } },
          '2027-06-01',
        ).dep;
        const needed = all.overlapping(window);
        const found = upstreamKeys(windows, sides, key);
        expect([...missingKeys(windows, sides, key), ...found].sort()).toEqual([...needed].sort());
      }),
      { numRuns: 60 },
    );
  });
});

describe('trailing windows', () => {
  const trailing: Mapping = { kind: 'trailing', count: 2 };

  test('are fewer where they begin', () => {
    const sides = sidesAt(days, days);
    expect(missingKeys(trailing, sides, '2026-11-01')).toEqual([]);
    expect(upstreamKeys(trailing, sides, '2026-11-01')).toEqual(['2026-11-01']);
  });

  test('miss the last one where it has not ended, and have those before it', () => {
    // A Wednesday.
    const sides = sidesAt(days, weeks);
    expect(missingKeys(trailing, sides, '2026-11-24')).toEqual(['2026-11-23']);
    expect(upstreamKeys(trailing, sides, '2026-11-24')).toEqual(['2026-11-16']);
    expect(missingKeys(trailing, sides, '2026-11-22')).toEqual([]);
    expect(upstreamKeys(trailing, sides, '2026-11-22')).toEqual(['2026-11-09', '2026-11-16']);
  });

  test('are none of a window from before they begin, nor long after they end', () => {
    const own = daily({ start: '2026-08-01' });
    const short = daily({ start: '2026-09-01', end: '2026-09-03' });
    const sides = sidesAt(own, short);
    for (const key of ['2026-08-31', '2026-09-20']) {
      expect(missingKeys(trailing, sides, key)).toEqual([key]);
      expect(upstreamKeys(trailing, sides, key)).toEqual([]);
    }
    expect(upstreamKeys(trailing, sides, '2026-09-03')).toEqual(['2026-09-02']);
  });
});

describe('a key that is needed and does not exist', () => {
  test('is the last of none', () => {
    expect(missingKeys({ kind: 'last' }, sidesAt(null, daily({ start: '2027-01-01' })), null)).toEqual([
      'latest',
    ]);
    expect(missingKeys({ kind: 'last' }, sidesAt(null, days), null)).toEqual([]);
    expect(missingKeys({ kind: 'all' }, sidesAt(null, daily({ start: '2027-01-01' })), null)).toEqual([]);
  });

  test('is one that a mapping names', () => {
    const customers = sidesAt(regions, dynamicPartitions('customers'));
    const named: Mapping = { kind: 'static', keys: { eu: ['acme', 'zeta'] } };
    expect(missingKeys(named, customers, 'eu')).toEqual(['zeta']);
    expect(missingKeys(named, customers, 'us')).toEqual([]);
    const custom = sidesAt(regions, dynamicPartitions('customers'), NOW, {
      upstream: () => ['zeta', 'acme', 'zeta'],
    });
    expect(missingKeys({ kind: 'custom' }, custom, 'eu')).toEqual(['zeta']);
    expect(missingKeys({ kind: 'identity' }, customers, 'eu')).toEqual(['eu']);
  });

  test('is one of a dimension', () => {
    const both = twoDimensions({ day: days, region: regions });
    const own: Mapping = { kind: 'own-dimension', name: 'region' };
    expect(missingKeys(own, sidesAt(both, staticPartitions(['eu'])), '2026-11-02/us')).toEqual(['us']);
    const ofDep: Mapping = { kind: 'dep-dimension', name: 'region' };
    const more = staticPartitions(['eu', 'us', 'apac']);
    expect(missingKeys(ofDep, sidesAt(more, both), 'apac')).toEqual(['*/apac']);
    expect(missingKeys(ofDep, sidesAt(more, both), 'eu')).toEqual([]);
    expect(
      missingKeys({ ...ofDep, name: 'day' }, sidesAt(daily({ start: '2026-10-31' }), both), '2026-10-31'),
    ).toEqual(['2026-10-31/*']);
  });
});
