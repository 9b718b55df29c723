import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choosePartitions } from './choose.ts';
import { daily, dynamicPartitions, hourly, staticPartitions, twoDimensions } from './partitions.ts';
import { partitionSet, type PartitionSet } from './set.ts';
import type { PartitionSpec } from './spec.ts';

const setOf = (spec: PartitionSpec, dynamic: readonly string[] = []): PartitionSet =>
  partitionSet(spec, { now: Date.UTC(2027, 0), dynamicKeys: () => dynamic });
const march = { start: '2026-03-01', end: '2026-04-01' };
const regions = staticPartitions(['eu', 'us', 'apac']);
const days = setOf(daily(march).spec);
const both = setOf(twoDimensions({ day: daily({ ...march, end: '2026-03-04' }), region: regions }).spec);

/** What a command line is told of a partition that there is not. */
function refusal(set: PartitionSet, text: string): { code: string; facts: string; remedy: string } {
  try {
    choosePartitions(set, text, 'lab/x');
  } catch (error) {
    return error as { code: string; facts: string; remedy: string };
  }
  throw new Error(`${text} was taken.`);
}

describe('of partitions one chooses', () => {
  test('a key, a list in any order, the last one, or all', () => {
    expect(choosePartitions(days, '2026-03-05', 'lab/x')).toEqual(['2026-03-05']);
    expect(choosePartitions(days, '2026-03-05, 2026-03-02,latest', 'lab/x')).toEqual([
      '2026-03-02',
      '2026-03-05',
      '2026-03-31',
    ]);
    expect(choosePartitions(days, '*', 'lab/x')).toEqual(days.keys);
  });

  test('a range with both of its ends, and either may be left out', () => {
    const place = fc.nat(days.keys.length - 1);
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        const [from, to] = [days.keys[first] ?? '', days.keys[last] ?? ''];
        const chosen = (text: string) => choosePartitions(days, text, 'lab/x');
        expect(chosen(`${from}...${to}`)).toEqual(days.keys.slice(first, last + 1));
        expect(chosen(`${from}...`)).toEqual(days.keys.slice(first));
        expect(chosen(`...${to}`)).toEqual(days.keys.slice(0, last + 1));
      }),
    );
  });

  test('sides of two dimensions, each as if it were alone', () => {
    const chosen = (text: string) => choosePartitions(both, text, 'lab/x');
    expect(chosen('2026-03-02/us')).toEqual(['2026-03-02/us']);
    expect(chosen('*/us')).toEqual(['2026-03-01/us', '2026-03-02/us', '2026-03-03/us']);
    expect(chosen('2026-03-02.../eu')).toEqual(['2026-03-02/eu', '2026-03-03/eu']);
    expect(chosen('latest/*')).toEqual(['2026-03-03/eu', '2026-03-03/us', '2026-03-03/apac']);
  });
});

describe('a partition that is not there', () => {
  test('of a time is told with those around it', () => {
    const { code, facts, remedy } = refusal(days, '2026-03-1x');
    expect([code, facts]).toEqual(['PARTITION_UNKNOWN', 'lab/x has no partition "2026-03-1x".']);
    expect(remedy).toBe(
      'The nearest: 2026-03-18, 2026-03-19, 2026-03-20. There are 31, from 2026-03-01 to 2026-03-31.',
    );
    expect(refusal(days, '2030-01-01').remedy).toContain('2026-03-29, 2026-03-30, 2026-03-31');
    expect(refusal(days, '1999-01-01').remedy).toContain('2026-03-01, 2026-03-02, 2026-03-03');
    expect(refusal(days, '2026-3-7').remedy).toContain('The nearest: 2026-03-07.');
    expect(refusal(days, '2026-03-05...2026-04-09').facts).toContain('"2026-04-09"');
  });

  test('of a list is told with what was perhaps meant, or with the first', () => {
    expect(refusal(setOf(regions.spec), 'eus').remedy).toContain('The nearest: eu.');
    expect(refusal(setOf(regions.spec), 'something else').remedy).toContain('The nearest: eu, us, apac.');
    expect(refusal(setOf(staticPartitions(['one']).spec), 'x').remedy).toContain('There are 1.');
  });

  test('of two dimensions is told by the side that is wrong', () => {
    expect(refusal(both, '2026-03-02/mars').facts).toBe('lab/x, region has no partition "mars".');
    expect(refusal(both, '2026-03-02').facts).toBe('lab/x has no partition "2026-03-02".');
    expect(refusal(both, '/eu').facts).toBe('lab/x, day has no partition "".');
  });

  test('where there are none at all is told how one comes', () => {
    expect(refusal(setOf(dynamicPartitions('customers').spec), 'acme').remedy).toContain('--add <key> lab/x');
    expect(setOf(dynamicPartitions('customers').spec, ['acme']).keys).toEqual(['acme']);
    expect(refusal(setOf(hourly({ start: '2028-01-01' }).spec), 'latest,x').remedy).toContain(
      'a window is there when it has ended',
    );
  });

  test('a range that ends before it begins is refused', () => {
    expect(refusal(days, '2026-03-05...2026-03-04')).toMatchObject({
      facts: 'The range 2026-03-05...2026-03-04 of lab/x ends before it begins.',
      remedy: 'Write the earlier one first.',
    });
  });
});
