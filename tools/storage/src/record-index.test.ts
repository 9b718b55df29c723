import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetManifest } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { writeAtomic } from './atomic.ts';
import { hashText } from './hash.ts';
import { absolute, partitionsFolder, recordIndexPath, recordPath, valuePath } from './layout.ts';
import { readRecord, type RecordReading, writeRecord } from './record.ts';
import { DAYS, recordOf } from './record-fixture.ts';
import { RecordIndex } from './record-index.ts';

const root = mkdtempSync(join(tmpdir(), 'record-index-'));
const folder = absolute(root, partitionsFolder(DAYS.key));
const indexFile = absolute(root, recordIndexPath(DAYS.key));
/** More than are read from their files one by one. */
const MANY = Array.from({ length: 70 }, (_, at) => `p${String(at).padStart(2, '0')}`);

const indexOf = (kind: 'static' | 'product' = 'static'): RecordIndex =>
  new RecordIndex(root, { ...DAYS, partitions: { kind } } as Pick<
    AssetManifest,
    'key' | 'output' | 'partitions'
  >);
const pathOf = (partition: string) => absolute(root, valuePath(DAYS.key, DAYS.output, partition));
const recordFile = (partition: string) => absolute(root, recordPath(DAYS.key, partition));

/** Makes a partition as a run does: the value and its record replace what was there. */
function make(partition: string, text = partition) {
  const record = recordOf(partition, text);
  writeAtomic(pathOf(partition), text);
  writeRecord(root, record);
  return record;
}
function remove(partition: string): void {
  rmSync(pathOf(partition), { force: true });
  rmSync(recordFile(partition), { force: true });
}
/** As if the folder had last changed a while ago. */
const settle = (at = 1_000_000) => utimesSync(folder, at, at);
/** Looks at so many that the index is read. */
function lookAtMany(index: RecordIndex): RecordIndex {
  for (const partition of MANY) index.reading(partition);
  return index;
}
/** What a record says, with what is only in its file. */
function said(reading: RecordReading): object | string {
  if (reading.status !== 'found') return reading.status;
  const { key, partition, actionKey, dataVersion, code, env, runId, inputs, finishedAt } = reading.record;
  const { observedAt, startedAt, metadata, engine, statistics, checks, preview, recordVersion } =
    reading.record;
  const { type, path, bytes, rowCount, columns } = reading.record.value;
  return {
    ...{
      key,
      partition,
      actionKey,
      dataVersion,
      code,
      env,
      runId,
      inputs,
      finishedAt,
      observedAt,
      startedAt,
    },
    ...{ metadata, engine, statistics, checks, preview, recordVersion, config: reading.record.config },
    value: { type, path, bytes, rowCount, columns },
  };
}
const inFile = (partition: string) => said(readRecord(root, DAYS.key, partition));

