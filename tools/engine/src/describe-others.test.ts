import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GroupSource, loadGroups } from './definitions.ts';
import { describe } from './describe.ts';

const require = createRequire(import.meta.url);
let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'others-')));
  for (const name of ['zod', '@nx-assets/core']) {
    mkdirSync(dirname(join(root, 'node_modules', name)), { recursive: true });
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(root, 'node_modules', name));
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const group = (name: string): GroupSource => ({
  name,
  root: `packages/${name}`,
  entry: './index.ts',
  description: name,
  owner: null,
  reserved: ['build'],
});
const write = (path: string, content: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};
const head = "import { asset, job, op } from '@nx-assets/core';\nimport { z } from 'zod';\n";
const ASSETS = `${head}
const schema = z.object({ n: z.int() });
export const a = asset({ description: 'A.', schema, materialize: () => [] });
export const b = asset({ description: 'B.', deps: { a }, schema, materialize: () => [] });
`;
async function load(...names: string[]) {
  const groups = names.map(group);
  return describe(root, groups, await loadGroups(root, groups));
}

test('a job is described in its group, by the name of its export, and its code is looked at', async () => {
  write('packages/data/index.ts', ASSETS);
  write('packages/jobs/index.ts', "export { daily } from './daily.ts';\n");
  write('packages/jobs/helper.ts', 'export const words = 1;\n');
  write(
    'packages/jobs/daily.ts',
    `${head}import { b } from '../data/index.ts';\nimport { words } from './helper.ts';
const tell = op({ name: 'tell', description: 'Tells.', deps: { b }, run: () => void words });
export const daily = job({ description: 'Daily.', select: ['group:data', b], after: [tell] });\n`,
  );
  const { groups, consulted } = await load('data', 'jobs');
  const [data, jobs] = groups;
  expect(data?.others).toEqual([]);
  expect(jobs?.assets).toEqual([]);
  expect(jobs?.others).toMatchObject([
    {
      type: 'job',
      key: 'jobs/daily',
      description: 'Daily.',
      file: 'packages/jobs/daily.ts',
      select: '(group:data) or (data/b)',
      assets: ['data/a', 'data/b'],
      before: [],
      after: [{ name: 'tell', deps: { b: 'data/b' } }],
    },
  ]);
  const looked = consulted.map(([path]) => path.replace(`${root}/`, ''));
  expect(looked).toEqual(expect.arrayContaining(['packages/jobs/index.ts', 'packages/jobs/helper.ts']));
});

test('the entry of a group with nothing in it is looked at, so that the first definition is seen', async () => {
  write('packages/empty/index.ts', 'export const nothing = 1;\n');
  const { consulted } = await load('empty');
  expect(consulted.map(([path]) => path)).toContain(join(root, 'packages/empty/index.ts'));
});

test.each([
  [
    "select: 'data/c'",
    /^SELECTION_INVALID: .*daily\.ts:2: No asset matches data\/c \(did you mean data\/[ab]\?\)/,
  ],
  ['select: other', /^ASSET_DEP_NOT_EXPORTED: .*daily\.ts:2: jobs\/daily names what no group exports: "O\."/],
])('what a job names must be there: %s', async (select, message) => {
  write('packages/data/index.ts', ASSETS);
  write(
    'packages/jobs/other.ts',
    `${head}export const other = asset({ description: 'O.', value: z.int(), materialize: () => 1 });`,
  );
  write(
    'packages/jobs/daily.ts',
    `import { job } from '@nx-assets/core'; import { other } from './other.ts';\nexport const daily = job({ description: 'Daily.' , ${select} }); void other;\n`,
  );
  write('packages/jobs/index.ts', "export { daily } from './daily.ts';\n");
  await expect(load('data', 'jobs')).rejects.toThrow(message);
});

test('names are those of targets, and each definition has one', async () => {
  const daily = `${head}export const daily = job({ description: 'Daily.', select: '*' });\n`;
  write('packages/jobs/index.ts', daily.replace('const daily', 'const build'));
  await expect(load('jobs')).rejects.toThrow('DEFINITION_NAME_RESERVED: "jobs/build" cannot be a target.');
  write('packages/twice/index.ts', `${daily}export { daily as weekly };\n`);
  await expect(load('twice')).rejects.toThrow('twice/daily and twice/weekly are one job under two names.');
  write(
    'packages/loud/index.ts',
    `${head}export const Daily = job({ description: 'Daily.', select: '*' });\n`,
  );
  await expect(load('loud')).rejects.toThrow('ASSET_NAME_INVALID: "Daily" in group "loud"');
});

test('a constant that only says that it is a job is none', async () => {
  write('packages/plain/index.ts', "export const plain = { type: 'job', description: 'd' };\n");
  expect((await load('plain')).groups[0]?.others).toEqual([]);
});
