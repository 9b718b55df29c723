import { writeFileSync } from 'node:fs';
import { hashText } from '@nx-assets/storage/records';
import { beforeEach, describe, expect, test } from 'vitest';
import { Code, type Declaration } from './closure.ts';
import { CodeFolder } from './test-support.ts';

const folder = new CodeFolder();
const write = folder.write.bind(folder);
const workspacePackage = folder.workspacePackage.bind(folder);
const installed = folder.installed.bind(folder);
const closure = folder.closure.bind(folder);
const filesOf = folder.filesOf.bind(folder);
const never = () => false;
const packagesOf = (entry: string) => closure(entry).packages;

describe('the files of a closure', () => {
  test('are what is imported, directly or not, by content', () => {
    write({
      'a.ts': `import { b } from './b.ts';\nexport const a = b;\n`,
      'b.ts': `import './c.ts';\nexport const b = 1;\n`,
      'c.ts': `globalThis.name = 'c';\n`,
      'unrelated.ts': 'export const u = 1;\n',
      'a.test.ts': `import { a } from './a.ts';\n`,
    });
    expect(closure('a.ts')).toEqual({
      files: {
        'a.ts': hashText(`import { b } from './b.ts';\nexport const a = b;\n`),
        'b.ts': hashText(`import './c.ts';\nexport const b = 1;\n`),
        'c.ts': hashText(`globalThis.name = 'c';\n`),
      },
      whole: {},
      packages: {},
      order: [],
    });
  });

  test('come in one order, and a circle of imports ends', () => {
    write({
      'z.ts': `import './a.ts';`,
      'a.ts': `import './z.ts'; import './m.ts';`,
      'm.ts': `import './z.ts';`,
    });
    expect(filesOf('z.ts')).toEqual(['a.ts', 'm.ts', 'z.ts']);
  });

  test('are not what is imported for its types alone', () => {
    write({
      'a.ts': `import type { T } from './types.ts';\nimport { type U, value } from './both.ts';\nexport type { V } from './more.ts';\nimport { type W } from './only.ts';\nimport { type X } from './runs.ts';\nexport const a = value;`,
      'types.ts': 'export type T = 1;',
      'both.ts': 'export type U = 1; export const value = 1;',
      'more.ts': 'export type V = 1;',
      'only.ts': 'export type W = 1;',
      'runs.ts': `export type X = 1; globalThis.name = 'x';`,
    });
    // Node takes the name away and leaves `import {} from './runs.ts'`, which runs it.
    expect(filesOf('a.ts')).toEqual(['a.ts', 'both.ts', 'runs.ts']);
  });

  test('pass through files that only pass on, to the one that declares', () => {
    write({
      'a.ts': `import { one } from './index.ts';\nexport const a = one;`,
      'index.ts': `export { one } from './one.ts';\nexport { two } from './two.ts';\nexport * from './more.ts';`,
      'one.ts': 'export const one = 1;',
      'two.ts': 'export const two = 2;',
      'more.ts': 'export const three = 3;',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'one.ts']);
  });

  test('follow renamed names, default exports and export *', () => {
    write({
      'a.ts': `import { uno, three, four, theDefault } from './index.ts';\nexport const a = [uno, three, four, theDefault];`,
      'index.ts': `import { one as local } from './one.ts';\nexport { local as uno };\nexport * from './stars.ts';\nexport { default as theDefault } from './default.ts';`,
      'one.ts': 'export const one = 1;',
      'stars.ts': `export * from './three.ts';\nexport * from './four.ts';`,
      'three.ts': 'export const three = 3;',
      'four.ts': 'export function four() {}',
      'default.ts': 'export default 5;',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'default.ts', 'four.ts', 'one.ts', 'three.ts']);
  });

  test('are all of a module that is imported as a whole', () => {
    write({
      'a.ts': `import * as all from './index.ts';\nexport const a = all;`,
      'index.ts': `export { one } from './one.ts';\nexport * as inner from './inner.ts';`,
      'one.ts': 'export const one = 1;',
      'inner.ts': 'export const inner = 1;',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'index.ts', 'inner.ts', 'one.ts']);
  });

  test('hold what import() names', () => {
    write({
      'a.ts': `export const a = async () => [await import('./one.ts'), await import("./two.ts"), await import(\`./three.ts\`)];`,
      'one.ts': '',
      'two.ts': '',
      'three.ts': '',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'one.ts', 'three.ts', 'two.ts']);
  });

  test('hold JSON as it is', () => {
    write({
      'a.ts': `import data from './data.json' with { type: 'json' };\nexport const a = data;`,
      'data.json': '{"import":"x"}',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'data.json']);
  });

  test('reach across packages of the workspace', () => {
    workspacePackage('@acme/lib', 'packages/lib');
    write({
      'packages/lib/src/index.ts': `export { helper } from './helper.ts';\nexport { other } from './other.ts';`,
      'packages/lib/src/helper.ts': 'export const helper = 1;',
      'packages/lib/src/other.ts': 'export const other = 1;',
      'packages/app/src/a.ts': `import { helper } from '@acme/lib';\nexport const a = helper;`,
    });
    expect(filesOf('packages/app/src/a.ts')).toEqual(['packages/app/src/a.ts', 'packages/lib/src/helper.ts']);
  });

  test('end at what is cut off', () => {
    write({
      'a.ts': `import { users, tool } from './index.ts';\nexport const a = make({ deps: { users }, tool });`,
      'index.ts': `export * from './users.ts';\nexport { tool } from './tool.ts';`,
      'users.ts': `import './behind.ts';\nexport const users = 1;`,
      'behind.ts': '',
      'tool.ts': `export const tool = 1;`,
    });
    const isUsers = ({ file, name }: Declaration) => file === folder.path('users.ts') && name === 'users';
    expect(filesOf('a.ts', isUsers)).toEqual(['a.ts', 'tool.ts']);
  });

  test('hold what an asset depends on where that is read through it', () => {
    write({
      'up.ts': 'export const up = asset({ metadata: 1 });',
      'mid.ts': `import { up } from './up.ts';\nexport const mid = asset({ deps: { up } });`,
      'a.ts': `import { mid } from './mid.ts';\nexport const a = asset({ deps: { mid }, f: () => mid.deps.up.metadata });`,
      'b.ts': `import { mid } from './mid.ts';\nexport const b = asset({ deps: { mid }, f: () => mid.metadata });`,
    });
    const isAsset = ({ name }: Declaration) => name === 'up' || name === 'mid';
    expect(filesOf('a.ts', isAsset)).toEqual(['a.ts', 'mid.ts', 'up.ts']);
    expect(filesOf('b.ts', isAsset)).toEqual(['b.ts', 'mid.ts']);
  });

  test('hold a helper that lies in the file of an asset', () => {
    write({
      'a.ts': `import { helper } from './users.ts';\nexport const a = helper;`,
      'users.ts': `export const users = 1;\nexport const helper = 1;`,
    });
    const isUsers = ({ name }: Declaration) => name === 'users';
    expect(filesOf('a.ts', isUsers)).toEqual(['a.ts', 'users.ts']);
  });
});

