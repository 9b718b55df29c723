import { mkdtempSync, readFileSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetKey, type DataVersion } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { hashText } from './hash.ts';
import type { AssetRecord } from './record.ts';
import { recordOf } from './record-fixture.ts';
import { RecordRows, type StampedRecord } from './record-rows.ts';

const root = mkdtempSync(join(tmpdir(), 'record-rows-'));
const path = join(root, 'days.json');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const statsOf = (ino: number): Stats => ({ ctimeMs: ino + 0.25, ino, size: ino * 2 }) as Stats;
const looked = (record: AssetRecord, ino = 7, hash: string = record.dataVersion): StampedRecord => ({
  record,
  stats: statsOf(ino),
  hash,
});
const everything = () => true;
const writtenAndRead = (
  rows: RecordRows,
  isKept: (name: string) => boolean = everything,
  folder: number | null = null,
): RecordRows => {
  rows.write(path, isKept, folder);
  return RecordRows.read(path);
};

/** All that a row says, by the name of its partition. */
const shown = (rows: RecordRows, partition: string): object | null => {
  const place = rows.find(partition);
  if (place < 0) return null;
  return {
    actionKey: rows.get(place, 'actionKey'),
    dataVersion: rows.get(place, 'dataVersion'),
    onDisk: rows.bytesOnDisk(place),
    inputs: rows.inputs(place),
    shared: rows.shared(place),
    fields: (['runId', 'bytes', 'rowCount', 'finishedAt'] as const).map((name) => rows.get(place, name)),
  };
};
const expected = ({ record, hash }: StampedRecord): object => ({
  actionKey: record.actionKey,
  dataVersion: record.dataVersion,
  onDisk: hash,
  inputs: record.inputs,
  shared: { code: record.code, env: record.env, config: record.config },
  fields: [record.runId, record.value.bytes, record.value.rowCount, Date.parse(record.finishedAt)],
});

