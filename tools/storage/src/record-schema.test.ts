import type { z } from 'zod';
import { expect, expectTypeOf, test } from 'vitest';
import type { AssetRecord } from './record.ts';
import { assetRecordSchema, recordJsonSchema } from './record-schema.ts';

const hash = 'a'.repeat(64);

const record = {
  recordVersion: 1,
  key: 'transforms/users_cleaned',
  partition: null,
  runId: '20260101T000000000-1',
  actionKey: hash,
  code: {
    version: hash,
    file: 'src/a.ts',
    files: { 'src/a.ts': hash },
    packages: { zod: '4.6.7' },
    definition: hash,
    runtime: hash,
    reads: { 'data/x.csv': hash },
  },
  inputs: { api_users_raw: { key: 'sources/api_users_raw', dataVersion: hash } },
  env: { API_URL: null },
  config: { environment: 'dev', fields: { size: hash }, values: { size: 1 } },
  observedAt: null,
  dataVersion: hash,
  value: {
    type: 'table',
    path: 'output/transforms/users_cleaned.parquet',
    bytes: 10,
    rowCount: 1,
    columns: [
      {
        name: 'address',
        nullable: true,
        type: 'struct',
        fields: [{ name: 'tags', nullable: false, type: 'list', items: { type: 'string' } }],
      },
    ],
  },
  statistics: { user_id: { nulls: 0, min: '1', max: '10' } },
  checks: [],
  metadata: {},
  preview: [{ user_id: 1 }],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  engine: { node: '24.0.0' },
};

test('the schema and the type say the same', () => {
  expectTypeOf<z.infer<typeof assetRecordSchema>>().toExtend<AssetRecord>();
  expectTypeOf<AssetRecord>().toExtend<z.infer<typeof assetRecordSchema>>();
  expectTypeOf<keyof z.infer<typeof assetRecordSchema>>().toEqualTypeOf<keyof AssetRecord>();
});

test('takes a record, nested columns included', () => {
  expect(assetRecordSchema.parse(record)).toEqual(record);
});

test.each([
  ['another version', { recordVersion: 2 }],
  ['a field of its own', { more: 1 }],
  ['a key that is none', { key: 'users_cleaned' }],
  ['a data version that is none', { dataVersion: 'abc' }],
  ['a time that is none', { startedAt: 'yesterday' }],
])('refuses %s', (_, change) => {
  expect(assetRecordSchema.safeParse({ ...record, ...change }).success).toBe(false);
});

test('the JSON Schema has every field, and admits no other', () => {
  const schema = recordJsonSchema() as {
    properties: object;
    required: string[];
    additionalProperties: boolean;
  };
  expect(Object.keys(schema.properties)).toEqual(Object.keys(record));
  expect(schema.required).toEqual(Object.keys(record).filter((name) => name !== 'config'));
  expect(schema.additionalProperties).toBe(false);
  expect(JSON.stringify(schema)).not.toContain('readOnly');
});
