// Files of the workspace that functions open by path: those that are declared count, and the others are noticed.
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const HEAD = `import { asset, sql } from '@nx-assets/core';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
`;
const GROUP = `${HEAD}
export const prices = asset({
  description: 'Prices, by SQL.',
  schema: z.object({ item: z.string(), price: z.int() }),
  orderBy: ['item'],
  reads: ['data/*.csv'],
  materialize: () => sql\`SELECT item, price::INT AS price FROM read_csv('packages/g/data/*.csv')\`,
});
export const rate = asset({
  description: 'A rate, by fs.',
  value: z.unknown(),
  reads: ['{workspaceRoot}/shared/rate.json'],
  materialize: () => JSON.parse(readFileSync('shared/rate.json', 'utf8')),
});
export const plain = asset({ description: 'Reads nothing.', value: z.int(), materialize: () => 1 });
`;

describe('declared files', () => {
  let workspace: TestWorkspace;
  const rate = () => JSON.parse(workspace.read('output/g/rate.json')) as unknown;
  const priceReasons = async () => {
    const { ran, assets, code } = await workspace.materialize();
    const prices = assets.find(({ key }) => key === 'g/prices');
    return { ran, code, reasons: prices?.reasons, rows: prices?.rowCount, said: prices?.announcements };
  };
  const changed = (...files: readonly string[]) => [{ kind: 'file-changed', files }];

  beforeAll(async () => {
    workspace = new TestWorkspace();
    workspace.group('g', { 'index.ts': GROUP });
    workspace.group('h', {
      'index.ts': `${HEAD}export const other = asset({ description: 'h', value: z.int(), materialize: () => 2 });\n`,
    });
    workspace.write({
      'packages/g/data/a.csv': 'item,price\na,1\n',
      'packages/g/data/note.txt': 'not read',
      'shared/rate.json': '{"eur":1}',
    });
    const { ran, code, assets } = await workspace.materialize();
    expect([code, ran]).toEqual([0, ['other', 'plain', 'prices', 'rate']]);
    // What is declared is not worth a word.
    expect(assets.flatMap(({ announcements }) => announcements)).toEqual([]);
  });
  afterAll(() => workspace.dispose());
  beforeEach(async () => {
    expect((await workspace.materialize()).ran).toEqual([]);
  });

  test('an edit runs the asset that reads the file, and only it', async () => {
    workspace.write({ 'packages/g/data/a.csv': 'item,price\na,1\nb,2\n' });
    const why = await workspace.command(['why', 'g/prices']);
    expect(why.output).toContain('file changed: data/a.csv');
    expect(await priceReasons()).toMatchObject({
      ran: ['prices'],
      code: 0,
      reasons: changed('packages/g/data/a.csv'),
      rows: 2,
    });
    workspace.write({ 'shared/rate.json': '{"eur":2}' });
    expect((await workspace.materialize()).ran).toEqual(['rate']);
    expect(rate()).toEqual({ eur: 2 });
  });

  test('so does a file that is new or gone, and none that the pattern does not match', async () => {
    workspace.write({ 'packages/g/data/b.csv': 'item,price\nz,9\n' });
    expect(await priceReasons()).toMatchObject({
      ran: ['prices'],
      reasons: changed('packages/g/data/b.csv'),
      rows: 3,
    });
    workspace.remove('packages/g/data/b.csv');
    // Nx's cache has what was there before.
    expect(await priceReasons()).toMatchObject({ ran: [], rows: 2 });
    workspace.remove('packages/g/data/a.csv').write({ 'packages/g/data/c.csv': 'item,price\nc,3\n' });
    expect(await priceReasons()).toMatchObject({
      ran: ['prices'],
      reasons: changed('packages/g/data/a.csv', 'packages/g/data/c.csv'),
      rows: 1,
    });
    workspace.write({ 'packages/g/data/note.txt': 'edited', 'packages/g/data/more.txt': '' });
    expect((await priceReasons()).ran).toEqual([]);
  });

  test('nx affected selects the project, wherever the file is', async () => {
    workspace.git('init', '-q');
    workspace.git('add', '-A');
    workspace.git('commit', '-qm', 'all');
    const affected = async () =>
      (await workspace.nx(['show', 'projects', '--affected', '--base=HEAD'])).stdout.trim().split('\n');
    workspace.write({ 'shared/unrelated.json': '{}' });
    expect(await affected()).toEqual(['']);
    workspace.write({ 'shared/rate.json': '{"eur":3}' });
    expect(await affected()).toEqual(['g']);
    const run = await workspace.materialize(['affected', '-t', 'materialize', '--base=HEAD']);
    expect([run.ran, run.assets.map(({ key }) => key).sort()]).toEqual([
      ['rate'],
      ['g/plain', 'g/prices', 'g/rate'],
    ]);
    expect(rate()).toEqual({ eur: 3 });
  });

  test('one that is missing is an error that names it', async () => {
    const before = workspace.read('shared/rate.json');
    workspace.remove('shared/rate.json');
    const { code, output } = await workspace.nx(['show', 'projects']);
    expect(code).not.toBe(0);
    expect(output).toContain('READ_MISSING: g/rate reads the file shared/rate.json, which does not exist.');
    workspace.write({ 'shared/rate.json': before });
  });
});

