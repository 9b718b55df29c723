import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const RANGES = `
import { daily, staticPartitions } from '@nx-assets/core';
const span = { start: '2026-03-01', end: '2026-03-04' };
export const days = daily(span);
export const regions = staticPartitions(['eu', 'us']);
`;
const LAB = `
import { asset, daily, sql, twoDimensions, weekly } from '@nx-assets/core';
import { z } from 'zod';
import { days, regions } from './ranges.ts';
const Row = z.object({ key: z.string() });
const cells = twoDimensions({ day: days, region: regions });
export const raw = asset({
  description: 'A row for each day.', partitions: days, schema: Row,
  materialize: (_inputs, { partition }) => [{ key: partition.key }],
});
export const copy = asset({
  description: 'The same.', partitions: days, deps: { raw }, schema: Row,
  materialize: ({ raw }) => sql\`SELECT * FROM \${raw}\`,
});
export const sales = asset({
  description: 'A row for each region.', partitions: regions, schema: Row,
  materialize: (_inputs, { partition }) => [{ key: partition.key }],
});
export const cell = asset({
  description: 'A row for each day of a region.', partitions: cells, deps: { sales }, schema: Row,
  materialize: (_inputs, { partition }) => [{ key: partition.key }],
});
export const inline = asset({
  description: 'Days that are written here.', partitions: daily({ start: '2026-03-01', end: '2026-03-04' }),
  value: z.string(), materialize: (_inputs, { partition }) => partition.window.start.toISOString(),
});
export const total = asset({
  description: 'Of all days.', deps: { copy }, value: z.int(), materialize: ({ copy }) => copy.rowCount,
});
`;
/** It reads what the others do not see. */
const READER = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
import { days } from './ranges.ts';
export const reader = asset({
  description: 'The last day of the range.', partitions: days, value: z.int(),
  materialize: () => days.spec.kind === 'time' ? days.spec.end ?? 0 : 0,
});
`;

describe('a range of partitions that is extended', () => {
  let workspace: TestWorkspace;
  beforeEach(() => {
    workspace = new TestWorkspace({
      'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
      'packages/lab/src/index.ts': `export * from './lab.ts';\nexport * from './reader.ts';\n`,
      'packages/lab/src/lab.ts': LAB,
      'packages/lab/src/reader.ts': READER,
      'packages/lab/src/ranges.ts': RANGES,
    });
  });
  afterEach(() => workspace.dispose());

  const edit = (file: string, ...changes: readonly (readonly [from: string, to: string])[]) => {
    const path = `packages/lab/src/${file}.ts`;
    workspace.write({
      [path]: changes.reduce((text, [from, to]) => text.replace(from, to), workspace.read(path)),
    });
  };

  /** How many partitions of each asset a run makes. */
  const made = async () => {
    const { assets } = await workspace.materialize();
    return Object.fromEntries(
      assets.flatMap(({ key, status, partitions }) => {
        const count = partitions ? (partitions.counts.materialized ?? 0) : Number(status === 'materialized');
        return count > 0 ? [[key.replace('lab/', ''), count] as const] : [];
      }),
    );
  };

  /** What changes whenever a file is made again. */
  const stamps = () =>
    ['raw', 'copy', 'sales', 'cell', 'inline'].flatMap((asset) =>
      readdirSync(join(workspace.root, 'output/lab', asset), { recursive: true })
        .map((name) => join(asset, String(name)))
        .flatMap((path) => {
          const stat = statSync(join(workspace.root, 'output/lab', path));
          return stat.isFile() ? [`${path} ${stat.ino} ${stat.mtimeMs}`] : [];
        }),
    );

  test('has its new partitions made, and no old one', async () => {
    expect(await made()).toEqual({ raw: 3, copy: 3, sales: 2, cell: 6, inline: 3, total: 1, reader: 3 });
    const before = stamps();

    edit('ranges', ['2026-03-04', '2026-03-06'], [`['eu', 'us']`, `['eu', 'us', 'asia']`]);
    edit('lab', ['2026-03-04', '2026-03-05']);
    expect(await made()).toEqual({ raw: 2, copy: 2, sales: 1, cell: 9, inline: 1, total: 1, reader: 5 });
    expect(stamps()).toEqual(expect.arrayContaining(before));
    expect(await made()).toEqual({});

    // What moves a window is in the key of the partition.
    edit('ranges', [`end:`, `timeZone: 'Europe/Berlin', end:`]);
    expect(await made()).toEqual({ raw: 5, copy: 5, cell: 15, reader: 5 });

    edit('ranges', ['export', '/** Days. */\nexport']);
    expect(await made()).toMatchObject({ raw: 5, sales: 3 });
  });
});
