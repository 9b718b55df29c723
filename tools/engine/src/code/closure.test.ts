import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashText } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Code, type Declaration } from './closure.ts';

let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'closure-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(root, path);
    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** A workspace package, linked as an install would. */
function workspacePackage(name: string, folder: string): void {
  write({
    [`${folder}/package.json`]: {
      name,
      version: '0.0.0',
      type: 'module',
      exports: { '.': './src/index.ts' },
    },
  });
  mkdirSync(dirname(join(root, 'node_modules', name)), { recursive: true });
  symlinkSync(join(root, folder), join(root, 'node_modules', name));
}

const installed = (name: string, version: string, more: object = {}, at = 'node_modules') =>
  write({
    [`${at}/${name}/package.json`]: { name, version, main: 'index.js', ...more },
    [`${at}/${name}/index.js`]: 'module.exports = 1;\n',
  });

const never = () => false;
const closure = (entry: string, isBoundary: (declaration: Declaration) => boolean = never) =>
  new Code(root).closureOf(join(root, entry), isBoundary);
const filesOf = (entry: string, isBoundary?: (declaration: Declaration) => boolean) =>
  Object.keys(closure(entry, isBoundary).files);
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
      packages: {},
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
      'a.ts': `import type { T } from './types.ts';\nimport { type U, value } from './both.ts';\nexport type { V } from './more.ts';\nimport { type W } from './only.ts';\nexport const a = value;`,
      'types.ts': 'export type T = 1;',
      'both.ts': 'export type U = 1; export const value = 1;',
      'more.ts': 'export type V = 1;',
      'only.ts': 'export type W = 1;',
    });
    expect(filesOf('a.ts')).toEqual(['a.ts', 'both.ts']);
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
      'a.ts': `import { users, tool } from './index.ts';\nexport const a = [users, tool];`,
      'index.ts': `export * from './users.ts';\nexport { tool } from './tool.ts';`,
      'users.ts': `import './behind.ts';\nexport const users = 1;`,
      'behind.ts': '',
      'tool.ts': `export const tool = 1;`,
    });
    const isUsers = ({ file, name }: Declaration) => file === join(root, 'users.ts') && name === 'users';
    expect(filesOf('a.ts', isUsers)).toEqual(['a.ts', 'tool.ts']);
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
    const code = new Code(root);
    expect(code.declarationOf(join(root, 'a.ts'), 'a')).toEqual({ file: join(root, 'a.ts'), name: 'a' });
    expect(code.declarationOf(join(root, 'x.ts'), 'n')).toEqual({ file: join(root, 'x.ts'), name: 'n' });
  });

  test('keeps everything that was read, so that a cache knows when to look again', () => {
    installed('lib', '1.0.0', { dependencies: { dep: '*' } });
    installed('dep', '1.0.0');
    write({ 'a.ts': `import 'lib';\nimport './b.ts';`, 'b.ts': '' });
    const code = new Code(root);
    code.closureOf(join(root, 'a.ts'), never);
    const expected = ['a.ts', 'b.ts', 'node_modules/dep/package.json', 'node_modules/lib/package.json'];
    expect([...code.consulted.keys()].sort()).toEqual(expected.map((path) => join(root, path)));
  });
});