describe('files that change while a run goes on', () => {
  let workspace: TestWorkspace;
  afterEach(() => workspace.dispose());

  test.each([
    ['one process', '', []],
    ['a process of its own', 'isolated: true,', []],
    ['a process for each task', '', ['--batch=false']],
  ])('are not kept under the key of what was planned, in %s', async (_, options, args) => {
    workspace = new TestWorkspace();
    workspace.group('g', {
      'index.ts': `${HEAD}import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
export const slow = asset({ description: 's', ${options} value: z.string(), reads: ['x.txt'], materialize: async () => {
  const before = existsSync('go');
  writeFileSync('started', '');
  while (!existsSync('go')) await sleep(50);
  return readFileSync('packages/g/x.txt', 'utf8') + before;
} });
`,
    });
    workspace.write({ 'packages/g/x.txt': 'OLD' });
    const running = workspace.materialize(['run-many', '-t', 'materialize', ...args]);
    for (let i = 0; i < 1_200 && !workspace.exists('started'); i++) await sleep(50);
    workspace.write({ 'packages/g/x.txt': 'NEW', go: '' });
    const { assets, code } = await running;
    expect(assets[0]).toMatchObject({ status: 'failed', error: { code: 'FILE_CHANGED_DURING_RUN' } });
    expect([code, workspace.exists('output/g/slow.json')]).toEqual([1, false]);
    workspace.write({ 'packages/g/x.txt': 'OLD' });
    expect((await workspace.materialize()).ran).toEqual(['slow']);
    expect(workspace.read('output/g/slow.json').trim()).toBe('"OLDtrue"');
  });
});

describe('files that nobody declared', () => {
  let workspace: TestWorkspace;
  beforeAll(() => {
    workspace = new TestWorkspace();
    workspace.group('g', {
      'index.ts': `// @ts-nocheck
import { staticPartitions } from '@nx-assets/core';
${HEAD}
export const by_fs = asset({ description: 'f', value: z.string(), materialize: () => readFileSync('packages/g/a.txt', 'utf8') });
export const by_sql = asset({ description: 's', schema: z.object({ n: z.int() }), orderBy: ['n'],
  materialize: () => sql\`SELECT n::INT AS n FROM 'shared/n.csv'\` });
export const by_query = asset({ description: 'q', value: z.unknown(), isolated: true,
  materialize: (_, { query }) => query(sql\`SELECT n::INT AS n FROM read_csv(\${'shared/n.csv'})\`) });
export const parts = asset({ description: 'p', value: z.string(), partitions: staticPartitions(['x', 'y']),
  materialize: () => readFileSync('packages/g/a.txt', 'utf8') });
export const down = asset({ description: 'd', deps: { by_sql, by_fs }, value: z.int(),
  materialize: async ({ by_sql }, { query, scratch }) => (await query(sql\`SELECT count(*)::INT AS n FROM \${by_sql}\`))[0].n });
`,
    });
    workspace.write({ 'packages/g/a.txt': 'A', 'shared/n.csv': 'n\n1\n2\n' });
  });
  afterAll(() => workspace.dispose());

  const line = (name: string, file: string, add: string) =>
    `g/${name} reads ${file}, which its definition does not declare. A change of it would not re-run the asset. Add \`reads: ['${add}']\` to its definition.`;

  test('are told, each once, with the line to add', async () => {
    const { assets, code, ran } = await workspace.materialize();
    expect([code, ran.length]).toEqual([0, 5]);
    const said = Object.fromEntries(assets.map(({ key, announcements }) => [key, announcements]));
    expect(said).toEqual({
      'g/by_fs': [line('by_fs', 'packages/g/a.txt', 'a.txt')],
      'g/by_sql': [line('by_sql', 'shared/n.csv', '{workspaceRoot}/shared/n.csv')],
      'g/by_query': [line('by_query', 'shared/n.csv', '{workspaceRoot}/shared/n.csv')],
      'g/parts': [line('parts', 'packages/g/a.txt', 'a.txt')],
      'g/down': [],
    });
  });

  test('fail the step where the workspace says so, and nothing is published', async () => {
    workspace.edit('nx.json', (text) =>
      text.replace('"nx-assets"', '{ "plugin": "nx-assets", "options": { "undeclaredReads": "error" } }'),
    );
    const before = workspace.read('output/g/by_fs.json');
    workspace.write({ 'packages/g/a.txt': 'B' });
    const { assets, code, output } = await workspace.materialize([
      'run-many',
      '-t',
      'by_fs,by_query,parts',
      '--skip-nx-cache',
    ]);
    expect(code).toBe(1);
    expect(assets.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    expect(assets[0]?.error).toMatchObject({ code: 'READ_UNDECLARED', blame: 'author' });
    expect(assets[0]?.error?.message).toContain(`Add \`reads: ['a.txt']\` to its definition`);
    expect(workspace.read('output/g/by_fs.json')).toBe(before);
    expect(output).not.toContain('FRAMEWORK_BUG');
  });
});
