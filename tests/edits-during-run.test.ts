// Code is edited while a run goes on, and the edit is undone later: what was made must never be kept under a key that says
// another code.
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, expect, test } from 'vitest';

const HEAD = `import { asset } from '@nx-assets/core';\nimport { z } from 'zod';\n`;
/** Runs until there is a file `go`. */
const SLOW = `${HEAD}import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
export const slow = asset({ description: 's', value: z.int(), materialize: async () => {
  writeFileSync('started', '');
  while (!existsSync('go')) await sleep(50);
  return 1;
} });
`;
const after = (body: string, options = '') =>
  `// @ts-nocheck\n${HEAD}import { slow } from './slow.ts';\nexport const a = asset({ description: 'a', deps: { slow }, ${options} value: z.any(), materialize: async () => ${body} });\n`;

let workspace: TestWorkspace;
afterEach(() => workspace.dispose());

/** Edits a file while `slow` runs; gives the outcome of `a`, and its value then and after the edit was undone. */
async function editDuringRun(files: Readonly<Record<string, string>>, edited: string, args: string[] = []) {
  workspace = new TestWorkspace();
  workspace.group('g', {
    'index.ts': `export { slow } from './slow.ts';\nexport { a } from './a.ts';\n`,
    'slow.ts': SLOW,
    ...files,
  });
  const path = `packages/g/src/${edited}`;
  const value = () =>
    workspace.exists('output/g/a.json') ? workspace.read('output/g/a.json').trim() : 'none';
  const running = workspace.materialize(['run-many', '-t', 'materialize', ...args]);
  for (let i = 0; i < 1_200 && !workspace.exists('started'); i++) await sleep(50);
  const before = workspace.read(path);
  workspace.edit(path, (text) => text.replace('OLD', 'NEW'));
  workspace.write({ go: '' });
  const first = await running;
  const during = value();
  workspace.write({ [path]: before });
  const second = await workspace.materialize();
  const outcome = first.assets.find(({ key }) => key === 'g/a');
  return { outcome, code: first.code, during, second, undone: value() };
}

test('code that had loaded before the edit makes what its key says', async () => {
  const { outcome, during, undone } = await editDuringRun({ 'a.ts': after(`'OLD'`) }, 'a.ts');
  expect([outcome?.status, during, undone]).toEqual(['materialized', '"OLD"', '"OLD"']);
});

test('code that loads late is not kept under the key of what was planned', async () => {
  const files = { 'a.ts': after(`(await import('./h.ts')).h`), 'h.ts': `export const h = 'OLD';\n` };
  const { outcome, code, during, second, undone } = await editDuringRun(files, 'h.ts');
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'CODE_CHANGED_DURING_RUN' } });
  expect(outcome?.error?.message).toContain('packages/g/src/h.ts changed while the run went on');
  expect([code, during]).toEqual([1, 'none']);
  expect([second.ran, undone]).toEqual([['a'], '"OLD"']);
});

test.each([
  ['a process for each task', '', ['--batch=false']],
  ['a process of its own', 'isolated: true,', []],
])('nor is what loads in %s', async (_, options, args) => {
  const { outcome, during, undone } = await editDuringRun({ 'a.ts': after(`'OLD'`, options) }, 'a.ts', args);
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'CODE_CHANGED_DURING_RUN' } });
  expect([during, undone]).toEqual(['none', '"OLD"']);
});

test.each([
  [
    'opened by its URL',
    'd.txt',
    'OLD',
    `readFileSync(new URL('./d.txt', import.meta.url), 'utf8')`,
    `import { readFileSync } from 'node:fs';`,
    '',
  ],
  [
    'opened by its URL in a process of its own',
    'd.txt',
    'OLD',
    `readFileSync(new URL('./d.txt', import.meta.url), 'utf8')`,
    `import { readFileSync } from 'node:fs';`,
    'isolated: true,',
  ],
  [
    'run by a worker',
    'w.mjs',
    `import { parentPort } from 'node:worker_threads';\nparentPort.postMessage('OLD');`,
    `await new Promise((done) => new Worker(new URL('./w.mjs', import.meta.url)).on('message', done))`,
    `import { Worker } from 'node:worker_threads';`,
    '',
  ],
])('nor is what comes of a file that is %s', async (_, file, text, body, imports, options) => {
  const files = { 'a.ts': `// @ts-nocheck\n${imports}\n${after(body, options)}`, [file]: text };
  const { outcome, during, undone } = await editDuringRun(files, file);
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'CODE_CHANGED_DURING_RUN' } });
  expect([during, undone]).toEqual(['none', '"OLD"']);
});

