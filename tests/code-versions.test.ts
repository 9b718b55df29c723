// Whatever decides the data of an asset is edited; then a run must make what a forced run makes. All cases are groups of one
// workspace, so that three runs show them all.
import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const HEAD = `import { asset, assets, sql } from '@nx-assets/core';\nimport { z } from 'zod';\n`;

/** An asset `a` whose value is an expression. */
const asset = (body: string, imports = '', options = '') =>
  `// @ts-nocheck\n${HEAD}${imports}\nexport const a = asset({ description: 'a', ${options} value: z.any(), materialize: async () => (${body}) });\n`;

interface Case {
  /** Files of the group under `src/`. */
  readonly files: Readonly<Record<string, string>>;
  /** Everything else, by workspace path. */
  readonly others?: Readonly<Record<string, string>>;
  /** Packages that folders are importable as. */
  readonly links?: Readonly<Record<string, string>>;
  readonly setup?: (folder: string) => void;
  /** Edits by workspace path; a function where that is not enough. */
  readonly edit: (workspace: TestWorkspace, src: string) => unknown;
}

const settings = 'export const settings = { rate: 1 };\n';
const write = (path: string, content: string) => (workspace: TestWorkspace, src: string) =>
  workspace.write({ [path.startsWith('./') ? `${src}/${path.slice(2)}` : path]: content });
const replace = (file: string, from: string, to: string) => (workspace: TestWorkspace, src: string) =>
  workspace.edit(file.startsWith('./') ? `${src}/${file.slice(2)}` : file, (text) => text.replace(from, to));
const installed = (name: string, version: string, code: string, at = 'node_modules') => ({
  [`${at}/${name}/package.json`]: JSON.stringify({ name, version, type: 'module', exports: './i.js' }),
  [`${at}/${name}/i.js`]: code,
});

