import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, materialize, SHOP } from '../test-support.ts';

const RUN = '20260304T113000000-1';
const empty = new TestWorkspace(SHOP);
const made = new TestWorkspace(SHOP);
beforeAll(async () => {
  await materialize(made.root, RUN, 'raw', 'upper', 'days');
  // What definitions say and what files hash to is kept by whoever looks first.
  for (const { root } of [empty, made]) await command(root, 'plan');
}, 60_000);
afterAll(() => {
  empty.dispose();
  made.dispose();
});

/** All that is kept beside the values: paths, and what is in them. */
function stateIn(root: string): ReadonlyMap<string, string> {
  const folder = join(root, '.nx/nx-assets');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((path): [string, string] => [path.slice(folder.length + 1), contentOf(path)]),
  );
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'base64');
  } catch {
    return 'a folder';
  }
}

const LOOKS = [
  ['ls'],
  ['status'],
  ['plan'],
  ['plan', 'days', '--missing'],
  ['materialize', '--dry-run'],
  ['backfill', 'days', '--dry-run'],
  ['backfill', '--list'],
  ['partitions', 'days'],
  ['why', 'total'],
  ['show', 'raw'],
  ['preview', 'raw'],
  ['jobs'],
  ['jobs', 'nightly'],
  ['automation', 'status'],
  ['automation', 'history'],
  ['runs'],
  ['runs', '--status', 'lost'],
  ['runs', 'last'],
  ['logs', 'last'],
  ['logs', 'last', 'raw'],
  ['diff', 'last', 'last'],
  ['prune', '--dry-run', '--keep-runs', '1'],
  ['completion', 'bash'],
];

describe('a look leaves what is kept as it was', () => {
  for (const [where, { root }] of [
    ['where nothing ran', empty],
    ['where something ran', made],
  ] as const)
    test.each(LOOKS.map((argv) => [argv.join(' '), argv] as const))(`${where}: %s`, async (_, argv) => {
      const before = stateIn(root);
      await command(root, ...argv);
      expect([...stateIn(root).keys()]).toEqual([...before.keys()]);
      expect(stateIn(root)).toEqual(before);
    });
});

describe('where there is no history', () => {
  test('there are no runs', async () => {
    expect((await command(empty.root, 'runs')).stdout).toBe('No runs yet.\n');
    expect((await command(empty.root, 'runs', '--status', 'failed')).stdout).toBe('No runs yet.\n');
    expect((await command(empty.root, 'runs', '--json')).stdout).toBe('{"version":2,"runs":[]}\n');
  });

  test.each([
    [['runs', 'last'], 'There is no run last.'],
    [['logs', 'last'], 'There is no run last.'],
    [['diff', 'a', 'b'], 'There is no run a.'],
    [['diff', 'record:1', 'b'], 'The history has no record 1.'],
  ])('%j is refused', async (argv, facts) => {
    const { code, stdout, stderr } = await command(empty.root, ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(facts);
  });

  test('there is nothing to prune, and none begins by that', async () => {
    const { code, stdout } = await command(empty.root, 'prune', '--keep-runs', '1');
    expect(code).toBe(0);
    expect(stdout).toContain('0 runs removed from the history: 0 B\n');
    expect([...stateIn(empty.root).keys()].filter((path) => path.includes('history'))).toEqual([]);
  });

  test('a status that there is not is refused all the same', async () => {
    expect((await command(empty.root, 'runs', '--status', 'good')).stderr).toContain(
      'Unknown status "good".',
    );
  });
});