test.each([
  ['late', `async () => (await import('lib')).default`, ''],
  ['in a process of its own', `() => lib`, 'isolated: true,'],
])('nor is what a package gives that is installed during the run and loads %s', async (_, body, options) => {
  workspace = new TestWorkspace();
  const lib = (version: string) => ({
    'node_modules/lib/package.json': JSON.stringify({ name: 'lib', version, main: 'i.js' }),
    'node_modules/lib/i.js': `module.exports = '${version}';`,
  });
  workspace.write(lib('1.0.0')).group('g', {
    'index.ts': `export { slow } from './slow.ts';\nexport { a } from './a.ts';\n`,
    'slow.ts': SLOW,
    'a.ts': `// @ts-nocheck\n${HEAD}${options && `import lib from 'lib';\n`}import { slow } from './slow.ts';
export const a = asset({ description: 'a', deps: { slow }, ${options} value: z.string(), materialize: ${body} });\n`,
  });
  const running = workspace.materialize();
  for (let i = 0; i < 1_200 && !workspace.exists('started'); i++) await sleep(50);
  workspace.write({ ...lib('2.0.0'), go: '' });
  const { assets } = await running;
  const outcome = assets.find(({ key }) => key === 'g/a');
  expect(outcome).toMatchObject({ status: 'failed', error: { code: 'CODE_CHANGED_DURING_RUN' } });
  expect(outcome?.error?.message).toContain(
    'imports lib, which was 1.0.0 when the run was planned and 2.0.0',
  );
  const second = await workspace.materialize();
  expect([second.ran, workspace.read('output/g/a.json').trim()]).toEqual([['a'], '"2.0.0"']);
  workspace.write(lib('1.0.0'));
  await workspace.materialize();
  expect(workspace.read('output/g/a.json').trim()).toBe('"1.0.0"');
});

test('another command that sees the edit does not change what a run goes by', async () => {
  workspace = new TestWorkspace();
  workspace.group('g', {
    'index.ts': `export { slow } from './slow.ts';\nexport { a } from './a.ts';\n`,
    'slow.ts': SLOW,
    'a.ts': after(`'OLD'`, 'isolated: true,'),
  });
  const running = workspace.materialize();
  for (let i = 0; i < 1_200 && !workspace.exists('started'); i++) await sleep(50);
  workspace.edit('packages/g/src/a.ts', (text) => text.replace('OLD', 'NEW'));
  expect((await workspace.command(['ls'])).code).toBe(0);
  workspace.write({ go: '' });
  const { assets } = await running;
  expect(assets.find(({ key }) => key === 'g/a')).toMatchObject({
    error: { code: 'CODE_CHANGED_DURING_RUN' },
  });
  const second = await workspace.materialize();
  expect([second.ran, workspace.read('output/g/a.json').trim()]).toEqual([['a'], '"NEW"']);
});

test('what an asset loads in a way that cannot be followed is refused', async () => {
  workspace = new TestWorkspace();
  workspace.group('g', {
    'index.ts': `// @ts-nocheck
${HEAD}import module from 'node:module';
const load = Reflect.get(module, 'create' + 'Require')(import.meta.url);
export const a = asset({ description: 'a', value: z.any(), materialize: () => load('./d.json') });
`,
    'd.json': '{"x":1}',
  });
  const { assets, code } = await workspace.materialize();
  expect(code).toBe(1);
  expect(assets[0]).toMatchObject({ status: 'failed', error: { code: 'CODE_NOT_FOLLOWED' } });
  expect(assets[0]?.error?.message).toContain('packages/g/src/index.ts loaded packages/g/src/d.json');
});