const CASES: Readonly<Record<string, Case>> = {
  'a helper': {
    files: { 'index.ts': asset('h', `import { h } from './h.ts';`), 'h.ts': 'export const h = 1;\n' },
    edit: write('./h.ts', 'export const h = 2;\n'),
  },
  'a barrel that configures what it passes on': {
    files: {
      'index.ts': asset('settings.rate', `import { settings } from './lib.ts';`),
      'lib.ts': `import { settings } from './settings.ts';\nsettings.rate = 2;\nexport { settings };\n`,
      'settings.ts': settings,
    },
    edit: replace('./lib.ts', 'rate = 2', 'rate = 3'),
  },
  'a barrel with an import for its effect': {
    files: {
      'index.ts': asset('settings.rate', `import { settings } from './lib.ts';`),
      'lib.ts': `import './setup.ts';\nexport { settings } from './settings.ts';\n`,
      'settings.ts': settings,
      'setup.ts': `import { settings } from './settings.ts';\nsettings.rate = 2;\n`,
    },
    edit: replace('./setup.ts', 'rate = 2', 'rate = 3'),
  },
  'a file beside it that configures what both use': {
    files: {
      'index.ts': `export { a } from './a.ts';\nexport { b } from './b.ts';\n`,
      'a.ts': asset('settings.rate', `import { settings } from './settings.ts';`),
      'b.ts': `${HEAD}import { settings } from './settings.ts';\nsettings.rate = 2;\nexport const b = asset({ description: 'b', value: z.int(), materialize: () => 1 });\n`,
      'settings.ts': settings,
    },
    edit: replace('./b.ts', 'rate = 2', 'rate = 3'),
  },
  'a function beside it that configures what both use': {
    files: {
      'index.ts': `export { b } from './b.ts';\nexport { a } from './a.ts';\n`,
      'a.ts': asset('settings.rate', `import { settings } from './settings.ts';`),
      'b.ts': `// @ts-nocheck\n${HEAD}import { configure } from './configure.ts';\nconst isDone = configure({ rate: 2 });\nexport const b = asset({ description: 'b', value: z.int(), materialize: () => 1 });\n`,
      'configure.ts': `// @ts-nocheck\nimport { settings } from './settings.ts';\nimport { patch } from './patch.ts';\nexport const configure = (options) => patch(settings, options);\n`,
      'patch.ts': `// @ts-nocheck\nexport const patch = (target, options) => Object.assign(target, options);\n`,
      'settings.ts': settings,
    },
    edit: replace('./b.ts', 'rate: 2', 'rate: 3'),
  },
  'a CommonJS file beside it that configures what both use': {
    files: {
      'index.ts': `export { b } from './b.ts';\nexport { a } from './a.ts';\n`,
      'a.ts': asset('settings.rate', `import settings from './settings.cjs';`),
      'b.ts': `// @ts-nocheck\n${HEAD}import './use.cjs';\nexport const b = asset({ description: 'b', value: z.int(), materialize: () => 1 });\n`,
      'use.cjs': `const { setRate } = require('./set-rate.cjs');\nmodule.exports = setRate(2);\n`,
      'set-rate.cjs': `const settings = require('./settings.cjs');\nexports.setRate = (rate) => (settings.rate = rate);\n`,
      'settings.cjs': 'module.exports = { rate: 1 };\n',
    },
    edit: replace('./use.cjs', 'Rate(2)', 'Rate(3)'),
  },
  'a barrel that configures an npm library': {
    others: installed(
      'decimals',
      '1.0.0',
      'let p = 1; export default { config: (n) => (p = n), round: (x) => x.toFixed(p) };',
    ),
    files: {
      'index.ts': asset('Decimal.round(1.23456)', `import { Decimal } from './decimal.ts';`),
      'decimal.ts': `// @ts-nocheck\nimport Decimal from 'decimals';\nDecimal.config(2);\nexport { Decimal };\n`,
    },
    edit: replace('./decimal.ts', 'config(2)', 'config(3)'),
  },
  'a CommonJS file that another requires': {
    files: {
      'index.ts': asset('lib.x', `import lib from './lib.cjs';`),
      'lib.cjs': `const o = require('./other.cjs');\nmodule.exports = { x: o.x };\n`,
      'other.cjs': 'module.exports = { x: 1 };\n',
    },
    edit: write('./other.cjs', 'module.exports = { x: 2 };\n'),
  },
  'a package that a CommonJS file requires': {
    others: {
      'node_modules/libx/package.json': '{"name":"libx","version":"1.0.0","main":"i.js"}',
      'node_modules/libx/i.js': 'module.exports = 1;',
    },
    files: {
      'index.ts': asset('lib.x', `import lib from './lib.cjs';`),
      'lib.cjs': `module.exports = { x: require('libx') };\n`,
    },
    edit: (workspace) =>
      workspace.write({
        'node_modules/libx/package.json': '{"name":"libx","version":"2.0.0","main":"i.js"}',
        'node_modules/libx/i.js': 'module.exports = 2;',
      }),
  },
  'JSON through createRequire': {
    files: {
      'index.ts': asset(
        `createRequire(import.meta.url)('./d.json')`,
        `import { createRequire } from 'node:module';`,
      ),
      'd.json': '{"x":1}',
    },
    edit: write('./d.json', '{"x":2}'),
  },
  'JSON by import': {
    files: { 'index.ts': asset('d', `import d from './d.json' with { type: 'json' };`), 'd.json': '{"x":1}' },
    edit: write('./d.json', '{"x":2}'),
  },
  'the exports of a workspace library': {
    others: {
      'packages/lib/package.json': '{"name":"@test/lib","type":"module","exports":"./src/v1.ts"}',
      'packages/lib/src/v1.ts': 'export const v = 1;\n',
      'packages/lib/src/v2.ts': 'export const v = 2;\n',
    },
    links: { '@test/lib': 'packages/lib' },
    files: { 'index.ts': asset('v', `import { v } from '@test/lib';`) },
    edit: replace('packages/lib/package.json', 'v1.ts', 'v2.ts'),
  },
  'a symbolic link': {
    files: {
      'index.ts': asset('v', `import { v } from './config.ts';`),
      'v1.ts': 'export const v = 1;\n',
      'v2.ts': 'export const v = 2;\n',
    },
    setup: (src) => symlinkSync('v1.ts', join(src, 'config.ts')),
    edit: (workspace, src) => {
      rmSync(join(workspace.root, src, 'config.ts'));
      symlinkSync('v2.ts', join(workspace.root, src, 'config.ts'));
    },
  },
  'a link to a package of the workspace': {
    others: {
      'packages/one/package.json': '{"name":"@test/linked","type":"module","exports":"./i.ts"}',
      'packages/one/i.ts': 'export const v = 1;\n',
      'packages/two/package.json': '{"name":"@test/linked2","type":"module","exports":"./i.ts"}',
      'packages/two/i.ts': 'export const v = 2;\n',
    },
    links: { '@test/linked': 'packages/one' },
    files: { 'index.ts': asset('v', `import { v } from '@test/linked';`) },
    edit: (workspace) => workspace.link('@test/linked', 'packages/two'),
  },
  'metadata of another asset': {
    files: {
      'index.ts': `export { up } from './up.ts';\nexport { a } from './a.ts';\n`,
      'up.ts': `${HEAD}export const up = asset({ description: 'u', metadata: { currency: 'EUR' }, value: z.string(), materialize: () => 'x' });\n`,
      'a.ts': asset('up.metadata.currency', `import { up } from './up.ts';`, 'deps: { up },'),
    },
    edit: replace('./up.ts', 'EUR', 'USD'),
  },
  'the file of a worker': {
    files: {
      'index.ts': asset(
        `await new Promise((r) => new Worker(new URL('./w.mjs', import.meta.url)).on('message', r))`,
        `import { Worker } from 'node:worker_threads';`,
      ),
      'w.mjs': `import { parentPort } from 'node:worker_threads';\nparentPort.postMessage(1);\n`,
    },
    edit: replace('./w.mjs', '(1)', '(2)'),
  },
  'one of two versions of a package': {
    others: {
      ...installed('liby', '1.0.0', 'export const x = 1;'),
      'packages/h/package.json': '{"name":"@test/h","type":"module","exports":"./i.ts"}',
      'packages/h/i.ts': `// @ts-nocheck\nimport { x } from 'liby';\nexport const hx = x;\n`,
      ...installed('liby', '5.0.0', 'export const x = 5;', 'packages/h/node_modules'),
    },
    links: { '@test/h': 'packages/h' },
    files: { 'index.ts': asset('[x, hx]', `import { x } from 'liby';\nimport { hx } from '@test/h';`) },
    edit: (workspace) => workspace.write(installed('liby', '1.1.0', 'export const x = 11;')),
  },
  'a peer of a package': {
    others: {
      ...installed('peer', '1.0.0', 'export const x = 1;'),
      'node_modules/libz/package.json':
        '{"name":"libz","version":"1.0.0","type":"module","exports":"./i.js","peerDependencies":{"peer":"*"}}',
      'node_modules/libz/i.js': `export { x } from 'peer';`,
    },
    files: { 'index.ts': asset('x', `import { x } from 'libz';`) },
    edit: (workspace) => workspace.write(installed('peer', '2.0.0', 'export const x = 2;')),
  },
  'a package that stands for another': {
    others: {
      'node_modules/alias/package.json':
        '{"name":"real-one","version":"1.0.0","type":"module","exports":"./i.js"}',
      'node_modules/alias/i.js': 'export const x = 1;',
    },
    files: { 'index.ts': asset('x', `import { x } from 'alias';`) },
    edit: (workspace) =>
      workspace.write({
        'node_modules/alias/package.json':
          '{"name":"real-two","version":"1.0.0","type":"module","exports":"./i.js"}',
        'node_modules/alias/i.js': 'export const x = 2;',
      }),
  },
  'a module that is imported for a type and runs': {
    files: {
      'index.ts': asset(
        'settings.rate',
        `import { type Conf } from './setup.ts';\nimport { settings } from './settings.ts';\nexport type C = Conf;`,
      ),
      'settings.ts': settings,
      'setup.ts': `import { settings } from './settings.ts';\nexport interface Conf { a: 1 }\nsettings.rate = 2;\n`,
    },
    edit: replace('./setup.ts', 'rate = 2', 'rate = 3'),
  },
  'where the file of an upstream lies': {
    files: {
      'index.ts': `export { f } from './f.ts';\nexport { a } from './a.ts';\n`,
      'f.ts': `${HEAD}import { writeFileSync } from 'node:fs';\nexport const f = asset({ description: 'f', file: 'x.csv', materialize: (_i, c) => writeFileSync(c.file, 'hi') });\n`,
      'a.ts': `// @ts-nocheck\n${HEAD}import { f } from './f.ts';\nexport const a = asset({ description: 'a', deps: { f }, value: z.any(), materialize: ({ f }) => f.workspacePath });\n`,
    },
    edit: replace('./f.ts', `'x.csv'`, `'sub/y.csv'`),
  },
  'how many rows the file of an upstream has': {
    files: {
      'index.ts': `export { f } from './f.ts';\nexport { a } from './a.ts';\n`,
      'f.ts': `${HEAD}import { writeFileSync } from 'node:fs';\nexport const f = asset({ description: 'f', file: 'rows.csv', materialize: (_i, c) => { writeFileSync(c.file, 'hi'); c.metadata({ rows: 1 }); } });\n`,
      'a.ts': `// @ts-nocheck\n${HEAD}import { f } from './f.ts';\nexport const a = asset({ description: 'a', deps: { f }, value: z.any(), materialize: ({ f }) => f.rowCount });\n`,
    },
    edit: replace('./f.ts', 'rows: 1', 'rows: 2'),
  },
  'whether a column of an upstream may be null': {
    files: {
      'index.ts': `export { t } from './t.ts';\nexport { a } from './a.ts';\n`,
      't.ts': `${HEAD}export const t = asset({ description: 't', schema: z.object({ x: z.int() }), materialize: () => [{ x: 1 }] });\n`,
      'a.ts': `// @ts-nocheck\n${HEAD}import { t } from './t.ts';\nexport const a = asset({ description: 'a', deps: { t }, value: z.any(), materialize: ({ t }) => t.columns[0].nullable });\n`,
    },
    edit: replace('./t.ts', 'x: z.int()', 'x: z.int().nullable()'),
  },
  'a name of its own before one of export *': {
    files: {
      'index.ts': asset('v', `import { v } from './b.ts';`),
      'b.ts': `export * from './c.ts';\nexport const v = 1;\n`,
      'c.ts': 'export const v = 5;\n',
    },
    edit: replace('./b.ts', 'v = 1', 'v = 2'),
  },
  'a circle of files': {
    files: {
      'index.ts': asset('h.f()', `import * as h from './h.ts';`),
      'h.ts': `import { k } from './k.ts';\nexport const f = () => k();\n`,
      'k.ts': `import * as h from './h.ts';\nexport const k = () => (typeof h.f) + 1;\n`,
    },
    edit: replace('./k.ts', '+ 1', '+ 2'),
  },
  'a file that is imported late': {
    files: { 'index.ts': asset(`(await import('./late.ts')).x`), 'late.ts': 'export const x = 1;\n' },
    edit: replace('./late.ts', 'x = 1', 'x = 2'),
  },
  'a name by the imports map of a package': {
    files: {
      'index.ts': asset('x', `import { x } from '#x';`),
      'x.ts': 'export const x = 1;\n',
      'y.ts': 'export const x = 2;\n',
    },
    edit: (workspace, src) =>
      workspace.edit(join(src, '../package.json'), (text) => text.replace('./src/x.ts', './src/y.ts')),
  },
};