describe('rows', () => {
  test('say of a record what was put, before and after they lay in a file', () => {
    const raw = { key: assetKey('lab', 'raw'), dataVersion: hashText('raw') as DataVersion };
    const full = recordOf('b', 'two', {
      inputs: { raw },
      env: { REGION: 'e' },
      config: { environment: 'dev', fields: { a: 'h' }, values: { a: 1 } },
      value: { ...recordOf('b', 'two').value, rowCount: 0, bytes: 2 ** 40 },
    });
    const all = [
      looked(recordOf('a', 'one'), 1),
      looked(full, 2, hashText('edited')),
      looked(recordOf('c', 'é'), 3),
    ];
    const rows = RecordRows.empty();
    for (const one of all) rows.put(one);
    for (const one of [rows, writtenAndRead(rows)]) {
      expect(one.names).toEqual(['a', 'b', 'c']);
      for (const given of all) expect(shown(one, given.record.partition ?? '')).toEqual(expected(given));
    }
  });

  test('know the value that was looked at by its stamp', () => {
    const rows = RecordRows.empty();
    const place = rows.put(looked(recordOf('a', 'one'), 5));
    const stats = statsOf(5);
    expect(rows.isOf(place, stats)).toBe(true);
    expect(rows.isOf(place, { ...stats, ctimeMs: 1 } as Stats)).toBe(false);
    expect(rows.isOf(place, { ...stats, ino: 1 } as Stats)).toBe(false);
    expect(rows.isOf(place, { ...stats, size: 1 } as Stats)).toBe(false);
  });

  test('keep of inputs what decides, not which partitions were read', () => {
    const raw = { key: assetKey('lab', 'raw'), dataVersion: hashText('raw') as DataVersion };
    const inputs = { raw: { ...raw, partitions: { eu: raw.dataVersion } } };
    const rows = RecordRows.empty();
    expect(rows.inputs(rows.put(looked(recordOf('a', 'x', { inputs }))))).toEqual({ raw });
  });

  test('have none for a record of no partition', () => {
    const rows = RecordRows.empty();
    expect(rows.put(looked(recordOf('a', 'x', { partition: null })))).toBe(-1);
    expect(rows.names).toEqual([]);
  });

  test('give up a name with what it stood for, and the newest counts', () => {
    const rows = RecordRows.empty();
    const before = rows.put(looked(recordOf('a', 'old')));
    const after = rows.put(looked(recordOf('a', 'new')));
    expect(after).not.toBe(before);
    expect(rows.find('a')).toBe(after);
    rows.drop('a');
    rows.drop('nobody');
    expect(rows.find('a')).toBe(-1);
    expect(writtenAndRead(rows).names).toEqual([]);
  });

  test('in a file are those that are kept, with when their folder had changed', () => {
    const rows = RecordRows.empty();
    for (const name of ['a', 'b', 'c']) rows.put(looked(recordOf(name, name), 1, hashText(`edited ${name}`)));
    const read = writtenAndRead(rows, (name) => name !== 'b', 1234.5);
    expect([read.names, read.folder]).toEqual([['a', 'c'], 1234.5]);
    expect(read.bytesOnDisk(read.find('c'))).toBe(hashText('edited c'));
    expect(writtenAndRead(rows).folder).toBeNull();
  });

  test('are after any changes, and any number of processes, what a map would have', () => {
    const name = fc.constantFrom('a', 'b', 'c', '2026-03-01', 'day/us');
    const raw = { key: assetKey('lab', 'raw'), dataVersion: hashText('raw') as DataVersion };
    const put = fc.record({
      name,
      text: fc.string({ maxLength: 3 }),
      edited: fc.boolean(),
      fed: fc.boolean(),
    });
    const action = fc.oneof(put, put, fc.record({ drop: name }), fc.constant('restart' as const));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 25 }), (actions) => {
        let rows = RecordRows.empty();
        const model = new Map<string, StampedRecord>();
        actions.forEach((one, at) => {
          if (one === 'restart') rows = writtenAndRead(rows);
          else if ('drop' in one) {
            rows.drop(one.drop);
            model.delete(one.drop);
          } else {
            const record = recordOf(one.name, one.text, {
              runId: `run-${at % 3}`,
              inputs: one.fed ? { raw } : {},
            });
            const given = looked(record, at, one.edited ? hashText('edited') : record.dataVersion);
            rows.put(given);
            model.set(one.name, given);
          }
          for (const partition of ['a', 'b', 'c', '2026-03-01', 'day/us']) {
            const given = model.get(partition);
            expect(shown(rows, partition)).toEqual(given ? expected(given) : null);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test('are found among many', () => {
    const rows = RecordRows.empty();
    const names = Array.from({ length: 2_500 }, (_, at) => `p${at}`);
    for (const name of names) rows.put(looked(recordOf(name, name)));
    const read = writtenAndRead(rows);
    expect(read.names).toEqual(names);
    for (const name of ['p0', 'p1023', 'p1024', 'p2499']) {
      expect(read.get(read.find(name), 'dataVersion')).toBe(hashText(name));
    }
  });
});

describe('a file of rows that cannot be trusted', () => {
  const whole = (() => {
    const rows = RecordRows.empty();
    for (const name of ['a', 'b']) rows.put(looked(recordOf(name, name)));
    rows.write(path, everything, 5);
    return readFileSync(path);
  })();
  const read = (bytes: Buffer) => {
    writeFileSync(path, bytes);
    return RecordRows.read(path);
  };

  test('has no rows where it is not there, or of another version', () => {
    expect(RecordRows.read(join(root, 'nothing')).names).toEqual([]);
    expect(read(whole).names).toEqual(['a', 'b']);
    const other = Buffer.from(whole);
    other.write('"version":9', other.indexOf('"version":5'));
    expect([read(other).names, read(other).folder]).toEqual([[], null]);
  });

  test('has none wherever it was torn', () => {
    for (let length = 0; length < whole.length; length += 7) {
      expect(read(whole.subarray(0, length)).names).toEqual([]);
    }
    expect(read(Buffer.concat([whole, Buffer.alloc(1)])).names).toEqual([]);
  });

  test('has none where anything in it is another', () => {
    for (let at = whole.indexOf(10); at < whole.length; at += 5) {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(read(other).names).toEqual([]);
    }
    for (const text of ['null', '[]', '{"version":5}', '{"version":5,"crc":0,"shared":[]}'])
      expect(read(Buffer.from(text)).names).toEqual([]);
  });
});
