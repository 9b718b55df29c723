import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assetKey, type DataVersion } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashText } from './hash.ts';
import { absolute, recordPath } from './layout.ts';
import { type AssetRecord, readRecord, writeRecord } from './record.ts';

const key = assetKey('sources', 'users');
const record: AssetRecord = {
  recordVersion: 1,
  key,
  partition: null,
  runId: 'r1',
  actionKey: hashText('action'),
  code: { version: 'v', file: 'f', files: { f: 'h' }, packages: {}, definition: 'd', runtime: 'r' },
  inputs: { raw: { key: assetKey('sources', 'raw'), dataVersion: hashText('raw') as DataVersion } },
  env: {},
  observedAt: null,
  dataVersion: hashText('data') as DataVersion,
  value: { type: 'table', path: 'output/sources/users.parquet', bytes: 1, rowCount: 1, columns: [] },
  statistics: null,
  checks: [],
  metadata: { note: 'é😀"\n' },
  preview: [{ a: 1 }],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  engine: {},
};
const text = `${JSON.stringify(record, null, 2)}\n`;

let root = '';
const put = (content: string | Buffer) => writeFileSync(absolute(root, recordPath(key)), content);
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'record-'));
});
beforeEach(() => mkdirSync(dirname(absolute(root, recordPath(key))), { recursive: true }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a record', () => {
  test('comes back as it was written', () => {
    writeRecord(root, record);
    expect(readRecord(root, key)).toEqual({ status: 'found', record });
  });

  test('that is not there is missing', () => {
    expect(readRecord(root, assetKey('sources', 'other'))).toEqual({ status: 'missing' });
  });

  test('cut off after any byte is unreadable, or whole', () => {
    const bytes = Buffer.from(text);
    for (let length = 0; length <= bytes.length; length++) {
      put(bytes.subarray(0, length));
      const reading = readRecord(root, key);
      // The last byte is the newline: without it the record is whole.
      if (length >= bytes.length - 1) expect(reading).toEqual({ status: 'found', record });
      else expect(reading.status).toBe('unreadable');
    }
  });

  test('of a disk that kept the length and lost the bytes is unreadable', () => {
    fc.assert(
      fc.property(fc.nat({ max: text.length - 2 }), (from) => {
        const bytes = Buffer.from(text);
        bytes.fill(0, from);
        put(bytes);
        expect(readRecord(root, key).status).toBe('unreadable');
      }),
    );
  });

  test('holding any other JSON is unreadable', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        put(json);
        expect(readRecord(root, key).status).toBe('unreadable');
      }),
    );
  });

  test.each([
    ['recordVersion', 2, 'record version 2'],
    ['key', 'sources/others', 'it is the record of sources/others'],
    ['dataVersion', 'abc', 'no versions'],
    ['actionKey', null, 'no versions'],
    ['value', null, 'incomplete'],
    ['code', undefined, 'incomplete'],
    ['inputs', null, 'incomplete'],
    ['env', undefined, 'incomplete'],
    ['dataVersion', [hashText('data')], 'no versions'],
    ['runId', 1, 'incomplete'],
    ['inputs', [], 'incomplete'],
    ['value', { type: 'table', path: 1 }, 'incomplete'],
    ['value', { ...record.value, type: 'view' }, 'incomplete'],
    ['value', { ...record.value, columns: [null] }, 'incomplete'],
    ['checks', null, 'incomplete'],
    ['checks', [null], 'incomplete'],
    ['observedAt', 'yesterday', 'incomplete'],
    ['finishedAt', undefined, 'incomplete'],
  ])('whose %s is %j says what is wrong', (field, value, problem) => {
    put(JSON.stringify({ ...record, [field]: value }));
    expect(readRecord(root, key)).toEqual({ status: 'unreadable', problem });
  });

  test('that is a folder is unreadable', () => {
    rmSync(absolute(root, recordPath(key)), { force: true });
    mkdirSync(absolute(root, recordPath(key)));
    expect(readRecord(root, key).status).toBe('unreadable');
    rmSync(absolute(root, recordPath(key)), { recursive: true });
  });
});
