import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import { type AssetRecord, hashText } from '@nx-assets/storage/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inputsOf, toStepInputs } from './inputs.ts';
import { Partitioning, type PartitionKey } from './partitioning.ts';
import { afterDays, DAYS, manifestOf, REGIONS } from './contracts/sample-manifests.ts';

const regions = manifestOf('lab/regions', { partitions: REGIONS });
const whole = manifestOf('lab/whole');
const total = manifestOf('lab/total', { deps: { regions, whole } });
const partitioningOf = (given: readonly AssetManifest[], days = 3): Partitioning =>
  new Partitioning(new Map(given.map((one) => [one.key, one])), {
    now: afterDays(days),
    dynamicKeys: () => [],
    custom: () => null,
  });
const partitioning = partitioningOf([regions, whole, total]);

type Versions = Readonly<Record<string, DataVersion | null>>;
const version = (text: string) => hashText(text) as DataVersion;
const idOf = (key: AssetKey, partition: PartitionKey) => `${key}${partition === null ? '' : `/${partition}`}`;
const VERSIONS: Versions = {
  'lab/regions/eu': version('eu'),
  'lab/regions/us': version('us'),
  'lab/whole': version('whole'),
};
const read = (versions: Versions) =>
  inputsOf(total, null, partitioning, (key, one) => versions[idOf(key, one)] ?? null);

describe('the inputs of a step', () => {
  test('name each dep by alias, and of one with partitions each that is read', () => {
    const { regions: parts, whole: one } = read(VERSIONS);
    expect(one).toEqual({ key: 'lab/whole', dataVersion: version('whole') });
    expect(parts).toMatchObject({
      key: 'lab/regions',
      partitions: { eu: version('eu'), us: version('us') },
    });
    expect(parts?.dataVersion).toMatch(/^[0-9a-f]{64}$/);
  });

  test('are only the partitions that a partition is made from', () => {
    const own = manifestOf('lab/own', { partitions: REGIONS, deps: { regions } });
    const inputs = inputsOf(own, 'us', partitioningOf([regions, own]), (_, one) => version(String(one)));
    expect(inputs.regions?.partitions).toEqual({ us: version('us') });
  });

  test('have a version as long as no part of them is missing, and another one if and only if a part has', () => {
    const some = fc.option(fc.constantFrom('a', 'b').map(version), { nil: null });
    const both = fc.record({ eu: some, us: some });
    const versionFor = ({ eu, us }: { eu: DataVersion | null; us: DataVersion | null }) =>
      read({ 'lab/regions/eu': eu, 'lab/regions/us': us }).regions?.dataVersion ?? null;
    fc.assert(
      fc.property(both, both, (one, other) => {
        expect(versionFor(one) === null).toBe(one.eu === null || one.us === null);
        if (versionFor(one) === null || versionFor(other) === null) return;
        expect(versionFor(one) === versionFor(other)).toBe(one.eu === other.eu && one.us === other.us);
      }),
    );
  });

  test('of a dep that has no partitions yet are there, and change with the first', () => {
    const days = manifestOf('lab/days', { partitions: DAYS });
    const made = manifestOf('lab/made', { deps: { days } });
    const at = (count: number) =>
      inputsOf(made, null, partitioningOf([days, made], count), () => version('x')).days;
    expect(at(0)?.partitions).toEqual({});
    expect(at(0)?.dataVersion).not.toBeNull();
    expect(at(1)?.dataVersion).not.toBe(at(0)?.dataVersion);
  });
});

describe('inputs as a step opens them', () => {
  const recordOf = (key: AssetKey, partition: PartitionKey) =>
    ({ key, partition, dataVersion: VERSIONS[idOf(key, partition)] }) as AssetRecord;

  test('have the record of every part, and say how a dep with partitions is given', () => {
    const inputs = toStepInputs(read(VERSIONS), partitioning, recordOf);
    expect(inputs.whole).toMatchObject({
      partitioned: null,
      records: [{ key: 'lab/whole', partition: null }],
    });
    expect(inputs.regions?.partitioned).toEqual(regions.output);
    expect(inputs.regions?.records.map(({ partition }) => partition)).toEqual(['eu', 'us']);
  });

  test('leave out what is not whole', () => {
    const inputs = toStepInputs(read({ ...VERSIONS, 'lab/regions/us': null }), partitioning, recordOf);
    expect(Object.keys(inputs)).toEqual(['whole']);
  });
});
