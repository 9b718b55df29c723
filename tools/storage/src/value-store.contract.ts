import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { assetKey, type AssetKey, type DataVersion } from '@nx-assets/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashText } from './hash.ts';
import { valuePath } from './layout.ts';
import { type AssetRecord, readRecord } from './record.ts';
import { recordOf } from './record-fixture.ts';
import { requireIntact, type StagedValue, type ValueAddress, type ValueStore } from './value-store.ts';

/** A store that holds nothing yet. Records are read from `output/` of its root, whatever the store is. */
export interface ValueStoreSetup {
  readonly root: string;
  readonly store: ValueStore;
  close(): void;
}

const output = { type: 'json' } as const;
const address = (name: string, partition: string | null = null): ValueAddress => ({
  key: assetKey('lab', name),
  output,
  partition,
});

/** The record of a value that is `text`. */
function recordFor({ key, partition }: ValueAddress, text: string): AssetRecord {
  const { value, ...rest } = recordOf('', text);
  return { ...rest, key, partition, value: { ...value, path: valuePath(key, output, partition) } };
}

/** What every `ValueStore` does. `open` gives an empty one to each test. */
export function describeValueStore(name: string, open: () => ValueStoreSetup): void {
  describe(`${name} as a value store`, () => {
    let setup: ValueStoreSetup;
    beforeEach(() => {
      setup = open();
    });
    afterEach(() => setup.close());

    const stage = async (at: ValueAddress, text: string): Promise<StagedValue> => {
      const staged = await setup.store.stage(at);
      writeFileSync(staged.path, text);
      return staged;
    };
    const publish = async (at: ValueAddress, text: string): Promise<AssetRecord> => {
      const record = recordFor(at, text);
      await setup.store.publish([{ staged: await stage(at, text), record }]);
      return record;
    };
    const recorded = (key: AssetKey, partition: string | null = null) => {
      const reading = readRecord(setup.root, key, partition);
      return reading.status === 'found' ? reading.record : reading.status;
    };
    const bytesOf = async (record: AssetRecord) => {
      const path = await setup.store.locate(record);
      return path === null ? null : readFileSync(path, 'utf8');
    };
    /** The file that readers of a value are given. */
    const fileOf = async (record: AssetRecord): Promise<string> => {
      const path = await setup.store.locate(record);
      if (path === null) throw new Error('It is there.');
      return path;
    };

    test('shows nobody what is staged', async () => {
      const at = address('a');
      await stage(at, 'one');
      expect(await setup.store.locate(recordFor(at, 'one'))).toBeNull();
      expect(await setup.store.state(recordFor(at, 'one'))).toBe('missing');
      expect(recorded(at.key)).toBe('missing');
    });

    test('gives a value and its record once they are published', async () => {
      const record = await publish(address('a'), 'one');
      expect(await bytesOf(record)).toBe('one');
      expect(await setup.store.state(record)).toBe('intact');
      expect(recorded(record.key)).toEqual(record);
      await expect(requireIntact(setup.store, record)).resolves.toBeUndefined();
    });

    test('replaces what was there', async () => {
      await publish(address('a'), 'one');
      const record = await publish(address('a'), 'two');
      expect(await bytesOf(record)).toBe('two');
      expect(await setup.store.state(record)).toBe('intact');
      expect(recorded(record.key)).toEqual(record);
    });

    test('takes back a value that it held before', async () => {
      const first = await publish(address('a'), 'one');
      await publish(address('a'), 'two');
      await publish(address('a'), 'one');
      expect([await bytesOf(first), await setup.store.state(first)]).toEqual(['one', 'intact']);
    });

    test('publishes several at once', async () => {
      const all = ['a', 'b', 'c'].map((one) => address(one));
      const publications = await Promise.all(
        all.map(async (at) => ({ staged: await stage(at, at.key), record: recordFor(at, at.key) })),
      );
      await setup.store.publish(publications);
      expect(all.map(({ key }) => recorded(key))).toEqual(publications.map(({ record }) => record));
      expect(await Promise.all(publications.map(({ record }) => bytesOf(record)))).toEqual(
        all.map(({ key }) => key),
      );
    });

    test('keeps partitions apart, whatever their keys, also where their bytes are the same', async () => {
      const keys = ['2026-03-01', '2026-03-02', 'é/.a', 'eu west', 'x.record'];
      const records: AssetRecord[] = [];
      for (const key of keys) records.push(await publish(address('days', key), 'same'));
      await setup.store.remove(records[0] as AssetRecord);
      expect(await Promise.all(records.map((record) => setup.store.state(record)))).toEqual([
        'missing',
        ...keys.slice(1).map(() => 'intact'),
      ]);
      expect(keys.slice(1).map((key) => recorded(assetKey('lab', 'days'), key))).toEqual(records.slice(1));
    });

    test('gives two files to two who make the same value, and the last one published stays', async () => {
      const at = address('a');
      const [one, two] = [await stage(at, 'one'), await stage(at, 'two')];
      expect(one.path).not.toBe(two.path);
      await setup.store.publish([{ staged: two, record: recordFor(at, 'two') }]);
      await setup.store.publish([{ staged: one, record: recordFor(at, 'one') }]);
      expect(await bytesOf(recordFor(at, 'one'))).toBe('one');
      expect(recorded(at.key)).toEqual(recordFor(at, 'one'));
    });

    test('leaves nothing of what is discarded, and all of what is published', async () => {
      const at = address('a');
      const dropped = await stage(at, 'one');
      await dropped.discard();
      await dropped.discard();
      expect(existsSync(dropped.path)).toBe(false);
      const staged = await stage(at, 'two');
      await setup.store.publish([{ staged, record: recordFor(at, 'two') }]);
      await staged.discard();
      expect(await setup.store.state(recordFor(at, 'two'))).toBe('intact');
    });

    test('that cannot publish all keeps no record of bytes that are not there', async () => {
      const before = [await publish(address('a'), 'one'), await publish(address('b'), 'one')];
      const whole = await stage(address('a'), 'two');
      const unwritten = await setup.store.stage(address('b'));
      const publishing = setup.store.publish([
        { staged: whole, record: recordFor(address('a'), 'two') },
        { staged: unwritten, record: recordFor(address('b'), 'two') },
      ]);
      await expect(publishing).rejects.toMatchObject({ code: 'STORAGE_WRITE_FAILED' });
      for (const { key } of before) {
        const record = recorded(key);
        if (typeof record === 'object') expect(await setup.store.state(record)).toBe('intact');
        else expect(record).toBe('missing');
      }
    });

    test('tells of a value that was edited, and of one that is gone', async () => {
      const record = await publish(address('a'), 'one');
      writeFileSync(await fileOf(record), 'by hand');
      expect(await setup.store.state(record)).toBe('edited');
      await expect(requireIntact(setup.store, record)).rejects.toMatchObject({ code: 'UPSTREAM_MISSING' });
      rmSync(await fileOf(record));
      expect([await setup.store.state(record), await setup.store.locate(record)]).toEqual(['missing', null]);
      await expect(requireIntact(setup.store, record)).rejects.toMatchObject({ code: 'UPSTREAM_MISSING' });
    });

    test('publishes over what was edited', async () => {
      const record = await publish(address('a'), 'one');
      writeFileSync(await fileOf(record), 'by hand');
      await publish(address('a'), 'one');
      expect([await bytesOf(record), await setup.store.state(record)]).toEqual(['one', 'intact']);
    });

    test('never takes the bytes of another record for those of this one', async () => {
      const first = await publish(address('a'), 'one');
      const other = { ...first, dataVersion: hashText('never made') as DataVersion };
      expect(await setup.store.state(other)).not.toBe('intact');
    });

    test('removes a value with its record, and nothing else', async () => {
      const [gone, kept] = [await publish(address('a'), 'one'), await publish(address('b'), 'one')];
      await setup.store.remove(gone);
      await setup.store.remove(gone);
      expect([await setup.store.state(gone), await setup.store.locate(gone)]).toEqual(['missing', null]);
      expect([recorded(gone.key), recorded(kept.key)]).toEqual(['missing', kept]);
      expect(await setup.store.state(kept)).toBe('intact');
    });
  });
}
