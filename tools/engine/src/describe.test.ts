import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type AnyAsset,
  asset,
  AssetError,
  assetKey,
  checksOn,
  daily,
  mapPartitions,
  resource,
  rowCount,
  staticPartitions,
  trailing,
} from '@nx-assets/core';
import { hashText } from '@nx-assets/storage/records';
import { afterEach, beforeEach, describe as suite, expect, test } from 'vitest';
import { z } from 'zod';
import type { GroupSource, NamedAsset } from './definitions.ts';
import { describe } from './describe.ts';
import { explainLoadError } from './load-error.ts';

const require = createRequire(import.meta.url);
let root = '';
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'describe-')));
  for (const name of ['zod', '@nx-assets/core']) {
    mkdirSync(dirname(join(root, 'node_modules', name)), { recursive: true });
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(root, 'node_modules', name));
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const group: GroupSource = {
  name: 'g',
  root: 'packages/g',
  entry: './index.ts',
  description: 'G.',
  owner: '@acme/g',
  reserved: [],
};
const write = (file: string, content: string) => {
  mkdirSync(join(root, 'packages/g'), { recursive: true });
  writeFileSync(join(root, 'packages/g', file), content);
};
const Row = z.object({ n: z.int() });
/** Assets as loading would name them, each declared in a file of its own. */
function named(definitions: Readonly<Record<string, NamedAsset['definition']>>): NamedAsset[] {
  const names = Object.keys(definitions);
  write('index.ts', names.map((name) => `export * from './${name}.ts';\n`).join(''));
  for (const name of names) write(`${name}.ts`, `export const ${name} = 1;\n`);
  return Object.entries(definitions).map(([name, definition]) => ({
    key: assetKey('g', name),
    group,
    entry: join(root, 'packages/g/index.ts'),
    definition,
  }));
}
const manifest = (definition: NamedAsset['definition']) => {
  const [found] =
    describe(root, [group], { assets: named({ a: definition }), others: [] }).groups[0]?.assets ?? [];
  if (!found) throw new Error('nothing');
  return found;
};
const base = { description: 'd', schema: Row, materialize: () => [] };

suite('a table of partitions', () => {
  const regions = asset({ ...base, partitions: staticPartitions(['europe', 'america']) });
  const described = (keys: Readonly<Record<string, string>>) => {
    const sales = asset({
      ...base,
      partitions: staticPartitions(['emea', 'us']),
      deps: { regions: mapPartitions(regions, keys) },
    });
    return describe(root, [group], { assets: named({ regions, sales }), others: [] }).groups[0]?.assets;
  };

  test('names keys that there are', () => {
    expect(described({ emea: 'europe', us: 'america' })).toHaveLength(2);
  });

  test.each([
    [
      'of the dep',
      { emea: 'eurpoe' },
      '"eurpoe", which is none of the partitions of its dep (did you mean europe?)',
    ],
    ['of its own', { emae: 'europe' }, '"emae", which is none of its own partitions (did you mean emea?)'],
  ])('does not leave out in silence what is not there: %s', (_side, keys, problem) => {
    expect(() => described(keys)).toThrow(`PARTITION_UNKNOWN: mapPartitions() of g/sales names ${problem}`);
  });
});

test('a trail of windows needs windows on both sides', () => {
  const days = daily({ start: '2026-03-01' });
  const regions = asset({ ...base, partitions: staticPartitions(['europe']) });
  const made = (definition: Parameters<typeof manifest>[0]) => () =>
    describe(root, [group], { assets: named({ regions, a: definition }), others: [] });
  expect(made(asset({ ...base, partitions: days, deps: { r: trailing(regions, 3) } }))).toThrow(
    'ASSET_OPTION_INVALID: trailing() of g/a counts windows of time. Its dep has none.',
  );
});