describe('a file that passes a name on', () => {
  test('counts whole where it does anything else', () => {
    write({
      'a.ts': `import { settings } from './lib.ts';\nexport const a = settings;`,
      'lib.ts': `import { settings } from './settings.ts';\nsettings.rate = 2;\nexport { settings };`,
      'settings.ts': 'export const settings = { rate: 1 };',
      'b.ts': `import { settings } from './setup-first.ts';\nexport const b = settings;`,
      'setup-first.ts': `import './setup.ts';\nexport { settings } from './settings.ts';`,
      'setup.ts': `import { settings } from './settings.ts';\nsettings.rate = 2;`,
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'lib.ts', 'settings.ts']);
    expect(filesOf('b.ts')).toEqual(['b.ts', 'settings.ts', 'setup-first.ts', 'setup.ts']);
  });

  test('may have types and comments besides', () => {
    write({
      'a.ts': `import { one } from './index.ts';\nexport const a = one;`,
      'index.ts': `// All of it.\nexport { one } from './one.ts';\ninterface Two {}\nexport type Three = Two;`,
      'one.ts': 'export const one = 1;',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'one.ts']);
  });

  test('gives its own name before one of export *', () => {
    write({
      'a.ts': `import { v } from './b.ts';\nexport const a = v;`,
      'b.ts': `export * from './c.ts';\nexport const v = 1;`,
      'c.ts': 'export const v = 5;',
    });
    expect(filesOf('a.ts')).toContain('b.ts');
  });
});

