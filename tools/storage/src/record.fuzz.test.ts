import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assetKey, type DataVersion } from '@nx-assets/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { hashText } from './hash.ts';
import { absolute, recordPath } from './layout.ts';
import { type AssetRecord, readRecord, type RecordReading } from './record.ts';
import { assetRecordSchema } from './record-schema.ts';

const key = assetKey('sources', 'users');
const record: AssetRecord = {
  recordVersion: 1,
  key,
  partition: null,
  runId: 'r1',
  actionKey: hashText('action'),
  code: {
    version: hashText('code'),
    file: 'packages/sources/src/users.ts',
    files: { 'packages/sources/src/users.ts': hashText('file') },
    packages: { zod: '4.6.7' },
    definition: hashText('definition'),
    runtime: hashText('runtime'),
  },
  inputs: { raw: { key: assetKey('sources', 'raw'), dataVersion: hashText('raw') as DataVersion } },
  env: { URL: hashText('url'), TOKEN: null },
  observedAt: '2026-01-01T00:00:00.000Z',
  dataVersion: hashText('data') as DataVersion,
  value: {
    type: 'table',
    path: 'output/sources/users.parquet',
    bytes: 1,
    rowCount: 1,
    columns: [{ name: 'id', type: 'integer', nullable: false }],
  },
  statistics: { id: { nulls: 0, min: '1', max: '1' } },
  checks: [{ name: 'c', description: 'd', severity: 'warn', passed: true, facts: { rows: 0 }, rows: [] }],
  metadata: { note: 'é😀"\n' },
  preview: [{ id: 1 }],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  engine: { duckdb: '1.5.6' },
};
const bytes = Buffer.from(`${JSON.stringify(record, null, 2)}\n`);
const runs = { numRuns: fc.readConfigureGlobal().numRuns ?? 1000 };

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'record-fuzz-'));
  mkdirSync(dirname(absolute(root, recordPath(key))), { recursive: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What whoever gets a record may count on; all else in it is only shown. */
const Dictionary = z.record(z.string(), z.unknown());
const Time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const { recordVersion, actionKey, dataVersion } = assetRecordSchema.shape;
const Promised = z.looseObject({
  recordVersion,
  key: z.literal(key),
  runId: z.string(),
  actionKey,
  code: z.looseObject({ version: z.string() }),
  inputs: Dictionary,
  env: Dictionary,
  observedAt: Time.nullish(),
  dataVersion,
  value: z.looseObject({
    type: z.enum(['table', 'json', 'file']),
    path: z.string(),
    bytes: z.int(),
    rowCount: z.int().nullish(),
    columns: z.array(z.looseObject({ name: z.string(), type: z.string() })).nullish(),
  }),
  statistics: Dictionary.nullish(),
  checks: z.array(z.looseObject({})),
  metadata: Dictionary,
  startedAt: Time,
  finishedAt: Time,
  engine: Dictionary,
});

/** Puts bytes where the record lies. Reading them must not throw, and a record is found exactly where one is. */
function readsRight(content: string | Uint8Array): RecordReading['status'] {
  writeFileSync(absolute(root, recordPath(key)), content);
  const reading = readRecord(root, key);
  if (reading.status === 'found') {
    expect(reading.record).toEqual(parsed(content));
  } else {
    expect(reading).toEqual({ status: 'unreadable', problem: expect.stringMatching(/./) as string });
  }
  expect(reading.status === 'found').toBe(Promised.safeParse(parsed(content)).success);
  return reading.status;
}

function parsed(content: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof content === 'string' ? content : Buffer.from(content).toString('utf8'));
  } catch {
    return undefined;
  }
}

type Path = readonly (string | number)[];

/** Where everything in a value is, the insides of a field after it. */
const pathsOf = (value: unknown): Path[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [
        [name],
        ...pathsOf(inner).map((path): Path => [name, ...path]),
      ]);

/** A copy of the record in which one thing is replaced, or removed where it is replaced by undefined. */
function withChange([...path]: Path, value: unknown): string {
  const copy = structuredClone(record) as unknown;
  const last = path.pop() ?? '';
  const holder = path.reduce((inner, name) => (inner as Record<string, unknown>)[name], copy);
  (holder as Record<string, unknown>)[last] = value;
  return JSON.stringify(copy);
}

const valueAt = (path: Path): unknown =>
  path.reduce((inner: unknown, name) => (inner as Record<string, unknown>)[name], record);

const path = fc.constantFrom(...pathsOf(record));
const bytesOf = (size: fc.ArrayConstraints) => fc.uint8Array(size);

describe('reading a record never throws, and finds no other than a whole one', () => {
  test('when the file holds any bytes', () => {
    fc.assert(
      fc.property(bytesOf({ maxLength: 400 }), (content) => {
        expect(readsRight(content)).toBe('unreadable');
      }),
      runs,
    );
  });

  test('when it holds any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (content) => {
        expect(readsRight(content)).toBe('unreadable');
      }),
      runs,
    );
  });

  test('when it holds an object with the fields of a record and anything in them', () => {
    const fields = Object.entries(record).map(([name, value]) => [
      name,
      fc.oneof({ weight: 9, arbitrary: fc.constant(value as unknown) }, fc.jsonValue()),
    ]);
    const object = fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(object, (content) => void readsRight(JSON.stringify(content))),
      runs,
    );
  });

  test('when something in it is missing', () => {
    const found = pathsOf(record).filter((path) => readsRight(withChange(path, undefined)) === 'found');
    expect(found).not.toContainEqual(['checks']);
    expect(found).toContainEqual(['preview']);
  });

  test('when something in it is anything else', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(path, fc.oneof(fc.jsonValue(), path.map(valueAt)), (path, value) => {
        seen.add(readsRight(withChange(path, value)));
      }),
      runs,
    );
    expect([...seen].sort()).toEqual(['found', 'unreadable']);
  });

  test('when bytes of it were flipped', () => {
    const flips = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(flips, (flips) => {
        const flipped = Buffer.from(bytes);
        for (const [at, mask] of flips) flipped[at] = (flipped[at] ?? 0) ^ mask;
        readsRight(flipped);
      }),
      runs,
    );
  });

  test('when it was cut off, and other bytes came after that', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length }), bytesOf({ maxLength: 8 }), (length, more) => {
        readsRight(Buffer.concat([bytes.subarray(0, length), more]));
      }),
      runs,
    );
  });

  test('when it is the record of another asset', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,8}\/[a-z_]{1,8}$/), (other) => {
        fc.pre(other !== key);
        expect(readsRight(JSON.stringify({ ...record, key: other }))).toBe('unreadable');
      }),
      runs,
    );
  });

  test('but finds the record as it was written', () => {
    expect(readsRight(bytes)).toBe('found');
    expect(assetRecordSchema.safeParse(record).success).toBe(true);
  });
});