suite('a definition as data', () => {
  test('has the variables of its resources among its own, and the owner of its group unless it has one', () => {
    const api = resource({ description: 'A.', env: ['URL', 'REGION'], open: () => 1 });
    const found = manifest(asset({ ...base, env: ['REGION', 'A'], resources: { api } }));
    expect(found.env).toEqual(['A', 'REGION', 'URL']);
    expect(found.owners).toEqual(['@acme/g']);
    expect(manifest(asset({ ...base, owners: ['@acme/me'] })).owners).toEqual(['@acme/me']);
  });

  test('has its policy in milliseconds', () => {
    const found = manifest(asset({ ...base, freshness: { maxAge: '1h', overdueAfter: '2h' } }));
    expect(found.freshness).toEqual({ kind: 'age', due: 3_600_000, overdue: 7_200_000 });
  });

  test.each([
    ['its schema', { schema: Row.extend({ m: z.int() }) }],
    ['its kind', { kind: 'other' }],
    ['its environment', { env: ['A'] }],
    ['its freshness', { freshness: { maxAge: '1h' } as const }],
    ['its resources', { resources: { api: resource({ description: 'A.', open: () => 1 }) } }],
  ])('is another when %s is', (_what, change) => {
    expect(manifest(asset({ ...base, ...change })).code.version).not.toBe(manifest(asset(base)).code.version);
  });

  test.each([
    ['what it says', { description: 'other' }],
    ['its tags', { tags: ['x'] }],
    ['its owners', { owners: ['@acme/me'] }],
    ['its metadata', { metadata: { a: 1 } }],
  ])('is the same when %s changes', (_what, change) => {
    expect(manifest(asset({ ...base, ...change })).code.version).toBe(manifest(asset(base)).code.version);
  });
});

suite('blocking checks', () => {
  const names = (value: object) => {
    const assets =
      describe(root, [group], { assets: named(value as Record<string, AnyAsset>), others: [] }).groups[0]
        ?.assets ?? [];
    return Object.fromEntries(assets.map(({ key, blockingChecks }) => [key, blockingChecks]));
  };
  const on = (checked: AnyAsset, deps: Record<string, AnyAsset> = {}, blocking = true) =>
    checksOn({ on: checked, description: 'd', deps, checks: [rowCount({ min: 1 })] as never, blocking });

  test('are waited for by what depends on the asset, but for what they need themselves', () => {
    const a = asset(base);
    const b = asset({ ...base, deps: { a } });
    const c = asset({ ...base, deps: { a } });
    expect(names({ a, b, c, checks: on(a, { b }), others: on(a, {}, false) })).toEqual({
      'g/a': [],
      'g/b': [],
      'g/c': ['g/checks'],
      'g/checks': [],
      'g/others': [],
    });
  });

  test('that wait for each other are a cycle with a remedy of its own', () => {
    const a = asset(base);
    const b = asset(base);
    const c = asset({ ...base, deps: { a } });
    const d = asset({ ...base, deps: { b } });
    const around = { a, b, c, d, one: on(a, { d }), two: on(b, { c }) };
    expect(() => names(around)).toThrow(/ASSET_CYCLE: .*g\/one.* Make one of these checks non-blocking/s);
  });
});

