import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from '../asset.ts';
import { allPartitions, customMapping, lastPartition, mapPartitions, sameTime, trailing } from './map-dep.ts';
import { upstreamKeys } from './mapping.ts';
import {
  checkKeys,
  cronWindows,
  daily,
  hourly,
  dynamicPartitions,
  monthly,
  staticPartitions,
  twoDimensions,
  weekly,
} from './partitions.ts';
import { partitionSet } from './set.ts';

const scene = { now: Date.UTC(2027, 0), dynamicKeys: () => ['acme'] };
const setOf = (partitions: { readonly spec: Parameters<typeof partitionSet>[0] }) =>
  partitionSet(partitions.spec, scene);
const march = { start: '2026-03-01', end: '2026-04-01' };

describe('partitions are refused', () => {
  test.each([
    ['with an empty key', '', 'is empty'],
    ['with a key that no path takes', 'x'.repeat(101), 'is longer than 100 characters'],
    ['with a key whose bytes no path takes', '漢'.repeat(23), 'is too long for the name of a file'],
    ['with a key that is too long once escaped', "'".repeat(67), 'is too long for the name of a file'],
    ['with half of a character', 'half \ud83d', 'has half of a character'],
    ['with a word that names another', 'latest', 'means the last one'],
    ['with a slash', 'a/b', 'has a slash'],
    ['with a line break', 'a\nb', 'a control character'],
    ['with what means a range', 'a...b', 'three dots'],
    ['with a space at the end', 'a ', 'begins or ends with a space'],
  ])('%s', (_name, key, problem) => {
    expect(() => checkKeys(['fine', key])).toThrow(problem);
    expect(() => checkKeys(['fine', key])).toThrow('PARTITION_KEY_INVALID');
  });

  test('with keys that are there twice, or that a disk holds for one', () => {
    expect(() => staticPartitions(['a', 'b', 'a'])).toThrow('"a" is there twice');
    expect(() => staticPartitions(['EU', 'eu'])).toThrow('"eu" and "EU" differ only in case');
  });

  test.each([
    [
      'a name that no command line takes',
      () => dynamicPartitions('My customers'),
      'not a name for partitions',
    ],
    ['an expression that is none', () => cronWindows({ ...march, cron: 'at noon' }), 'has 2 fields'],
    ['seconds', () => cronWindows({ ...march, cron: '*/20 * * * * *' }), 'has 6 fields'],
    ['a day that never comes', () => cronWindows({ ...march, cron: '0 0 30 2 *' }), 'never comes'],
    ['no keys', () => staticPartitions([]), 'empty list'],
    ['a year that was mistyped', () => hourly({ start: '0202-03-01' }), 'start at 0202-03-01'],
    ['a zone that is none', () => daily({ ...march, timeZone: 'Mars/Base' }), '"Mars/Base" is no time zone'],
    ['a day that is none', () => daily({ start: '2026-02-30' }), '"2026-02-30" is no local time'],
    ['a time that is none', () => daily({ start: 'March' }), '"March" is no local time'],
    [
      'an end before the start',
      () => daily({ start: '2026-03-01', end: '2026-03-01' }),
      'is not after the start',
    ],
    ['one dimension', () => twoDimensions({ day: daily(march) }), '1 dimensions are not two'],
    [
      'dimensions within dimensions',
      () =>
        twoDimensions({ a: staticPartitions(['x']), b: twoDimensions({ c: daily(march), d: daily(march) }) }),
      'The dimension b has two itself',
    ],
    ['a trail of no window', () => trailing(table(), 0), '0 is not a number of windows'],
  ])('for %s', (_name, make, problem) => {
    expect(make).toThrow(problem);
    expect(make).toThrow('ASSET_OPTION_INVALID');
  });
});

const table = (partitions: Parameters<typeof setOf>[0] | undefined = undefined) =>
  asset({
    description: 'd',
    partitions: partitions as never,
    schema: z.object({ day: z.string() }),
    materialize: () => [],
  });

describe('an asset with partitions', () => {
  const base = { description: 'd', materialize: () => undefined } as const;

  test('that is a file says where the key goes', () => {
    expect(() => asset({ ...base, partitions: daily(march), file: 'a.txt' })).toThrow('where the key goes');
    expect(() => asset({ ...base, file: 'a-{partition}.txt' })).toThrow('is for files with partitions');
    const { output } = asset({ ...base, partitions: daily(march), file: 'a-{partition}.txt' });
    expect(output).toEqual({ type: 'file', path: 'a-{partition}.txt' });
  });

  test('does not get too old', () => {
    const options = { description: 'd', value: z.number(), freshness: { maxAge: '1d' } } as const;
    expect(() => asset({ ...options, partitions: daily(march), materialize: () => 1 })).toThrow(
      'cannot get too old',
    );
  });

  test('is made in one go only where its rows say to which partition they belong', () => {
    const rows = { description: 'd', schema: z.object({ day: z.string() }), materialize: () => [] } as const;
    const whole = { ...rows, backfill: 'single-run' } as const;
    expect(asset({ ...whole, partitions: daily(march), partitionColumn: 'day' }).backfill).toEqual({
      column: 'day',
    });
    expect(asset({ ...rows, partitions: daily(march), backfill: 'per-partition' }).backfill).toBeNull();
    for (const given of [
      whole,
      { ...whole, partitions: daily(march) },
      { ...whole, partitionColumn: 'day' } as const,
    ])
      expect(() => asset(given)).toThrow('needs a `partitionColumn` of the schema');
  });
});