const names = Object.keys(CASES);
const groupOf = (name: string) => `c${names.indexOf(name)}`;
const runs: Record<string, { readonly value: string; readonly status: string }>[] = [];
let workspace: TestWorkspace;

async function materialize(args: readonly string[] = []): Promise<void> {
  const result = await workspace.materialize(['run-many', '-t', 'materialize', ...args]);
  const outcomes = names.map((name) => {
    const group = groupOf(name);
    const path = `output/${group}/a.json`;
    const found = result.assets.find(({ key }) => key === `${group}/a`);
    const value = workspace.exists(path) ? workspace.read(path).trim() : 'none';
    return [name, { value, status: found?.status ?? result.output.slice(-3_000) }] as const;
  });
  runs.push(Object.fromEntries(outcomes));
}

beforeAll(async () => {
  workspace = new TestWorkspace();
  for (const [name, { files, others = {}, links = {}, setup }] of Object.entries(CASES)) {
    const group = groupOf(name);
    workspace.write(others);
    for (const [link, folder] of Object.entries(links)) workspace.link(link, folder);
    workspace.group(group, files, { imports: { '#x': './src/x.ts' } });
    setup?.(join(workspace.root, 'packages', group, 'src'));
  }
  await materialize();
  for (const [name, { edit }] of Object.entries(CASES)) edit(workspace, `packages/${groupOf(name)}/src`);
  workspace.write({ 'node_modules/.package-lock.json': '{"installed":"again"}' });
  await materialize();
  await materialize(['--skip-nx-cache']);
});
afterAll(() => workspace.dispose());

test.each(names)('an edit of %s', (name) => {
  const [before, after, forced] = runs.map((run) => run[name]);
  expect(after?.value).toBe(forced?.value);
  expect(after?.value).not.toBe(before?.value);
  expect([before?.status, after?.status, forced?.status]).toEqual(Array(3).fill('materialized'));
});
