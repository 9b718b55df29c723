import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assetKey, type DataVersion } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashText } from './hash.ts';
import { absolute, recordPath } from './layout.ts';
import { type AssetRecord, readRecord, type RecordReading, writeRecord } from './record.ts';
import { assetRecordSchema } from './record-schema.ts';

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

const check = { name: 'c', description: 'd', severity: 'warn', passed: true, facts: { rows: 1 }, rows: [1] };
const RUNS = fc.readConfigureGlobal().numRuns ?? 300;

/** What is found has everything that the published schema promises, but for what no reader looks at. */
function expectSafe(reading: RecordReading): void {
  if (reading.status !== 'found') return expect(reading.status).toBe('unreadable');
  const { error } = assetRecordSchema.safeParse(reading.record);
  const broken = (error?.issues ?? []).filter(({ code, path }) => {
    const [first] = path;
    return code === 'invalid_type' && first !== 'partition' && first !== 'preview' && first !== 'metadata';
  });
  // Rows and facts may be anything, and a column of a type that nobody knows is shown as it is.
  expect(broken.filter(({ path }) => path[0] !== 'value' || path[1] !== 'columns')).toEqual([]);
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, part]) => pathsOf(part, [...path, name]))];
}

function replace(value: unknown, [first, ...rest]: readonly string[], part: unknown): unknown {
  if (first === undefined) return part;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[first] = replace(copy[first], rest, part);
  return copy;
}

let root = '';
const put = (content: string | Buffer) => writeFileSync(absolute(root, recordPath(key)), content);
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'record-'));
});
beforeEach(() => mkdirSync(dirname(absolute(root, recordPath(key))), { recursive: true }));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a record', { timeout: 60_000 }, () => {
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
    ['value', null, 'its value is not what it should be'],
    ['code', undefined, 'its code is not what it should be'],
    ['inputs', null, 'its inputs is not what it should be'],
    ['checks', undefined, 'its checks is not what it should be'],
    ['startedAt', 'soon', 'its startedAt is not what it should be'],
  ])('whose %s is %j says what is wrong', (field, value, problem) => {
    put(JSON.stringify({ ...record, [field]: value }));
    expect(readRecord(root, key)).toEqual({ status: 'unreadable', problem });
  });

  test('with wrong bytes anywhere is unreadable, or still one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: text.length }), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
        (wrong) => {
          const bytes = Buffer.from(text);
          for (const [at, byte] of wrong) bytes[at] = byte;
          put(bytes);
          expectSafe(readRecord(root, key));
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('with anything in place of a part, or without it, is unreadable, or still one', () => {
    const full = { ...record, checks: [check], statistics: { a: { nulls: 0, min: '1', max: null } } };
    const paths = pathsOf(full);
    expect(paths.length).toBeGreaterThan(40);
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.option(fc.jsonValue(), { nil: undefined }), (path, part) => {
        put(JSON.stringify(replace(full, path, part)) ?? '');
        expectSafe(readRecord(root, key));
      }),
      { numRuns: RUNS },
    );
  });

  test('that is whole is one, with all that it may hold', () => {
    put(JSON.stringify({ ...record, checks: [check] }));
    expect(readRecord(root, key).status).toBe('found');
  });

  test('that is a folder is unreadable', () => {
    rmSync(absolute(root, recordPath(key)), { force: true });
    mkdirSync(absolute(root, recordPath(key)));
    expect(readRecord(root, key).status).toBe('unreadable');
    rmSync(absolute(root, recordPath(key)), { recursive: true });
  });
});
