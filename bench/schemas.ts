// `npx node bench/schemas.ts [rows]`: what checking the rows of a query costs, by what the schema asks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from '@nx-assets/core';
import { DuckDb, writeValue } from '@nx-assets/storage';
import { z } from 'zod';

const ROWS = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'nx-assets-schema-checks-'));
const duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(folder, 'spill') });
const connection = await duckdb.connect();

const query = `SELECT range AS id,
    'user' || range || '@example.org' AS email,
    '2026-05-01T' || lpad(CAST(range % 24 AS VARCHAR), 2, '0') || ':00:00Z' AS at,
    format('{:08x}-e89b-42d3-a456-4266141{:05x}', range, range % 65536) AS uuid,
    'SKU-' || lpad(CAST(range AS VARCHAR), 8, '0') AS sku,
    [range % 7, range % 11] AS sizes
  FROM range(${ROWS})`;
const plain = { id: z.int(), email: z.string(), at: z.string(), uuid: z.string(), sku: z.string() };
const schemas = {
  'types alone': z.object({ ...plain, sizes: z.array(z.int().nullable()) }),
  'formats, a pattern and lists, compiled': z.object({
    id: z.int().min(0),
    email: z.email(),
    at: z.iso.datetime(),
    uuid: z.uuid(),
    sku: z.string().regex(/^SKU-\d{8}$/),
    sizes: z.array(z.int().min(0).max(10)).max(5),
  }),
  'a refinement, through zod': z.object({
    ...plain,
    sku: z.string().refine((sku) => sku.startsWith('SKU-')),
    sizes: z.array(z.int().nullable()),
  }),
};

process.stdout.write('| schema | CPU s |\n| --- | ---: |\n');
for (const [name, schema] of Object.entries(schemas)) {
  const before = process.cpuUsage();
  await writeValue(
    { type: 'table', schema, orderBy: [] },
    { type: 'sql', strings: [query], values: [] } satisfies Sql,
    {
      target: join(folder, 'rows.parquet'),
      scratch: folder,
      source: 'bench/rows',
      preview: false,
      connection,
    },
  );
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`| ${name} | ${((user + system) / 1e6).toFixed(2)} |\n`);
}
connection.close();
await duckdb.close();
rmSync(folder, { recursive: true, force: true });