beforeEach(() => {
  for (const name of ['output', '.nx']) rmSync(join(root, name), { recursive: true, force: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('the records of partitions', () => {
  test('say the same whether they are few or many, and in the next process', () => {
    for (const partition of MANY) make(partition);
    const all = MANY.map(inFile);
    expect(MANY.slice(0, 3).map((one) => said(indexOf().reading(one)))).toEqual(all.slice(0, 3));
    const first = lookAtMany(indexOf());
    expect(MANY.map((one) => said(first.reading(one)))).toEqual(all);
    first.save();
    const second = lookAtMany(indexOf());
    expect(MANY.map((one) => said(second.reading(one)))).toEqual(all);
    expect(MANY.map((one) => second.bytesOnDisk(one))).toEqual(MANY.map(hashText));
  });

  test('that nobody made are missing, one by one and among many', () => {
    const few = indexOf();
    expect([few.reading('p00'), few.has('p00'), few.bytesOnDisk('p00')]).toEqual([
      { status: 'missing' },
      false,
      null,
    ]);
    expect(few.sum(['p00'])).toEqual({ rowCount: null, bytes: null, finishedAt: null });
    make('p00');
    const many = lookAtMany(indexOf());
    expect([many.has('p00'), many.has('p01'), many.reading('p01').status]).toEqual([true, false, 'missing']);
  });

  test('of two dimensions lie in folders of folders, and any key is a file name', () => {
    const keys = ['2026-03-01/eu', '2026-03-02/eu west', 'é/.a'];
    for (const key of keys) make(key);
    const index = lookAtMany(indexOf('product'));
    expect(keys.map((key) => index.has(key))).toEqual([true, true, true]);
    expect(keys.map((key) => said(index.reading(key)))).toEqual(keys.map(inFile));
    expect(index.has('2026-03-01/eu west')).toBe(false);
  });

  test('that are torn are unreadable each time, and make the others no worse', () => {
    for (const partition of MANY) make(partition);
    writeFileSync(recordFile('p05'), '{');
    const first = lookAtMany(indexOf());
    expect([first.reading('p05').status, first.reading('p06').status]).toEqual(['unreadable', 'found']);
    first.save();
    const second = lookAtMany(indexOf());
    expect([second.reading('p05').status, second.reading('p06').status]).toEqual(['unreadable', 'found']);
  });

  test('without a value are what their file says, and no bytes are on disk', () => {
    make('p00');
    rmSync(pathOf('p00'));
    const index = lookAtMany(indexOf());
    expect(said(index.reading('p00'))).toEqual(inFile('p00'));
    expect(index.bytesOnDisk('p00')).toBeNull();
  });

  test('of a value that was edited by hand say what was made, beside the hash of what lies there', () => {
    for (const partition of MANY) make(partition);
    lookAtMany(indexOf()).save();
    writeFileSync(pathOf('p03'), 'edited');
    const second = lookAtMany(indexOf());
    expect(second.bytesOnDisk('p03')).toBe(hashText('edited'));
    expect(said(second.reading('p03'))).toEqual(inFile('p03'));
    second.save();
    expect(lookAtMany(indexOf()).bytesOnDisk('p03')).toBe(hashText('edited'));
  });

  test('add up', () => {
    for (const partition of MANY) make(partition, 'four');
    const later = recordOf('p01', 'four', { finishedAt: '2026-03-05T00:00:00.000Z' });
    writeRecord(root, { ...later, value: { ...later.value, rowCount: 5 } });
    const expected = { rowCount: 5, bytes: 12, finishedAt: Date.UTC(2026, 2, 5) };
    const asked = ['p00', 'p01', 'p02', 'nobody'];
    expect(indexOf().sum(asked)).toEqual(expected);
    expect(lookAtMany(indexOf()).sum(asked)).toEqual(expected);
  });
});

describe('what is remembered', () => {
  test('holds until somebody says that it may be old', () => {
    for (const partition of MANY) make(partition);
    const index = lookAtMany(indexOf());
    make('p04', 'new');
    remove('p05');
    expect(said(index.reading('p04'))).toMatchObject({ dataVersion: hashText('p04') });
    for (const partition of ['p04', 'p05']) index.forget(partition);
    expect([index.has('p04'), index.has('p05')]).toEqual([true, false]);
    expect(said(index.reading('p04'))).toEqual(inFile('p04'));
    expect(index.reading('p05').status).toBe('missing');
  });

  test('of the bytes is not trusted either, once it may be old', () => {
    for (const partition of MANY) make(partition);
    const index = lookAtMany(indexOf());
    make('p04', 'new');
    index.forget('p04');
    expect(index.bytesOnDisk('p04')).toBe(hashText('new'));
  });

  test('is what was just made, without a look at its file', () => {
    for (const partition of MANY) make(partition);
    const index = lookAtMany(indexOf());
    index.made(make('p04', 'new'));
    index.made(make('extra', 'more'));
    writeFileSync(recordFile('p04'), 'torn later');
    expect(index.reading('p04')).toMatchObject({ status: 'found', record: { dataVersion: hashText('new') } });
    expect([index.bytesOnDisk('p04'), index.has('extra')]).toEqual([hashText('new'), true]);
    expect(said(index.reading('extra'))).toEqual(inFile('extra'));
  });

  test('of what was made and is gone again is nothing', () => {
    for (const partition of MANY) make(partition);
    const index = lookAtMany(indexOf());
    const record = make('p04', 'new');
    remove('p04');
    index.made(record);
    expect(index.reading('p04').status).toBe('missing');
  });

  test('fails in words where the file of a record that it knows in short is gone', () => {
    for (const partition of MANY) make(partition);
    const reading = lookAtMany(indexOf()).reading('p04');
    remove('p04');
    if (reading.status !== 'found') throw new Error('It was there.');
    expect(reading.record.dataVersion).toBe(hashText('p04'));
    expect(() => reading.record.metadata).toThrow('The record of lab/days [p04] is missing.');
    expect(() => reading.record.value.columns).toThrow('is missing');
  });
});

describe('the file of the index', () => {
  test('is not written for a few', () => {
    make('p00');
    settle(Date.now() / 1_000 + 60);
    const index = indexOf();
    index.reading('p00');
    index.save();
    lookAtMany(index).save();
    expect(existsSync(indexFile)).toBe(false);
  });

  test('stands for records, which are not read again', () => {
    for (const partition of MANY) make(partition);
    lookAtMany(indexOf()).save();
    // In place, so that neither the value nor the folder shows it.
    for (const partition of MANY) writeFileSync(recordFile(partition), 'never read');
    const index = lookAtMany(indexOf());
    expect(MANY.every((one) => index.reading(one).status === 'found')).toBe(true);
    expect(index.reading('p09')).toMatchObject({ record: { dataVersion: hashText('p09') } });
  });

  test('stands for the list of a folder as long as that has not changed', () => {
    for (const partition of MANY) make(partition);
    settle();
    lookAtMany(indexOf()).save();
    rmSync(recordFile('p04'));
    settle();
    expect(lookAtMany(indexOf()).has('p04')).toBe(true); // nobody listed it
    settle(1_000_001);
    expect(lookAtMany(indexOf()).has('p04')).toBe(false);
  });

  test('does not stand for a folder in which this run has made something', () => {
    for (const partition of MANY) make(partition);
    settle();
    const index = lookAtMany(indexOf());
    index.made(make('extra'));
    rmSync(recordFile('p04')); // by somebody else, at the same time
    index.save();
    settle();
    expect(lookAtMany(indexOf()).has('p04')).toBe(false);
  });

  test('stands for no list of what has come to be without a row since', () => {
    for (const partition of MANY) make(partition);
    settle();
    lookAtMany(indexOf()).save();
    const index = lookAtMany(indexOf());
    make('p04', 'new');
    writeFileSync(recordFile('p04'), '{');
    rmSync(pathOf('p05'));
    for (const partition of ['p04', 'p05']) index.forget(partition);
    expect([index.reading('p04').status, index.reading('p05').status]).toEqual(['unreadable', 'found']);
    expect([index.has('p04'), index.has('p05')]).toEqual([true, true]);
  });

  test('does not stand for a folder that may still have been changing', () => {
    for (const partition of MANY) make(partition);
    const soon = Date.now() / 1_000 + 60;
    settle(soon);
    lookAtMany(indexOf()).save();
    rmSync(recordFile('p04'));
    settle(soon);
    expect(lookAtMany(indexOf()).has('p04')).toBe(false);
  });

  test('does not stand for a folder in which it could not read all', () => {
    for (const partition of MANY) make(partition);
    writeFileSync(recordFile('p04'), '{');
    settle();
    lookAtMany(indexOf()).save();
    expect(lookAtMany(indexOf()).has('p04')).toBe(true);
  });

  test('may be torn, or gone: it is made again from the records', () => {
    for (const partition of MANY) make(partition);
    lookAtMany(indexOf()).save();
    const whole = readFileSync(indexFile);
    writeFileSync(indexFile, whole.subarray(0, whole.length / 2));
    const index = lookAtMany(indexOf());
    expect(MANY.map((one) => said(index.reading(one)))).toEqual(MANY.map(inFile));
    index.save();
    expect(readFileSync(indexFile).length).toBe(whole.length);
  });

  test('loses what is no longer there', () => {
    for (const partition of [...MANY, 'late']) make(partition);
    settle();
    const first = lookAtMany(indexOf());
    first.reading('late');
    first.save();
    const before = readFileSync(indexFile).length;
    remove('late');
    settle(1_000_002);
    lookAtMany(indexOf()).save();
    expect(readFileSync(indexFile).length).toBeLessThan(before);
    expect(lookAtMany(indexOf()).has('late')).toBe(false);
  });

  test('is in the way of nobody where the folder is a file', () => {
    mkdirSync(absolute(root, 'output/lab'), { recursive: true });
    writeFileSync(folder, '');
    expect(lookAtMany(indexOf()).has('p00')).toBe(false);
  });
});

test('whatever happens, and is said to have happened, an index says what the files say', () => {
  const partition = fc.constantFrom('p00', 'p01', 'p02', 'new');
  const action = fc.oneof(
    fc.record({ make: partition, isTold: fc.boolean() }),
    fc.record({ remove: partition }),
    fc.record({ tear: partition }),
    fc.record({ edit: partition }),
    fc.constant('restart' as const),
    fc.constant('settle' as const),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 10 }), (actions) => {
      for (const name of ['output', '.nx']) rmSync(join(root, name), { recursive: true, force: true });
      make('p00');
      let index = lookAtMany(indexOf());
      actions.forEach((one, at) => {
        if (one === 'restart') {
          index.save();
          index = lookAtMany(indexOf());
        } else if (one === 'settle') settle(1_000_000 + at);
        else if ('make' in one) {
          const record = make(one.make, `${one.make} ${at}`);
          if (one.isTold) index.made(record);
          else index.forget(one.make);
        } else if ('remove' in one) {
          remove(one.remove);
          index.forget(one.remove);
        } else if ('tear' in one) {
          // A record is replaced with its value, never alone.
          make(one.tear, 'torn');
          writeFileSync(recordFile(one.tear), '{');
          index.forget(one.tear);
        } else {
          writeAtomic(pathOf(one.edit), `edited ${at}`);
          index.forget(one.edit);
        }
        for (const name of ['p00', 'p01', 'p02', 'new']) {
          expect(index.has(name)).toBe(existsSync(recordFile(name)));
          const bytes = existsSync(pathOf(name)) ? hashText(readFileSync(pathOf(name), 'utf8')) : null;
          expect(index.bytesOnDisk(name)).toBe(bytes);
          expect(said(index.reading(name))).toEqual(inFile(name));
          expect(index.bytesOnDisk(name)).toBe(bytes);
        }
      });
    }),
    { numRuns: 60 },
  );
});