describe('other ways to code than import', () => {
  test('require in CommonJS, also without an extension', () => {
    write({
      'a.ts': `import lib from './lib.cjs';\nexport const a = lib;`,
      'lib.cjs': `const o = require('./other');\nmodule.exports = { x: o.x, late: () => require('./late.cjs') };`,
      'other.js': 'module.exports = { x: 1 };',
      'late.cjs': `module.exports = require('lib');`,
    });
    installed('lib', '1.0.0');
    expect(closure('a.ts')).toMatchObject({ packages: { lib: '1.0.0' } });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'late.cjs', 'lib.cjs', 'other.js']);
  });

  test.each([
    `createRequire(import.meta.url)('./d.json')`,
    `load('./d.json')`,
    `new Worker(new URL('./d.json', import.meta.url))`,
    `readFileSync(new URL('./d.json', import.meta.url))`,
    `import.meta.resolve('./d.json')`,
    `load.resolve('./d.json')`,
    `other('./d.json')`,
    `cr(import.meta.filename)('./d.json')`,
    `new wt.Worker(join(import.meta.dirname, 'd.json'))`,
    `new Thread(\`\${import.meta.dirname}/d.json\`)`,
    `fork(import.meta.dirname + '/d.json')`,
    `execFile(process.execPath, [path.resolve(import.meta.dirname, 'd.json')])`,
  ])('%s', (expression) => {
    const head = [
      `import { createRequire, createRequire as cr } from 'node:module';`,
      `import * as wt from 'node:worker_threads';`,
      `import { Worker as Thread } from 'node:worker_threads';`,
      `import { execFile, fork } from 'node:child_process';`,
      'const load = createRequire(import.meta.url);',
      'let other;',
      'other = createRequire(import.meta.url);\n',
    ].join('\n');
    write({ 'a.ts': `${head}export const a = () => ${expression};`, 'd.json': '{}' });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'd.json']);
  });

  test.each([
    'require(name)',
    'createRequire(import.meta.url)(name)',
    'new Worker(new URL(name, import.meta.url))',
    'new Thread(name)',
    'fork(join(import.meta.dirname, name))',
    `createRequire(name)('./d.json')`,
  ])('%s is refused', (expression) => {
    const head = `import { Worker as Thread } from 'node:worker_threads';\nimport { fork } from 'node:child_process';\n`;
    write({ 'a.ts': `${head}export const a = (name) => ${expression};` });
    expect(() => closure('a.ts')).toThrow(/^DEFINITION_IMPORT_OPAQUE: .*a\.ts has .*name/);
  });

  test('export {} from, and an import of nothing, run a file', () => {
    write({
      'a.ts': `export {} from './one.ts';\nimport {} from './two.ts';\n// export {} from './gone.ts';`,
      'one.ts': `globalThis.x = 1;`,
      'two.ts': `globalThis.x = 2;`,
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'one.ts', 'two.ts']);
  });
});