describe('a dep with a mapping', () => {
  const days = table(daily(march));
  const sides = (
    own: Parameters<typeof setOf>[0] | null,
    custom: { upstream(key: string): string[] } | null = null,
  ) => ({
    own: own && setOf(own),
    dep: setOf(daily(march)),
    custom,
  });

  test('is the asset itself to everybody else, and knows which partitions', () => {
    for (const dep of [allPartitions(days), lastPartition(days), sameTime(days), trailing(days, 3)]) {
      expect(dep.mapped?.asset).toBe(days);
      expect(dep.description).toBe('d');
    }
    expect(allPartitions(days).mapped?.mapping).toEqual({ kind: 'all' });
    expect(lastPartition(days).mapped?.mapping).toEqual({ kind: 'last' });
    expect(sameTime(days).mapped?.mapping).toEqual({ kind: 'windows' });
    expect(trailing(days, 3).mapped?.mapping).toEqual({ kind: 'trailing', count: 3 });
  });

  test('that lists them takes one or several for each key, and leaves out what is not there', () => {
    const regions = staticPartitions(['all', 'first', 'none']);
    const listed = mapPartitions(days, {
      all: ['2026-03-02', '2026-03-01', '2030-01-01'],
      first: '2026-03-01',
    });
    const mapping = listed.mapped?.mapping ?? { kind: 'all' as const };
    expect(upstreamKeys(mapping, sides(regions), 'all')).toEqual(['2026-03-02', '2026-03-01']);
    expect(upstreamKeys(mapping, sides(regions), 'first')).toEqual(['2026-03-01']);
    expect(upstreamKeys(mapping, sides(regions), 'none')).toEqual([]);
  });

  test('that a function says takes what is there, in the order of the partitions', () => {
    const custom = { upstream: (key: string) => [`${key}-02`, `${key}-01`, `${key}-99`] };
    const { mapped } = customMapping(days, custom);
    expect(mapped?.custom).toBe(custom);
    const months = monthly(march);
    expect(upstreamKeys({ kind: 'custom' }, sides(months, custom), '2026-03')).toEqual([
      '2026-03-01',
      '2026-03-02',
    ]);
    expect(upstreamKeys({ kind: 'custom' }, sides(months), '2026-03')).toEqual([]);
  });

  test('that looks back ends where the window ends, and begins where the first is', () => {
    const mapping = { kind: 'trailing', count: 3 } as const;
    expect(upstreamKeys(mapping, sides(daily(march)), '2026-03-02')).toEqual(['2026-03-01', '2026-03-02']);
    expect(upstreamKeys(mapping, sides(weekly(march)), '2026-03-02')).toEqual([
      '2026-03-06',
      '2026-03-07',
      '2026-03-08',
    ]);
    expect(upstreamKeys(mapping, sides(daily({ start: '2030-01-01' })), '2030-01-01')).toEqual([]);
  });
});

describe('a set', () => {
  const both = setOf(
    twoDimensions({ day: daily({ ...march, end: '2026-03-03' }), region: staticPartitions(['eu', 'us']) }),
  );

  test('in two dimensions knows the sides of a key, its time and its place', () => {
    expect(both.keys).toEqual(['2026-03-01/eu', '2026-03-01/us', '2026-03-02/eu', '2026-03-02/us']);
    expect(both.keys.map((key) => both.indexOf(key))).toEqual([0, 1, 2, 3]);
    expect(both.partsOf('2026-03-02/us')).toEqual({ day: '2026-03-02', region: 'us' });
    expect(both.dimension('region')?.keys).toEqual(['eu', 'us']);
    expect(both.dimension('colour')).toBeUndefined();
    expect(both.boundsOf('2026-03-02/us')).toEqual([Date.UTC(2026, 2, 2), Date.UTC(2026, 2, 3)]);
    expect(both.windowOf('2026-03-02/us')?.end).toEqual(new Date(Date.UTC(2026, 2, 3)));
    const twice = setOf(twoDimensions({ day: daily(march), since: monthly(march) }));
    expect(twice.boundsOf('2026-03-02/2026-03')).toEqual([
      ...[Date.UTC(2026, 2, 2), Date.UTC(2026, 2, 3)],
      ...[Date.UTC(2026, 2, 1), Date.UTC(2026, 3, 1)],
    ]);
    expect([both.has('2026-03-02'), both.has('2026-03-02/mars'), both.has('2026-03-02/us/x')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('in two dimensions shares time by the side that is about time', () => {
    const window = { start: new Date(Date.UTC(2026, 2, 2, 5)), end: new Date(Date.UTC(2026, 2, 9)) };
    expect(both.overlapping(window)).toEqual(['2026-03-02/eu', '2026-03-02/us']);
    const timeless = setOf(twoDimensions({ a: staticPartitions(['x']), b: staticPartitions(['y']) }));
    expect([timeless.overlapping(window), timeless.boundsOf('x/y'), timeless.windowOf('x/y')]).toEqual([
      [],
      null,
      null,
    ]);
  });

  test('of a list has no time, and the keys that it was given', () => {
    const customers = setOf(dynamicPartitions('customers'));
    expect(customers.keys).toEqual(['acme']);
    expect([customers.partsOf('acme'), customers.dimension('x'), customers.windowOf('acme')]).toEqual([
      null,
      undefined,
      null,
    ]);
    expect(customers.overlapping({ start: new Date(0), end: new Date(1) })).toEqual([]);
  });

  test('finds a key wherever it was asked before', () => {
    const { keys, indexOf } = { keys: setOf(daily(march)).keys, indexOf: setOf(daily(march)) };
    for (const place of [0, 0, 1, 5, 4, 30, 0]) expect(indexOf.indexOf(keys[place] ?? '')).toBe(place);
    expect(indexOf.indexOf('2030-01-01')).toBe(-1);
    expect(indexOf.indexOf(keys[0] ?? '')).toBe(0);
  });
});
