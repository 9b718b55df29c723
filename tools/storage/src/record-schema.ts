import type { AssetKey, Column, ColumnType, DataVersion, Json, OutputManifest } from '@nx-assets/core';
import { z } from 'zod';
import { type AssetRecord, RECORD_VERSION } from './record.ts';

const branded = <T extends string>(pattern: RegExp): z.ZodType<T> =>
  z.string().regex(pattern) as unknown as z.ZodType<T>;

const key = branded<AssetKey>(/^[a-z0-9][a-z0-9_-]*\/[a-z][a-z0-9_]*$/).meta({
  id: 'AssetKey',
  description: 'group/name.',
});
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256', description: 'sha256, hex.' });
const dataVersion = branded<DataVersion>(/^[0-9a-f]{64}$/);
const time = z.iso.datetime();
const json: z.ZodType<Json> = z.json();
const byName = <V extends z.ZodType>(value: V) => z.record(z.string(), value).readonly();

const scalar = z.enum(['string', 'integer', 'number', 'boolean', 'json']);

const columnType: z.ZodType<ColumnType> = z
  .lazy(() =>
    z.union([
      z.strictObject({ type: scalar }),
      z.strictObject({ type: z.literal('struct'), fields: z.array(column).readonly() }),
      z.strictObject({ type: z.literal('list'), items: columnType }),
    ]),
  )
  .meta({ id: 'ColumnType' });

const named = { name: z.string(), nullable: z.boolean() };
const column: z.ZodType<Column> = z
  .lazy(() =>
    z.union([
      z.strictObject({ ...named, type: scalar }),
      z.strictObject({ ...named, type: z.literal('struct'), fields: z.array(column).readonly() }),
      z.strictObject({ ...named, type: z.literal('list'), items: columnType }),
    ]),
  )
  .meta({ id: 'Column' });

const code = z
  .strictObject({
    version: sha256.describe('Hash over all of the below: the version of what computes the asset.'),
    file: z.string().describe('The file that declares the asset.'),
    files: byName(sha256).describe(
      'Its import closure, up to the assets that it depends on: path to content hash.',
    ),
    packages: byName(z.string()).describe(
      'Installed packages of the closure: name to version and a hash of what the package depends on.',
    ),
    definition: sha256.describe('Hash of schema, kind, deps and the options that decide data.'),
    runtime: sha256.describe('Hash of the code of Nx Assets that writes values.'),
    reads: byName(sha256)
      .optional()
      .describe('The files that it opens by path, as its `reads` say: path to content hash.'),
  })
  .describe('What computed it.');

const value = z
  .strictObject({
    type: z.enum(['table', 'json', 'file']) satisfies z.ZodType<OutputManifest['type']>,
    path: z.string().describe('From the workspace root, with forward slashes.'),
    bytes: z.int().min(0),
    rowCount: z.int().min(0).nullable().describe('Of a table, or of a file whose maker counted its rows.'),
    columns: z.array(column).readonly().nullable().describe('Of a table.'),
  })
  .describe('What was produced.');

const statistics = z.strictObject({
  nulls: z.int().min(0).nullable(),
  min: z.string().nullable().describe('As text. Null where the asset has `preview: false`.'),
  max: z.string().nullable(),
});

const check = z.strictObject({
  name: z.string(),
  description: z.string(),
  severity: z.enum(['warn', 'error']),
  passed: z.boolean(),
  facts: byName(json).describe('What it saw: how many rows failed, for example.'),
  rows: z.array(json).readonly().describe('Up to 20 rows that do not pass.'),
});

/** The shape of a record, version 1, for readers outside this code: docs/record.schema.json is made from it. */
export const assetRecordSchema = z
  .strictObject({
    recordVersion: z
      .literal(RECORD_VERSION)
      .describe('A reader that knows another version refuses the record.'),
    key,
    partition: z.string().nullable().describe('Key of the partition; null for an asset without partitions.'),
    runId: z.string().describe('The run that wrote it.'),
    actionKey: sha256.describe(
      'Hash over everything that decides the data: code, input data, environment, observation.',
    ),
    code,
    inputs: byName(z.strictObject({ key, dataVersion, partitions: byName(dataVersion).optional() })).describe(
      'Which data it was made from, by the alias of the dep.',
    ),
    env: byName(sha256.nullable()).describe(
      'Hash of each declared environment variable, null where it was not set. Never the value.',
    ),
    config: z
      .strictObject({
        environment: z.string().describe('The environment whose values its resources had.'),
        fields: byName(sha256).describe(
          'Hash of each field that decides data: `field` of the asset, `alias.field` of a resource. Never the value.',
        ),
        values: byName(json).describe('What the run gave the asset itself, with its defaults.'),
      })
      .optional()
      .describe('What it was configured with; absent where nothing is.'),
    observedAt: time.nullable().describe('When data from outside was asked for, on assets that age.'),
    dataVersion: dataVersion.describe("sha256 of the value's bytes, hex."),
    value,
    statistics: byName(statistics).nullable().describe('Of each plain column of a table.'),
    checks: z.array(check).readonly().describe('What came of the checks of the value.'),
    metadata: byName(json).describe('What `context.metadata()` was given.'),
    preview: json.describe(
      'The first rows, or the document, with long texts cut; null where the asset opted out.',
    ),
    startedAt: time,
    finishedAt: time,
    engine: byName(z.string()).describe('Versions of what wrote it.'),
  })
  .meta({
    title: `Record of an asset, version ${RECORD_VERSION}`,
    description: 'Lies beside each materialized value as output/<group>/<name>.record.json.',
  }) satisfies z.ZodType<AssetRecord>;

/** The same as a JSON Schema (draft 2020-12). */
export function recordJsonSchema(): object {
  const { $schema, title, description, ...rest } = z.toJSONSchema(assetRecordSchema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
      delete jsonSchema.propertyNames;
      // The format says it; the pattern only repeats it in 300 characters.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return { $schema, title, description, ...rest };
}
