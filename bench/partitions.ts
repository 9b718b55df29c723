// `npx node bench/partitions.ts [partitions]`: what commands cost over an asset of 100 000 partitions. One of them is
// made by a real run; the others get copies of its value and of its record, under the action keys that runs would give
// them, since to make each by itself would take most of an hour.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { AssetKey, AssetManifest, GroupManifest } from '@nx-assets/core';
import { Partitioning, fingerprintsOnDisk } from '@nx-assets/engine';
import { type AssetRecord, readRecord, recordPath, valuePath } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { measure } from './measure.ts';

const wanted = Number(process.argv[2] ?? 100_000);
const NX = createRequire(import.meta.url).resolve('nx/bin/nx.js');
const env = { NX_ISOLATE_PLUGINS: 'false' };
const end = new Date(Date.UTC(2014, 0) + wanted * 3_600_000).toISOString().slice(0, 16);
const workspace = new TestWorkspace({
  'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
  'packages/lab/src/index.ts': `
import { asset, hourly } from '@nx-assets/core';
import { z } from 'zod';
export const hours = asset({
  description: 'A number for each hour.', partitions: hourly({ start: '2014-01-01', end: '${end}' }),
  value: z.object({ n: z.int() }), materialize: () => ({ n: 1 }),
});
export const more = asset({
  description: 'One more for each hour.', partitions: hourly({ start: '2014-01-01', end: '${end}' }), deps: { hours },
  value: z.object({ n: z.int() }), materialize: ({ hours }) => ({ n: hours.only().n + 1 }),
});
`,
});

/** Copies of what was made of one partition, for all others. */
function multiply(name: string): void {
  const key = `lab/${name}` as AssetKey;
  const { groups } = JSON.parse(workspace.read('.nx/nx-assets/manifest.json')) as {
    groups: readonly GroupManifest[];
  };
  const manifests = new Map(
    groups.flatMap(({ assets }) => assets.map((asset) => [asset.key, asset] as const)),
  );
  const manifest = manifests.get(key) as AssetManifest;
  const partitioning = new Partitioning(manifests, {
    now: Date.now(),
    dynamicKeys: () => [],
    custom: () => null,
  });
  const parts = partitioning.partitionsOf(key).filter((part) => part !== null);
  const first = readRecord(workspace.root, key, parts[0]);
  if (first.status !== 'found') throw new Error(`${key} was not made.`);
  const bytes = workspace.read(first.record.value.path);
  const world = {
    partitioning,
    env: {},
    reading: (dep: AssetKey, part: string | null) => readRecord(workspace.root, dep, part),
  };
  const fingerprints = fingerprintsOnDisk(manifest, world, null);
  for (const part of parts.slice(1)) {
    const fingerprint = fingerprints.of(part);
    const path = valuePath(key, manifest.output, part);
    const record = {
      ...first.record,
      partition: part,
      actionKey: fingerprint.actionKey(),
      inputs: fingerprint.inputs().inputs as AssetRecord['inputs'],
      value: { ...first.record.value, path },
    } satisfies AssetRecord;
    mkdirSync(dirname(join(workspace.root, path)), { recursive: true });
    writeFileSync(join(workspace.root, path), bytes);
    writeFileSync(join(workspace.root, recordPath(key, part)), `${JSON.stringify(record, null, 2)}\n`);
  }
}

async function line(name: string, command: readonly string[], expected: string): Promise<void> {
  const runs = [];
  for (let round = 0; round < 3; round++) {
    const run = await measure([process.execPath, ...command], { cwd: workspace.root, env });
    if (!run.output.includes(expected)) throw new Error(`${name} says:\n${run.output.slice(0, 2000)}`);
    runs.push(run);
  }
  const sorted = runs.sort((a, b) => a.cpu - b.cpu);
  const { cpu, wall, peak } = sorted[1] as (typeof runs)[number];
  process.stdout.write(
    `| ${name} | ${cpu.toFixed(2)} | ${(wall / 1000).toFixed(2)} | ${Math.round(peak / 1e6)} |\n`,
  );
}

try {
  const cli = workspace.commandPath;
  await workspace.nx(['run', 'lab:more', '--partition=2014-01-01T00']);
  multiply('hours');
  const n = String(wanted).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
  process.stdout.write(
    `| ${n} partitions, all up to date | CPU s | wall s | peak MB |\n| - | -: | -: | -: |\n`,
  );
  // The first look reads every record; what it learns is kept.
  const first = await measure([process.execPath, cli, 'status', 'hours'], { cwd: workspace.root, env });
  process.stdout.write(
    `| the first look at all records | ${first.cpu.toFixed(2)} | ${(first.wall / 1000).toFixed(2)} | ${Math.round(first.peak / 1e6)} |\n`,
  );
  await line('nx-assets status hours', [cli, 'status', 'hours'], `${n} partitions`);
  await line('nx-assets partitions hours', [cli, 'partitions', 'hours'], `${n} partitions`);
  await line('nx-assets plan hours', [cli, 'plan', 'hours'], 'up to date');
  await line('nx-assets plan more, all to be made but one', [cli, 'plan', 'more'], `${wanted - 1} run`);
  await line('nx run lab:hours', [NX, 'run', 'lab:hours'], 'up to date');
} finally {
  workspace.dispose();
}