suite('files that an asset opens by path', () => {
  const reading = (...reads: readonly string[]) => manifest(asset({ ...base, reads }));
  const file = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };

  test('count by content, and where there are none nothing is said of them', () => {
    file('packages/g/data/b.csv', 'b');
    file('packages/g/data/a.csv', 'a');
    file('shared/s.json', '{}');
    const found = reading('data/*.csv', '{workspaceRoot}/shared/s.json');
    expect(found.reads).toEqual(['packages/g/data/*.csv', 'shared/s.json']);
    expect(found.code.reads).toEqual({
      'packages/g/data/a.csv': hashText('a'),
      'packages/g/data/b.csv': hashText('b'),
      'shared/s.json': hashText('{}'),
    });
    const none = manifest(asset(base));
    expect(none).not.toHaveProperty('reads');
    expect(none.code).not.toHaveProperty('reads');
  });

  test('make another version when one is edited, appears or goes, and none where none is declared', () => {
    const versions = new Set<string>();
    const look = () => versions.add(reading('data/*.csv').code.version).size;
    expect(look()).toBe(1);
    file('packages/g/data/a.csv', 'a');
    expect(look()).toBe(2);
    file('packages/g/data/a.csv', 'edited');
    expect(look()).toBe(3);
    file('packages/g/data/other.json', 'no match');
    expect(look()).toBe(3);
    rmSync(join(root, 'packages/g/data/a.csv'));
    expect(look()).toBe(3);
    const version = manifest(asset(base)).code.version;
    file('packages/g/data/a.csv', 'x');
    expect(manifest(asset(base)).code.version).toBe(version);
  });

  test.each(['data/none.csv', 'data', '{workspaceRoot}/none.json'])('%s has to be there', (path) => {
    file('packages/g/data/a.csv', 'a');
    expect(() => reading(path)).toThrow(
      /^READ_MISSING: g\/a reads the file .*, which does not exist\. Correct/,
    );
  });

  test('may be a link inside of the workspace, and none that leads out of it', () => {
    file('shared/s.json', '{}');
    mkdirSync(join(root, 'packages/g/data'), { recursive: true });
    symlinkSync('../../../shared/s.json', join(root, 'packages/g/data/in.json'));
    expect(reading('data/in.json').code.reads).toEqual({ 'packages/g/data/in.json': hashText('{}') });
    symlinkSync(import.meta.filename, join(root, 'packages/g/data/out.json'));
    for (const pattern of ['data/out.json', 'data/*.json'])
      expect(() => reading(pattern)).toThrow('READ_OUTSIDE: g/a reads packages/g/data/out.json, a link');
  });
});

suite('why definitions did not load', () => {
  test.each<[unknown, string, string]>([
    [new TypeError('boom'), 'DEFINITION_THREW', 'TypeError: boom.'],
    ['boom', 'DEFINITION_THREW', 'Error: boom.'],
    [new SyntaxError('bad'), 'DEFINITION_SYNTAX', 'bad.'],
    [Object.assign(new Error('no'), { code: 'ERR_MODULE_NOT_FOUND' }), 'DEFINITION_IMPORT_UNRESOLVED', 'no.'],
    [
      Object.assign(new Error('no'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }),
      'DEFINITION_IMPORT_UNRESOLVED',
      'no.',
    ],
    [
      Object.assign(new Error('enum'), { code: 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' }),
      'DEFINITION_SYNTAX',
      'enum.',
    ],
    [new ReferenceError(`Cannot access 'x' before initialization`), 'DEFINITION_THREW', 'ReferenceError: '],
  ])('%s is %s', (thrown, code, facts) => {
    write('index.ts', '');
    const error = explainLoadError(thrown, root, [group]);
    expect(error.code).toBe(code);
    expect(error.facts).toContain(facts);
  });

  test('an error that says enough stays as it is', () => {
    const error = new AssetError('ASSET_NAME_INVALID', 'x');
    expect(explainLoadError(error, root, [group])).toBe(error);
  });

  test.each([
    new ReferenceError(`Cannot access 'a' before initialization`),
    new AssetError('ASSET_DEP_INVALID', 'The dep "a" is undefined.'),
  ])('%s is a cycle where files import each other', (thrown) => {
    write('index.ts', `export * from './a.ts';`);
    write('a.ts', `import { b } from './b.ts';\nexport const a = b;`);
    write('b.ts', `import { a } from './a.ts';\nexport const b = a;`);
    const error = explainLoadError(thrown, root, [group]);
    expect(error).toMatchObject({ code: 'ASSET_CYCLE', facts: 'g/b → g/a → g/b.' });
  });

  test('code that cannot be read does not hide the first error', () => {
    write('index.ts', 'export const = 1;');
    expect(explainLoadError(new AssetError('ASSET_DEP_INVALID', 'x'), root, [group]).code).toBe(
      'ASSET_DEP_INVALID',
    );
  });
});
