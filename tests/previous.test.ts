import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const DAYS = ['01', '02', '03', '04', '05'].map((day) => `2026-03-${day}`);

const LAB = `
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset, daily, previous, sql, staticPartitions } from '@nx-assets/core';
import { z } from 'zod';
const days = daily({ start: '2026-03-01', end: '2026-03-06' });
const Row = z.object({ day: z.string(), n: z.int(), note: z.string() });
export const raw = asset({
  description: 'A number for each day.', partitions: days, schema: Row,
  materialize: (_inputs, { partition, root }) => {
    const { n = 1, note = '' } = JSON.parse(readFileSync(join(root, 'data.json'), 'utf8'))[partition.key] ?? {};
    if (n === 'broken') throw new Error('no number for ' + partition.key);
    return [{ day: partition.key, n, note }];
  },
});
export const total = asset({
  description: 'All numbers up to each day.', partitions: days, deps: { raw, before: previous() },
  schema: z.object({ day: z.string(), n: z.int() }),
  materialize: ({ raw, before }, { partition }) => sql\`
    SELECT \${partition.key} AS day, CAST(sum(n) AS BIGINT) AS n
    FROM (SELECT n FROM \${raw} UNION ALL SELECT n FROM \${before})\`,
});
export const note = asset({
  description: 'How many there were.', partitions: days, deps: { total, before: previous() }, value: z.object({ count: z.int() }),
  materialize: (_inputs, { partition }) => ({ count: 0 + (_inputs.before?.count ?? 0) + 1 }),
});
export const steps = asset({
  description: 'A chain of keys.', partitions: staticPartitions(['c', 'a', 'b']), deps: { before: previous() },
  value: z.array(z.string()),
  materialize: ({ before }, { partition }) => [...(before ?? []), partition.key],
});
export const sum = asset({
  description: 'Of all.', deps: { total }, value: z.int(),
  materialize: async ({ total }) => (await total.rows()).reduce((all, { n }) => all + n, 0),
});
`;

describe('a partition that depends on the one before it', () => {
  let workspace: TestWorkspace;
  beforeEach(() => {
    workspace = new TestWorkspace({
      'data.json': '{}',
      'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
      'packages/lab/src/index.ts': LAB,
    });
  });
  afterEach(() => workspace.dispose());

  /** What came of each partition of an asset. */
  const made = async (...args: Parameters<TestWorkspace['materialize']>) => {
    const { assets } = await workspace.materialize(...args);
    return Object.fromEntries(
      assets.flatMap(({ key, status, partitions }) => {
        const count = partitions ? (partitions.counts.materialized ?? 0) : Number(status === 'materialized');
        return count > 0 ? [[key.replace('lab/', ''), count] as const] : [];
      }),
    );
  };
  const totals = () =>
    workspace
      .command(['preview', '--sql', 'SELECT day, n FROM lab.total ORDER BY day', '--json'])
      .then(({ stdout }) => (JSON.parse(stdout) as { rows: { n: number }[] }).rows.map(({ n }) => n));
  const steps = async (...args: readonly string[]) => {
    const { stdout } = await workspace.command(['plan', ...args, '--json']);
    const all = JSON.parse(stdout) as { steps: { key: string; partition: string; action: string }[] };
    return all.steps
      .filter(({ action }) => action !== 'keep')
      .map(({ key, partition, action }) => `${key.replace('lab/', '')} ${partition} ${action}`);
  };

  test('is made after it, and again only where that has other data', async () => {
    const all = { raw: 5, total: 5, note: 5, steps: 3, sum: 1 };
    expect(await made()).toEqual(all);
    expect(await totals()).toEqual([1, 2, 3, 4, 5]);
    expect(JSON.parse(workspace.read('output/lab/note/2026-03-05.json'))).toEqual({ count: 5 });
    expect(JSON.parse(workspace.read('output/lab/steps/b.json'))).toEqual(['c', 'a', 'b']);
    expect(await made()).toEqual({});
    expect(await steps()).toEqual([]);

    workspace.write({ 'data.json': '{ "2026-03-03": { "n": 4 } }' });
    expect(await made(['run', 'lab:raw', '--partition=2026-03-03', '--skip-nx-cache'])).toEqual({ raw: 1 });
    expect((await steps('total')).filter((step) => step.startsWith('total'))).toEqual([
      'total 2026-03-03 run',
      'total 2026-03-04 undecided',
      'total 2026-03-05 undecided',
    ]);
    const { stdout } = await workspace.command(['why', 'total']);
    expect(stdout).toContain('lab/raw');
    expect((await workspace.command(['status'])).code).toBe(0);
    expect(await made()).toEqual({ total: 3, note: 3, sum: 1 });
    expect(await totals()).toEqual([1, 2, 6, 7, 8]);

    // The total of that day is the same: what comes after it does not run.
    workspace.write({ 'data.json': '{ "2026-03-03": { "n": 4, "note": "x" } }' });
    await made(['run', 'lab:raw', '--partition=2026-03-03', '--skip-nx-cache']);
    expect(await made()).toEqual({ total: 1 });

    const { code, output } = await workspace.nx(['run', 'lab:total', '--batch=false', '--skip-nx-cache']);
    expect(code, output).toBe(0);
    expect(await totals()).toEqual([1, 2, 6, 7, 8]);
    expect(await made()).toEqual({});
  });

  test('brings those before it with it, and waits for one that fails', async () => {
    expect(await made(['run', 'lab:total', '--partition=2026-03-03'])).toEqual({ raw: 3, total: 3 });
    expect(await made(['run', 'lab:total', '--partition=2026-03-03'])).toEqual({});
    workspace.write({ 'data.json': '{ "2026-03-04": { "n": "broken" } }' });
    const { code, assets } = await workspace.materialize(['run', 'lab:total']);
    expect(code).toBe(1);
    expect(assets.find(({ key }) => key === 'lab/total')?.partitions?.counts).toMatchObject({ blocked: 2 });
    workspace.write({ 'data.json': '{}' });
    const backfill = await workspace.command(['backfill', 'total', '--partition', `${DAYS[4]}`]);
    expect(backfill.code, backfill.output).toBe(0);
    expect(await totals()).toEqual([1, 2, 3, 4, 5]);
  });

  test('is refused where there is no order', async () => {
    const path = 'packages/lab/src/index.ts';
    workspace.write({
      [path]: LAB.replace(`staticPartitions(['c', 'a', 'b'])`, `dynamicPartitions('names')`).replace(
        'daily,',
        'daily, dynamicPartitions,',
      ),
    });
    const { code, output } = await workspace.command(['status']);
    expect(code).not.toBe(0);
    expect(output).toContain('ASSET_OPTION_INVALID');
    expect(output).toContain('dynamic partitions have no order that lasts');
  });
});
