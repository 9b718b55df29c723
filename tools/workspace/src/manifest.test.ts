import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AssetError, type AssetManifest, parseAssetKey } from '@nx-assets/core';
import { STATE } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readGroups } from './groups.ts';
import {
  keepManifest,
  lastManifest,
  lastOtherTargets,
  lastSources,
  manifestOfRun,
  manifestStamp,
  readManifest,
} from './manifest.ts';

// Each look starts a process that loads definitions.
vi.setConfig({ testTimeout: 60_000 });

const installed = createRequire(import.meta.url);

/** Folders of a workspace as far as loading definitions is concerned. */
class Workspace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'manifest-')));

  constructor() {
    for (const name of ['zod', '@nx-assets/core'])
      this.#link(name, dirname(installed.resolve(`${name}/package.json`)));
  }

  #link(name: string, folder: string): void {
    const place = join(this.root, 'node_modules', name);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(dirname(place), { recursive: true });
    symlinkSync(folder, place);
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), content);
    }
  }

  edit(path: string, change: (text: string) => string): void {
    const before = readFileSync(join(this.root, path), 'utf8');
    expect(change(before)).not.toBe(before);
    this.write({ [path]: change(before) });
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  group(name: string, files: Readonly<Record<string, string>>, packageJson: object = {}): void {
    const json = {
      name: `@test/${name}`,
      type: 'module',
      exports: './src/index.ts',
      nx: { name },
      'nx-assets': { owner: '@test/team', description: `The ${name}.` },
      ...packageJson,
    };
    this.write({ [`packages/${name}/package.json`]: JSON.stringify(json) });
    for (const [file, content] of Object.entries(files))
      this.write({ [`packages/${name}/src/${file}`]: content });
    this.#link(`@test/${name}`, join(this.root, 'packages', name));
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

let workspace: Workspace;
beforeEach(() => {
  workspace = new Workspace();
});
afterEach(() => workspace.dispose());

const HEADER = `import { z } from 'zod';\nimport { asset } from '@nx-assets/core';\n`;
/** A definition of a table asset called `name`. */
const definition = (name: string, options = '', before = '') =>
  `${HEADER}${before}\nexport const ${name} = asset({ description: 'The ${name}.', schema: z.object({ n: z.int() }), ${options} materialize: () => [{ n: 1 }] });\n`;
const barrel = (...names: readonly string[]) =>
  names.map((name) => `export * from './${name}.ts';\n`).join('');

const groups = (...names: readonly string[]) =>
  readGroups(
    workspace.root,
    names.map((name) => `packages/${name}/package.json`),
  );
const load = async (...names: readonly string[]): Promise<ReadonlyMap<string, AssetManifest>> => {
  const manifests = await readManifest(workspace.root, groups(...names));
  return new Map(manifests.flatMap(({ assets }) => assets.map((asset) => [asset.key, asset])));
};
const failure = async (...names: readonly string[]): Promise<AssetError> => {
  const error: unknown = await load(...names).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AssetError) return error;
  throw new Error(`Not an AssetError: ${String(error)}`);
};

const manifestPath = () => join(workspace.root, STATE, 'manifest.json');
/** When the cache was written, to the nanosecond. */
const written = () => statSync(manifestPath(), { bigint: true }).mtimeNs;

describe('definitions', () => {
  test('become data: keys, deps, outputs, columns, code', async () => {
    workspace.group('sources', {
      'index.ts': barrel('users'),
      'users.ts': definition(
        'users',
        `kind: 'api', env: ['URL'], freshness: { maxAge: '1h' }, tags: ['pii'], preview: false,`,
      ),
    });
    workspace.group('reports', {
      'index.ts': barrel('report'),
      'report.ts': `${HEADER}import { users } from '@test/sources';\nexport const report = asset({ description: 'R.', deps: { people: users }, file: 'report.csv', freshness: { maxAge: '1h' }, materialize: () => undefined });\n`,
    });
    const assets = await load('reports', 'sources');
    expect([...assets.keys()].sort()).toEqual(['reports/report', 'sources/users']);
    expect(assets.get('sources/users')).toMatchObject({
      kind: 'api',
      deps: {},
      env: ['URL'],
      freshness: { kind: 'age', due: 3_600_000, overdue: 3_600_000 },
      tags: ['pii'],
      preview: false,
      owners: ['@test/team'],
      output: {
        type: 'table',
        path: 'output/sources/users.parquet',
        columns: [{ name: 'n', type: 'integer', nullable: false }],
      },
      code: { file: 'packages/sources/src/users.ts' },
    });
    const report = assets.get('reports/report');
    expect(report).toMatchObject({
      deps: { people: 'sources/users' },
      output: { type: 'file', path: 'report.csv' },
      freshness: { kind: 'age', due: 3_600_000, overdue: 3_600_000 },
    });
    // The code of an upstream is not part of the asset: its data is.
    const own = Object.keys(report?.code.files ?? {}).filter((path) => path.startsWith('packages/'));
    expect(own).toEqual(['packages/reports/src/report.ts']);
    expect(Object.keys(report?.code.packages ?? {})).toContain('zod');
  });

  test('are known by their code: a comment changes one, a helper those that import it, a neighbour none', async () => {
    workspace.group('g', {
      'index.ts': barrel('a', 'b'),
      'a.ts': definition(
        'a',
        '',
        `import { helper } from './helper.ts';\nexport type Used = typeof helper;\nhelper();`,
      ),
      'b.ts': definition('b'),
      'helper.ts': 'export const helper = () => 1;\n',
    });
    const versions = async () => [...(await load('g')).values()].map(({ code }) => code.version);
    const [a, b] = await versions();
    expect(a).not.toBe(b);
    workspace.edit('packages/g/src/b.ts', (text) => `${text}// a comment\n`);
    const [a2, b2] = await versions();
    expect([a2 === a, b2 === b]).toEqual([true, false]);
    workspace.edit('packages/g/src/helper.ts', (text) => text.replace('1', '2'));
    const [a3, b3] = await versions();
    expect([a3 === a, b3 === b2]).toEqual([false, true]);
    workspace.write({ 'packages/g/src/a.test.ts': 'throw new Error();', 'packages/g/README.md': '#' });
    expect(await versions()).toEqual([a3, b3]);
  });
});

describe('definitions that do not load', () => {
  const one = (content: string, more: Readonly<Record<string, string>> = {}) =>
    workspace.group('g', { 'index.ts': content, ...more });

  test.each<[string, string, string, RegExp]>([
    [
      'throws',
      `\nthrow new TypeError('boom');`,
      'DEFINITION_THREW',
      /^packages\/g\/src\/index\.ts:2: TypeError: boom/,
    ],
    ['throws a text', `throw 'boom';`, 'DEFINITION_THREW', /packages\/g: Error: boom/],
    ['does not parse', 'export const = 1;', 'DEFINITION_SYNTAX', /./],
    ['uses what is not plain types', 'export enum Colour { red }', 'DEFINITION_SYNTAX', /enum/],
    ['imports a file that is not there', `import './nope.ts';`, 'DEFINITION_IMPORT_UNRESOLVED', /nope\.ts/],
    [
      'imports a package that is not there',
      `import 'no-such-package';`,
      'DEFINITION_IMPORT_UNRESOLVED',
      /no-such-package/,
    ],
    [
      'reads a file',
      `import { readFileSync } from 'node:fs';\nreadFileSync('package.json');`,
      'DEFINITION_IO',
      /index\.ts:2: A definition uses a file \(readFileSync\)/,
    ],
    [
      'writes a file',
      `import { writeFile } from 'node:fs/promises';\nawait writeFile('x', '');`,
      'DEFINITION_IO',
      /a file \(writeFile\)/,
    ],
    ['fetches', `await fetch('http://127.0.0.1:1');`, 'DEFINITION_IO', /the network \(fetch\)/],
    [
      'connects',
      `import net from 'node:net';\nnet.connect(1, '127.0.0.1');`,
      'DEFINITION_IO',
      /the network \(connect\)/,
    ],
    [
      'starts a process',
      `import { execSync } from 'node:child_process';\nexecSync('true');`,
      'DEFINITION_IO',
      /a process \(execSync\)/,
    ],
    ['ends the process', `process.exit(3);`, 'DEFINITION_THREW', /Group "g" ended the process .*exit 3/],
    [
      'has no description',
      `${HEADER}export const a = asset({ description: '', file: 'a.csv', materialize: () => undefined });`,
      'ASSET_DESCRIPTION_MISSING',
      /packages\/g\/src\/index\.ts:3: /,
    ],
    [
      'has a name that is none',
      definition('usersCleaned'),
      'ASSET_NAME_INVALID',
      /"usersCleaned" in group "g"/,
    ],
    ['has a reserved name', definition('materialize'), 'ASSET_NAME_RESERVED', /g\/materialize/],
    [
      'has one asset under two names',
      `${definition('a')}export { a as b };`,
      'ASSET_DUPLICATE',
      /g\/a and g\/b are one asset/,
    ],
    [
      'keeps a dep to itself',
      `${definition('a').replace('export const a', 'const hidden')}export const b = asset({ description: 'b', deps: { hidden }, file: 'b.csv', materialize: () => undefined });`,
      'ASSET_DEP_NOT_EXPORTED',
      /g\/b depends on "hidden"/,
    ],
    [
      'has a column that cannot be',
      definition('a').replace('z.int()', 'z.date()'),
      'SCHEMA_UNSUPPORTED',
      /"n" is a date/,
    ],
    [
      'imports something it computes',
      definition('a', '', `const path = 'x';\nexport const lazy = () => import(path);`),
      'DEFINITION_IMPORT_OPAQUE',
      /index\.ts imports path/,
    ],
  ])('a group that %s', async (_what, content, code, facts) => {
    one(content);
    const error = await failure('g');
    expect(error.facts).toMatch(facts);
    expect(error).toMatchObject({ code, blame: 'author' });
    expect(error.remedy).not.toBe('');
  });

  const file = (name: string, path: string) =>
    `export const ${name} = asset({ description: 'd', file: '${path}', materialize: () => undefined });\n`;
  test.each([
    ['one file', file('a', 'x.csv') + file('b', 'X.csv'), /g\/a and g\/b both write output\/x\.csv/],
    [
      'the value of another',
      file('a', 'g/b.json') +
        `export const b = asset({ description: 'd', value: z.int(), materialize: () => 1 });`,
      /both write output\/g\/b\.json/,
    ],
    [
      'the record of another',
      file('a', 'g/b.record.json') + file('b', 'b.csv'),
      /both write output\/g\/b\.record\.json/,
    ],
    [
      'a file where a folder is needed',
      file('a', 'x') + file('b', 'x/y.csv'),
      /g\/a writes the file output\/x, where g\/b needs a folder/,
    ],
  ])('two assets that write %s', async (_what, content, facts) => {
    one(HEADER + content);
    const error = await failure('g');
    expect(error.code).toBe('ASSET_OUTPUT_CONFLICT');
    expect(error.facts).toMatch(facts);
  });

  test('a circle of files names the assets in it', async () => {
    const asset = (name: string, dep: string) =>
      definition(name, `deps: { ${dep} },`, `import { ${dep} } from './${dep}.ts';`);
    one(barrel('a'), { 'a.ts': asset('a', 'b'), 'b.ts': asset('b', 'c'), 'c.ts': asset('c', 'a') });
    const error = await failure('g');
    expect(error.code).toBe('ASSET_CYCLE');
    const cycle = /g\/\w → g\/\w → g\/\w → g\/\w/.exec(error.facts)?.[0].split(' → ') ?? [];
    expect(new Set(cycle)).toEqual(new Set(['g/a', 'g/b', 'g/c']));
    expect(cycle[0]).toBe(cycle.at(-1));
  });

  test('nothing is kept of a failure: the next look finds what was fixed', async () => {
    one('throw new Error("x");');
    await failure('g');
    one(definition('a'));
    expect([...(await load('g')).keys()]).toEqual(['g/a']);
  });
});

describe('groups', () => {
  test('are packages with a section of their own, sorted by folder', () => {
    workspace.group(
      'b',
      { 'index.ts': '' },
      { nx: { name: 'bee', targets: { lint: {} } }, scripts: { test: '' } },
    );
    workspace.group('a', { 'index.ts': '' });
    workspace.write({ 'packages/plain/package.json': '{"name":"plain"}' });
    workspace.write({ 'packages/odd/package.json': '{"name":"odd","keywords":["nx-assets"]}' });
    expect(groups('b', 'plain', 'odd', 'a')).toEqual([
      {
        name: 'a',
        root: 'packages/a',
        entry: './src/index.ts',
        description: 'The a.',
        owner: '@test/team',
        reserved: ['materialize', 'check'],
      },
      {
        name: 'bee',
        root: 'packages/b',
        entry: './src/index.ts',
        description: 'The b.',
        owner: '@test/team',
        reserved: ['materialize', 'check', 'lint', 'test'],
      },
    ]);
  });

  test('take their name and description from the package where the section is silent', () => {
    workspace.write({
      'packages/x/package.json': '{"name":"@acme/x-ray","description":"X.","nx-assets":{}}',
      'packages/x/src/index.ts': '',
    });
    expect(groups('x')).toMatchObject([
      { name: 'x-ray', description: 'X.', owner: null, entry: './src/index.ts' },
    ]);
  });

  test('whose entry is not there are GROUP_ENTRY_MISSING', () => {
    workspace.write({ 'packages/x/package.json': '{"name":"x","nx-assets":{"entry":"./main.ts"}}' });
    expect(() => groups('x')).toThrow(
      'GROUP_ENTRY_MISSING: packages/x/package.json says that its assets are in ./main.ts',
    );
  });

  test('that are none need nothing', async () => {
    expect(await readManifest(workspace.root, [])).toEqual([]);
    expect(workspace.exists(STATE)).toBe(false);
  });
});

describe('the cache', () => {
  beforeEach(async () => {
    workspace.group('g', {
      'index.ts': barrel('a'),
      'a.ts': definition('a', '', `import './helper.ts';`),
      'helper.ts': '',
    });
    await load('g');
  });

  test('is read as long as nothing changed', async () => {
    const before = written();
    expect([...(await load('g')).keys()]).toEqual(['g/a']);
    expect(written()).toBe(before);
  });

  test('takes a touched file for what it is, and remembers its new time', async () => {
    const helper = join(workspace.root, 'packages/g/src/helper.ts');
    utimesSync(helper, new Date(0), new Date(0));
    await load('g');
    const after = written();
    await load('g');
    expect(written()).toBe(after);
  });

  test.each<[string, () => unknown]>([
    [
      'a definition',
      () => workspace.edit('packages/g/src/a.ts', (text) => text.replace('The a.', 'Another.')),
    ],
    ['a helper', () => workspace.write({ 'packages/g/src/helper.ts': 'throw new Error("seen");' })],
    ['the entry', () => workspace.write({ 'packages/g/src/index.ts': 'throw new Error("seen");' })],
    [
      'the package.json of a group',
      () => workspace.edit('packages/g/package.json', (text) => text.replace('@test/team', '@test/other')),
    ],
    ['the lockfile of the install', () => workspace.write({ 'node_modules/.yarn-state.yml': 'changed' })],
    ['a file of it that is gone', () => workspace.remove('packages/g/src/helper.ts')],
  ])('does not hold after a change of %s', async (_what, change) => {
    const before = written();
    change();
    await load('g').catch(() => undefined);
    const seen = await load('g').then(
      () => written() !== before,
      () => true,
    );
    expect(seen).toBe(true);
  });

  describe('of an asset that opens files by path', () => {
    const reads = async () => Object.keys((await load('g')).get('g/a')?.code.reads ?? {});
    beforeEach(async () => {
      workspace.write({ 'packages/g/src/a.ts': definition('a', `reads: ['data/*.csv'],`) });
      workspace.write({ 'packages/g/data/x.csv': 'x', 'packages/g/data/other.json': '' });
      await load('g');
    });

    test('holds as long as they stay, whatever lies beside them', async () => {
      const before = written();
      workspace.write({ 'packages/g/data/more.json': '', 'packages/g/data/other.json': 'edited' });
      expect(await reads()).toEqual(['packages/g/data/x.csv']);
      expect(written()).toBe(before);
    });

    test('sees an edit, a new file, one that is gone, and one that is back', async () => {
      const version = async () => (await load('g')).get('g/a')?.code.version;
      const first = await version();
      workspace.write({ 'packages/g/data/x.csv': 'y' });
      expect(await version()).not.toBe(first);
      workspace.write({ 'packages/g/data/x.csv': 'x', 'packages/g/data/y.csv': 'y' });
      expect(await reads()).toEqual(['packages/g/data/x.csv', 'packages/g/data/y.csv']);
      workspace.remove('packages/g/data');
      expect(await reads()).toEqual([]);
      workspace.write({ 'packages/g/data/x.csv': 'x' });
      expect(await version()).toBe(first);
    });

    test('says which file is missing, until it is there', async () => {
      workspace.write({ 'packages/g/src/a.ts': definition('a', `reads: ['data/one.csv'],`) });
      expect(await failure('g')).toMatchObject({
        code: 'READ_MISSING',
        facts: 'g/a reads the file packages/g/data/one.csv, which does not exist.',
      });
      workspace.write({ 'packages/g/data/one.csv': '1' });
      expect(await reads()).toEqual(['packages/g/data/one.csv']);
      workspace.remove('packages/g/data/one.csv');
      expect((await failure('g')).code).toBe('READ_MISSING');
    });
  });

  test.each(['', '{"version":', 'null', '{}', '[]'])('that holds %j is made again', async (content) => {
    workspace.write({ [`${STATE}/manifest.json`]: content });
    expect([...(await load('g')).keys()]).toEqual(['g/a']);
  });

  test('is kept for a run, whatever others find meanwhile', async () => {
    const { root } = workspace;
    const before = lastManifest(root);
    const stamp = manifestStamp(root);
    keepManifest(root, 'run-1');
    // To keep it under another name changes nothing for who watches it.
    expect(manifestStamp(root)).toBe(stamp);
    workspace.edit('packages/g/src/a.ts', (text) => `${text}// edited\n`);
    await load('g');
    expect(manifestStamp(root)).not.toBe(stamp);
    expect(manifestOfRun(root, 'run-1')).toEqual(before);
    expect(manifestOfRun(root, 'run-2')).toEqual(lastManifest(root));
    expect(lastManifest(root)).not.toEqual(before);
    keepManifest(root, 'run-1');
    expect(manifestOfRun(root, 'run-1')).toEqual(before);
  });

  test('holds in a workspace that was copied with it, and sees the files of the copy', async () => {
    const copy = join(realpathSync(mkdtempSync(join(tmpdir(), 'manifest-copy-'))), 'w');
    try {
      cpSync(workspace.root, copy, { recursive: true, verbatimSymlinks: true });
      const sources = groups('g');
      const before = statSync(join(copy, STATE, 'manifest.json')).ino;
      await readManifest(copy, sources);
      const file = join(copy, 'packages/g/src/a.ts');
      writeFileSync(file, readFileSync(file, 'utf8').replace('The a.', 'Another.'));
      const [group] = await readManifest(copy, sources);
      expect(group?.assets[0]?.description).toBe('Another.');
      expect(statSync(join(copy, STATE, 'manifest.json')).ino).not.toBe(before);
    } finally {
      rmSync(dirname(copy), { recursive: true, force: true });
    }
  });

  test('tells the processes of a command what was found', async () => {
    expect([...lastManifest(workspace.root).keys()]).toEqual(['g/a']);
    expect(lastManifest(workspace.root).get(parseAssetKey('g/a'))).toEqual((await load('g')).get('g/a'));
    expect(lastSources(workspace.root)).toEqual(groups('g'));
    expect([...lastOtherTargets(workspace.root)]).toEqual(['g/materialize', 'g/check']);
    workspace.remove(STATE);
    expect(() => lastManifest(workspace.root)).toThrow('FRAMEWORK_BUG');
    expect(lastSources(workspace.root)).toEqual([]);
    expect(lastOtherTargets(workspace.root).size).toBe(0);
  });
});