describe('how a name is resolved', () => {
  test('by the exports of a package, its imports, and the conditions that Node is started with', () => {
    workspacePackage('@acme/lib', 'packages/lib');
    const exports = { '.': { source: './source.ts', default: './dist.js' } };
    write({
      'package.json': { name: 'root', imports: { '#own': './own.ts' } },
      'packages/lib/package.json': { name: '@acme/lib', exports },
      'packages/lib/source.ts': '',
      'packages/lib/dist.js': '',
      'own.ts': '',
      'a.ts': `import '@acme/lib';\nimport '#own';`,
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'own.ts', 'packages/lib/dist.js']);
    const other = new Code(folder.root, { conditions: ['source'] });
    expect(Object.keys(other.closureOf(folder.path('a.ts'), never).files)).toContain(
      'packages/lib/source.ts',
    );
  });

  test('as Node did it, where that was something else', () => {
    write({ 'a.ts': `import './b.ts';`, 'b.ts': '', 'c.ts': '', 'd.ts': '' });
    const imports = [
      { from: './b.ts', path: folder.path('c.ts') },
      { from: './hidden.ts', path: folder.path('d.ts') },
    ];
    const code = new Code(folder.root, { loaded: new Map([[folder.path('a.ts'), imports]]) });
    expect(Object.keys(code.closureOf(folder.path('a.ts'), never).files)).toEqual(['a.ts', 'c.ts', 'd.ts']);
  });

  test('links and package.json files on the way are remembered', () => {
    workspacePackage('@acme/lib', 'packages/lib');
    write({
      'packages/lib/src/index.ts': '',
      'v1.ts': '',
      'a.ts': `import '@acme/lib';\nimport './config.ts';`,
    });
    folder.link('config.ts', 'v1.ts');
    const code = new Code(folder.root);
    code.closureOf(folder.path('a.ts'), never);
    const consulted = Object.fromEntries(code.consulted);
    expect(consulted).toMatchObject({
      [folder.path('config.ts')]: 'link:v1.ts',
      [folder.path('node_modules/@acme/lib')]: 'link:packages/lib',
      [folder.path('node_modules/@acme/lib/package.json')]: null,
    });
  });

  test('links behind #imports, exports and new URL() are remembered', () => {
    workspacePackage('@acme/lib', 'packages/lib');
    write({
      'package.json': { type: 'module', imports: { '#conf': './conf.ts' } },
      'one.ts': '',
      'a.ts': `import '#conf';\nimport '@acme/lib';\nconst text = new URL('./text.txt', import.meta.url);`,
    });
    for (const path of ['conf.ts', 'text.txt', 'packages/lib/src/index.ts'])
      folder.link(path, folder.path('one.ts'));
    const code = new Code(folder.root);
    code.closureOf(folder.path('a.ts'), never);
    const links = [...code.consulted].filter(([, hash]) => hash === 'link:one.ts').map(([path]) => path);
    expect(links.sort()).toEqual(
      ['conf.ts', 'node_modules/@acme/lib/src/index.ts', 'text.txt'].map((path) => folder.path(path)),
    );
  });

  test('what would come first, were it there, is remembered', () => {
    installed('lib', '1.0.0');
    write({
      'package.json': { type: 'module', imports: { '#x': './x.cjs' } },
      'sub/a.ts': `import 'lib';\nimport '#x';`,
      'x.cjs': `require('./data');`,
      'data.json': '{}',
    });
    const code = new Code(folder.root);
    code.closureOf(folder.path('sub/a.ts'), never);
    const absent = ['sub/node_modules/lib/package.json', 'sub/package.json', 'data', 'data.js'];
    for (const path of absent) expect(code.consulted.get(folder.path(path))).toBeNull();
  });

  test('another type of the package.json above a script is another closure', () => {
    write({ 'package.json': { type: 'module' }, 'a.js': '' });
    expect(packagesOf('a.js')).toEqual({});
    write({ 'package.json': { type: 'commonjs' } });
    expect(packagesOf('a.js')).toEqual({ 'package.json': 'commonjs' });
  });

  test('bytes that are no text count as they are', () => {
    write({ 'a.ts': `const file = new URL('./d.bin', import.meta.url);` });
    const hashes = [0x80, 0x81].map((byte) => {
      writeFileSync(folder.path('d.bin'), Buffer.from([byte]));
      return closure('a.ts').files['d.bin'];
    });
    expect(hashes[0]).not.toBe(hashes[1]);
  });
});

