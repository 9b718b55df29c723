import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiServer, type TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL, referenceWorkspace, smallData, user } from './support/reference.ts';
import { MODES, thorough } from './support/thorough.ts';

const AFTER_POSTS_CLEANED = [
  'posts_cleaned',
  'posts_with_user_info',
  'posts_enriched_csv',
  'user_activity_stats',
  'user_stats_csv',
  'top_authors',
  'top_authors_csv',
  'data_summary',
  'export_summary',
];

const sorted = (names: readonly string[]) => [...names].sort();

/** Path to sha256 of everything under output/ that is not a record. */
function bytesOf(workspace: TestWorkspace): Record<string, string> {
  const root = join(workspace.root, 'output');
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.record.json'))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files.map((file) => [
      file.slice(root.length + 1),
      createHash('sha256').update(readFileSync(file)).digest('hex'),
    ]),
  );
}

// Each mode has one workspace, one API and one story: every test starts where everything is up to date.
describe.each(MODES)('only what changed, $mode', ({ flags }) => {
  let workspace: TestWorkspace;
  let api: ApiServer;
  let before: Record<string, string>;
  const everything = ['run-many', '-t', 'materialize', ...flags];
  /** Whether the last run found nothing to do; edits are made before runs. */
  let settled = false;
  const materialize = async (args: readonly string[] = everything) => {
    const result = await workspace.materialize(args, { env: { JSONPLACEHOLDER_URL: api.url } });
    settled = result.code === 0 && result.ran.length === 0;
    return result;
  };

  beforeAll(async () => {
    workspace = referenceWorkspace();
    api = await ApiServer.start(smallData());
    const first = await materialize();
    expect(first.output).toContain(api.url);
    expect(first.ran).toEqual(ALL);
    expect(first.code).toBe(0);
  });

  afterAll(async () => {
    await api.stop();
    workspace.dispose();
  });

  beforeEach(async () => {
    if (!settled) await materialize();
    before = bytesOf(workspace);
    expect(Object.keys(before)).toHaveLength(17);
  });

  test('nothing changed: none runs, 17 come from the cache', async () => {
    const { assets, code } = await materialize();
    expect(assets.map(({ status }) => status)).toEqual(Array(17).fill('up-to-date'));
    expect(code).toBe(0);
    expect(bytesOf(workspace)).toEqual(before);
  });

  test('a comment in the file of users_cleaned: only it runs, since its bytes are equal', async () => {
    workspace.edit('packages/transforms/src/users_cleaned.ts', (code) => `${code}// a comment\n`);
    const { ran, assets } = await materialize();
    expect(ran).toEqual(['users_cleaned']);
    const [line] = assets.filter(({ status }) => status === 'materialized');
    expect(line?.changed).toBe(false);
    expect(line?.reasons).toEqual([
      { kind: 'code-changed', files: ['packages/transforms/src/users_cleaned.ts'] },
    ]);
    expect(bytesOf(workspace)).toEqual(before);
    expect((await materialize()).ran).toEqual([]);
  });

  test('posts_cleaned gives other rows: it and its descendants run', async () => {
    workspace.edit('packages/transforms/src/posts_cleaned.ts', (code) =>
      code.replace('FROM tidy`', 'FROM tidy WHERE post_id <> 6`'),
    );
    const { ran, code } = await materialize();
    expect(ran).toEqual(sorted(AFTER_POSTS_CLEANED));
    expect(code).toBe(0);
    expect(bytesOf(workspace)['transforms/posts_cleaned.parquet']).not.toBe(
      before['transforms/posts_cleaned.parquet'],
    );
  });

  test('a new asset file in sources: only the new asset runs', async () => {
    workspace.write({
      'packages/sources/src/greeting.ts': `import { asset } from '@nx-assets/core';
import { z } from 'zod';
export const greeting = asset({ description: 'Hello.', value: z.object({ text: z.string() }), materialize: () => ({ text: 'hello' }) });
`,
    });
    workspace.edit(
      'packages/sources/src/index.ts',
      (code) => `${code}export { greeting } from './greeting.ts';\n`,
    );
    expect((await materialize()).ran).toEqual(['greeting']);
    expect(workspace.read('output/sources/greeting.json')).toBe('{\n  "text": "hello"\n}\n');
    workspace
      .edit('packages/sources/src/index.ts', (code) => code.replace(/export \{ greeting.*\n/, ''))
      .remove('packages/sources/src/greeting.ts')
      .remove('output/sources/greeting.json');
    expect((await materialize()).ran).toEqual([]);
  });

  test('an edit of nx.json, README.md or the package.json of a group: none runs', async () => {
    workspace
      .edit('nx.json', (text) => text.replace('"analytics": false', '"analytics": false,\n  "parallel": 3'))
      .edit('README.md', (text) => `${text}More.\n`)
      .edit('packages/transforms/package.json', (text) =>
        text.replace('"version"', '"author": "me", "version"'),
      );
    expect((await materialize()).ran).toEqual([]);
  });

  test("a test file, or another asset's file: nothing else runs", async () => {
    workspace.write({ 'packages/transforms/src/new.test.ts': 'export {};\n' });
    expect((await materialize()).ran).toEqual([]);
    workspace.edit('packages/analytics/src/data_summary.ts', (code) => `${code}// a comment\n`);
    expect((await materialize()).ran).toEqual(['data_summary']);
  });

  test('a helper that only users_cleaned imports, in its package and in another', async () => {
    workspace.write({ 'packages/transforms/src/mine.ts': 'export const mine = 1;\n' });
    workspace.group('helpers', { 'index.ts': 'export const theirs = 1;\nexport const other = 1;\n' });
    workspace.remove('packages/helpers/package.json').write({
      'packages/helpers/package.json': JSON.stringify({
        name: '@test/helpers',
        type: 'module',
        exports: { '.': './src/index.ts' },
      }),
    });
    workspace.edit(
      'packages/transforms/src/users_cleaned.ts',
      (code) =>
        `import { mine } from './mine.ts';\nimport { theirs } from '@test/helpers';\n${code}\nvoid mine;\nvoid theirs;\n`,
    );
    expect((await materialize()).ran).toEqual(['users_cleaned']);
    workspace.edit('packages/transforms/src/mine.ts', (code) => code.replace('1', '2'));
    expect((await materialize()).ran).toEqual(['users_cleaned']);
    workspace.edit('packages/helpers/src/index.ts', (code) => code.replace('1', '2'));
    expect((await materialize()).ran).toEqual(['users_cleaned']);
  });

  thorough('another version of a package: the assets that import it run', async () => {
    const install = (version: string) =>
      workspace.write({
        'node_modules/left-side/package.json': JSON.stringify({
          name: 'left-side',
          version,
          type: 'module',
          exports: './index.js',
        }),
        'node_modules/left-side/index.js': 'export const left = 1;\n',
        'node_modules/left-side/index.d.ts': 'export declare const left: number;\n',
      });
    install('1.0.0');
    workspace.edit(
      'packages/analytics/src/top_authors.ts',
      (code) => `import { left } from 'left-side';\n${code}\nvoid left;\n`,
    );
    expect((await materialize()).ran).toEqual(['top_authors']);
    install('1.0.1');
    const { ran, assets } = await materialize();
    expect(ran).toEqual(['top_authors']);
    expect(assets.find(({ key }) => key === 'analytics/top_authors')?.reasons).toEqual([
      { kind: 'package-changed', packages: ['left-side'] },
    ]);
  });

  test('users changed at the API: seen with --refresh, and the user side runs', async () => {
    api.collections.users = [...(api.collections.users as object[]), user(9)];
    expect((await materialize()).ran).toEqual([]);
    const { ran } = await materialize([...everything, '--refresh']);
    // The new user has no posts: the enriched posts come out the same, and their CSV is not written again.
    expect(ran).toEqual(ALL.filter((name) => name !== 'posts_cleaned' && name !== 'posts_enriched_csv'));
    expect((await materialize()).ran).toEqual([]);
  });

  test('fetched again and the same: only the sources run', async () => {
    const { ran } = await materialize([...everything, '--refresh']);
    expect(ran).toEqual(['api_posts_raw', 'api_users_raw', 'raw_user_data']);
    expect(bytesOf(workspace)).toEqual(before);
    expect((await materialize()).assets.every(({ status }) => status === 'up-to-date')).toBe(true);
  });

  test('--skip-nx-cache computes everything anew, and the next run keeps what it found', async () => {
    api.collections.users = [...(api.collections.users as object[]), user(10)];
    expect((await materialize([...everything, '--skip-nx-cache'])).ran).toEqual(ALL);
    const found = bytesOf(workspace);
    expect(found['modular_users.csv']).not.toBe(before['modular_users.csv']);
    expect((await materialize()).ran).toEqual([]);
    expect(bytesOf(workspace)).toEqual(found);
  });

  test('output/ deleted: restored byte for byte, nothing computed', async () => {
    workspace.remove('output');
    expect((await materialize()).ran).toEqual([]);
    expect(bytesOf(workspace)).toEqual(before);
  });

  test('a table, a file and a document deleted or edited by hand: restored byte for byte', async () => {
    const paths = [
      'output/transforms/users_cleaned.parquet',
      'output/modular_users.csv',
      'output/analytics/data_summary.json',
    ];
    for (const path of paths) workspace.remove(path);
    expect((await materialize()).ran).toEqual([]);
    expect(bytesOf(workspace)).toEqual(before);
    for (const path of paths) workspace.write({ [path]: 'edited by hand' });
    expect((await materialize()).ran).toEqual([]);
    expect(bytesOf(workspace)).toEqual(before);
  });

  test('a file edited by hand where Nx has nothing to restore is noticed, not trusted', async () => {
    workspace
      .remove('.nx/cache')
      .remove('.nx/workspace-data')
      .write({ 'output/modular_users.csv': 'edited' });
    const { ran, assets } = await materialize();
    expect(ran).toEqual(['users_csv']);
    expect(assets.find(({ key }) => key === 'exports/users_csv')?.reasons).toEqual([
      { kind: 'value-edited', path: 'output/modular_users.csv' },
    ]);
    expect(bytesOf(workspace)).toEqual(before);
  });

  test('an asset throws: descendants are not run, the rest finishes, old outputs stay', async () => {
    const file = 'packages/analytics/src/user_activity_stats.ts';
    const good = workspace.read(file);
    workspace.edit(file, (code) =>
      code.replace(/materialize: /, "materialize: () => { throw new Error('boom 42'); },\n  /* "),
    );
    workspace.edit(file, (code) => code.replace(/\}\);\s*$/, '*/ });\n'));
    workspace.edit('packages/transforms/src/users_cleaned.ts', (code) => `${code}// another\n`);
    const first = await materialize();
    expect(first.code).toBe(1);
    expect(first.failed).toEqual(['user_activity_stats']);
    expect(first.output).toContain('boom 42');
    expect(bytesOf(workspace)).toEqual(before);
    const after = ['data_summary', 'export_summary', 'top_authors', 'top_authors_csv', 'user_stats_csv'];
    expect(first.blocked).toEqual(after);
    const done = first.assets.filter(({ status }) => ['materialized', 'up-to-date'].includes(status));
    expect(sorted(done.map(({ key }) => key.split('/')[1] ?? ''))).toEqual(
      ALL.filter((name) => name !== 'user_activity_stats' && !after.includes(name)),
    );
    const second = await materialize();
    expect(second.code).toBe(1);
    expect(second.ran).toEqual(['user_activity_stats']);
    workspace.write({ [file]: good });
    const third = await materialize();
    expect(third.code).toBe(0);
    expect(third.ran).toEqual([]);
    expect(bytesOf(workspace)).toEqual(before);
  });

  thorough('an older commit and back: from the cache both times', async () => {
    workspace.git('add', '-A');
    workspace.git('commit', '-qm', 'now', '--allow-empty');
    workspace.edit('packages/transforms/src/posts_cleaned.ts', (code) =>
      code.replace('FROM tidy', 'FROM  tidy'),
    );
    workspace.git('commit', '-qam', 'newer');
    expect((await materialize()).ran).toEqual(['posts_cleaned']);
    workspace.git('checkout', '-q', 'HEAD~1');
    expect((await materialize()).ran).toEqual([]);
    workspace.git('checkout', '-q', '-');
    expect((await materialize()).ran).toEqual([]);
  });
});
