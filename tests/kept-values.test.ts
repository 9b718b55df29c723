// What lies in output/ is what was made last, whatever Nx's cache has, and where it was made.
import { existsSync, lstatSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';

let workspace: TestWorkspace;
beforeEach(() => {
  workspace = new TestWorkspace({ 'outside.txt': 'v1' });
  workspace.group('g', {
    'index.ts': `import { asset, daily } from '@nx-assets/core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
const outside = (root: string) => readFileSync(join(root, 'outside.txt'), 'utf8');
export const a = asset({ description: 'a', value: z.string(), materialize: (_i, { root }) => outside(root) });
export const days = asset({
  description: 'd', partitions: daily({ start: '2026-03-01', end: '2026-03-03' }), value: z.string(),
  materialize: (_i, { root, partition }) => partition.key + ' ' + outside(root),
});
`,
  });
});
afterEach(() => workspace.dispose());

const value = () => workspace.read('output/g/a.json').trim();
const day = () => workspace.read('output/g/days/2026-03-01.json').trim();

test('after a run that skipped the cache, a plain one keeps what that made, and restores it', async () => {
  const run = (...args: string[]) => workspace.materialize(['run', 'g:a', ...args]);
  await run();
  workspace.write({ 'outside.txt': 'v2' });
  expect((await run()).ran).toEqual([]);
  const forced = await run('--skip-nx-cache');
  expect([forced.ran, value()]).toEqual([['a'], '"v2"']);
  expect(forced.assets[0]?.announcements.join()).toContain('other data than before');
  expect([(await run()).ran, value()]).toEqual([[], '"v2"']);
  workspace.remove('output');
  expect([(await run()).ran, value()]).toEqual([[], '"v2"']);
  // The same without anything to compare with.
  workspace.remove('output').write({ 'outside.txt': 'v3' });
  await run('--skip-nx-cache');
  expect([(await run()).ran, value()]).toEqual([[], '"v3"']);
});

test('the same without the state of Nx Assets, as where CI keeps nothing but the cache of Nx', async () => {
  const run = (...args: string[]) => workspace.materialize(['run', 'g:a', ...args]);
  await run();
  workspace.write({ 'outside.txt': 'v2' });
  await run('--skip-nx-cache');
  workspace.remove('.nx/nx-assets');
  expect([(await run()).ran, value()]).toEqual([[], '"v2"']);
  workspace.remove('output').remove('.nx/nx-assets');
  expect([(await run()).ran, value()]).toEqual([[], '"v2"']);
});

test('the same after a forced backfill of a partition', async () => {
  const one = (...args: string[]) =>
    workspace.materialize(['run', 'g:days', '--partition=2026-03-01', ...args]);
  await one();
  workspace.write({ 'outside.txt': 'v2' });
  const forced = await workspace.command(['backfill', 'days', '--partition', '2026-03-01', '--force']);
  expect([forced.code, day()]).toEqual([0, '"2026-03-01 v2"']);
  expect([(await one()).ran, day()]).toEqual([[], '"2026-03-01 v2"']);
});

test('a run that makes the same again changes nothing', async () => {
  await workspace.materialize(['run', 'g:a']);
  const again = await workspace.materialize(['run', 'g:a', '--skip-nx-cache']);
  expect(again.assets[0]).toMatchObject({ status: 'materialized', changed: false });
  expect(again.assets[0]?.announcements.join()).not.toContain('other data than before');
  expect(workspace.exists('.nx/nx-assets/superseded.txt')).toBe(false);
});

test('output/ that is a link to another disk is refused before anything moves', async () => {
  await workspace.materialize(['run', 'g:a']);
  const disk = mkdtempSync(join(tmpdir(), 'disk-'));
  try {
    renameSync(join(workspace.root, 'output'), join(disk, 'output'));
    symlinkSync(join(disk, 'output'), join(workspace.root, 'output'));
    for (const args of [[], ['--skip-nx-cache']]) {
      const { code, output } = await workspace.materialize(['run', 'g:a', ...args]);
      expect([code, output]).toEqual([
        1,
        expect.stringContaining('OUTPUT_IS_LINK: output is a symbolic link'),
      ]);
    }
    expect(lstatSync(join(workspace.root, 'output')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(disk, 'output/g/a.json'))).toBe(true);
  } finally {
    rmSync(disk, { recursive: true });
  }
});