describe('code that cannot be followed', () => {
  test.each(['import(path)', 'import(`./${path}.ts`)', `import('./' + path)`, `import('a\\u0062')`])(
    '%s is DEFINITION_IMPORT_OPAQUE, with the file',
    (call) => {
      write({ 'a.ts': `const path = 'x';\nexport const a = () => ${call};` });
      expect(() => closure('a.ts')).toThrow(/^DEFINITION_IMPORT_OPAQUE: .*a\.ts imports .* a string literal/);
    },
  );

  test('an import of nothing is DEFINITION_IMPORT_UNRESOLVED', () => {
    write({ 'a.ts': `import './nope.ts';` });
    expect(() => closure('a.ts')).toThrow(
      /^DEFINITION_IMPORT_UNRESOLVED: .*a\.ts imports "\.\/nope\.ts", which is not there/,
    );
    write({ 'b.ts': `import 'no-such-package';` });
    expect(() => closure('b.ts')).toThrow('imports "no-such-package"');
  });

  test('what does not parse is DEFINITION_SYNTAX', () => {
    write({ 'a.ts': 'export const = ;' });
    expect(() => closure('a.ts')).toThrow(/^DEFINITION_SYNTAX: .*a\.ts:1: /);
  });
});

describe('the packages of a closure', () => {
  beforeEach(() =>
    write({
      'a.ts': `import 'lib';\nimport { readFileSync } from 'node:fs';\nimport 'path';\nexport const a = readFileSync;`,
    }),
  );

  test('are named with their version, Node itself left out', () => {
    installed('lib', '1.2.3');
    expect(packagesOf('a.ts')).toEqual({ lib: '1.2.3' });
  });

  test('change with the version of anything that they depend on', () => {
    installed('lib', '1.0.0', { dependencies: { middle: '*' } });
    installed('middle', '1.0.0', { dependencies: { deep: '*' } });
    installed('deep', '1.0.0');
    const before = packagesOf('a.ts');
    expect(before.lib).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(packagesOf('a.ts')).toEqual(before);
    installed('deep', '1.0.1');
    expect(packagesOf('a.ts')).not.toEqual(before);
    installed('deep', '1.0.0');
    expect(packagesOf('a.ts')).toEqual(before);
  });

  test('do not change with what they do not depend on', () => {
    installed('lib', '1.0.0', { dependencies: { dep: '*' } });
    installed('dep', '1.0.0');
    installed('stranger', '1.0.0');
    const before = packagesOf('a.ts');
    installed('stranger', '2.0.0');
    expect(packagesOf('a.ts')).toEqual(before);
  });

  test('are the nested copy where there is one', () => {
    installed('lib', '1.0.0', { dependencies: { dep: '*' } });
    installed('dep', '1.0.0');
    const before = packagesOf('a.ts');
    installed('dep', '2.0.0', {}, 'node_modules/lib/node_modules');
    expect(packagesOf('a.ts')).not.toEqual(before);
  });

  test('are the same on every platform', () => {
    const optionalDependencies = { 'bin-linux': '1.0.0', 'bin-mac': '1.0.0' };
    installed('lib', '1.0.0', { optionalDependencies });
    const before = packagesOf('a.ts');
    installed('bin-linux', '1.0.0', { os: ['linux'], cpu: ['x64'] });
    expect(packagesOf('a.ts')).toEqual(before);
    installed('bin-any', '1.0.0');
    installed('lib', '1.0.0', { optionalDependencies: { ...optionalDependencies, 'bin-any': '*' } });
    expect(packagesOf('a.ts')).not.toEqual(before);
  });

  test('may depend on each other, or on what is not installed', () => {
    installed('lib', '1.0.0', { dependencies: { friend: '*', gone: '*' } });
    installed('friend', '1.0.0', { dependencies: { lib: '*' } });
    expect(packagesOf('a.ts').lib).toMatch(/^1\.0\.0\+/);
  });

  test('are found where a subfolder has a package.json only for its module type', () => {
    installed('lib', '1.0.0', { exports: './esm/index.js' });
    write({
      'node_modules/lib/esm/package.json': { type: 'module' },
      'node_modules/lib/esm/index.js': 'export {};',
    });
    expect(packagesOf('a.ts')).toEqual({ lib: '1.0.0' });
  });

  test('change with a peer, and with which of two versions goes to whom', () => {
    installed('lib', '1.0.0', { peerDependencies: { peer: '*' } });
    installed('peer', '1.0.0');
    const before = packagesOf('a.ts');
    installed('peer', '2.0.0');
    expect(packagesOf('a.ts')).not.toEqual(before);
  });

  test('say who gets which of two versions', () => {
    installed('lib', '1.0.0');
    installed('lib', '5.0.0', {}, 'inner/node_modules');
    write({ 'inner/b.ts': `import 'lib';`, 'c.ts': `import 'lib';\nimport './inner/b.ts';` });
    expect(packagesOf('c.ts')).toEqual({ lib: '1.0.0 (c.ts), 5.0.0 (inner/b.ts)' });
    installed('lib', '5.0.0');
    installed('lib', '1.0.0', {}, 'inner/node_modules');
    expect(packagesOf('c.ts')).toEqual({ lib: '1.0.0 (inner/b.ts), 5.0.0 (c.ts)' });
  });

  test('say by which name they are asked for, where aliases stand for two versions', () => {
    const install = (one: string, two: string) => {
      installed('one', one, { name: 'lib' });
      installed('two', two, { name: 'lib' });
    };
    write({ 'd.ts': `import 'one';\nimport 'two';`, 'e.ts': `import 'top';` });
    installed('top', '1.0.0', { dependencies: { one: '*', two: '*' } });
    install('1.0.0', '2.0.0');
    const before = [packagesOf('d.ts'), packagesOf('e.ts')];
    expect(before[0]).toEqual({ lib: '1.0.0 (d.ts as one), 2.0.0 (d.ts as two)' });
    install('2.0.0', '1.0.0');
    expect(packagesOf('d.ts')).toEqual({ lib: '1.0.0 (d.ts as two), 2.0.0 (d.ts as one)' });
    expect(packagesOf('e.ts')).not.toEqual(before[1]);
  });

  test('are others under other conditions, which choose among their files', () => {
    installed('lib', '1.0.0');
    write({ 'd.ts': `import 'lib';` });
    const code = new Code(folder.root, { conditions: ['development'] });
    expect(code.closureOf(folder.path('d.ts'), never).packages).toEqual({ lib: '1.0.0 development' });
  });

  test('are those that pass a name on as well', () => {
    installed('lib', '1.0.0');
    write({
      'b.ts': `import { x } from './barrel.ts';\nexport const b = x;`,
      'barrel.ts': `export { x } from 'lib';`,
    });
    expect(closure('b.ts')).toMatchObject({ packages: { lib: '1.0.0' } });
  });
});

describe('where a name is declared', () => {
  test('is the file itself where nothing passes it on, or two pass it to each other', () => {
    write({
      'a.ts': 'export const a = 1;',
      'x.ts': `export { n } from './y.ts';`,
      'y.ts': `export { n } from './x.ts';`,
    });
    const code = new Code(folder.root);
    expect(code.declarationOf(folder.path('a.ts'), 'a')).toEqual({ file: folder.path('a.ts'), name: 'a' });
    expect(code.declarationOf(folder.path('x.ts'), 'n')).toEqual({ file: folder.path('x.ts'), name: 'n' });
  });

  test('keeps everything that was read, so that a cache knows when to look again', () => {
    installed('lib', '1.0.0', { dependencies: { dep: '*' } });
    installed('dep', '1.0.0');
    write({ 'a.ts': `import 'lib';\nimport './b.ts';`, 'b.ts': '' });
    const code = new Code(folder.root);
    code.closureOf(folder.path('a.ts'), never);
    const packages = ['lib', 'lib/package.json', 'dep/package.json'].map((name) => `node_modules/${name}`);
    const expected = ['a.ts', 'b.ts', 'package.json', ...packages].sort();
    expect([...code.consulted.keys()].sort()).toEqual(expected.map((path) => folder.path(path)));
  });
});
