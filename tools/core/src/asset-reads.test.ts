import { expect, test } from 'vitest';
import { z } from 'zod';
import { asset } from './asset.ts';
import { checkReads, escapePattern, fromFolder, fromRoot, isPattern } from './asset-reads.ts';
import { multiAsset } from './multi-asset.ts';

test('files are named from the folder of the package, or from the root, each once', () => {
  const reads = ['data/*.csv', './data/*.csv', '{workspaceRoot}/shared/x.json', 'a/**', '..a/b', '{a,b}/x'];
  expect(checkReads(reads)).toEqual([
    'data/*.csv',
    '{workspaceRoot}/shared/x.json',
    'a/**',
    '..a/b',
    '{a,b}/x',
  ]);
  expect(checkReads()).toEqual([]);
});

test.each([
  ['', 'is no path'],
  [' ', 'is no path'],
  [3, 'is no path'],
  ['/etc/passwd', 'is a path of this machine'],
  ['C:/x.csv', 'is a path of this machine'],
  ['~/x.csv', 'is a path of this machine'],
  ['data\\x.csv', 'has backslashes'],
  ['../x.csv', 'leads through "." or ".."'],
  ['data/../../x.csv', 'leads through "." or ".."'],
  ['data/{..,x}/y', 'leads through "." or ".."'],
  ['{workspaceRoot}/../x.csv', 'leads through "." or ".."'],
  ['data//x.csv', 'has an empty part'],
  ['data/', 'has an empty part'],
  ['!data/x.csv', 'leaves files out'],
  ['{projectRoot}/x.csv', 'begins with a name that stands for nothing here'],
  ['node_modules/x/y.json', 'is in a folder whose files are made anew'],
  ['{workspaceRoot}/.nx/x', 'is in a folder whose files are made anew'],
  ['{workspaceRoot}/output/g/a.json', 'is in output/, where the values of assets are'],
])('%j: %s', (pattern, problem) => {
  expect(() => checkReads([pattern as string])).toThrow(
    `ASSET_OPTION_INVALID: reads: ${JSON.stringify(pattern)} ${problem}. Name files from the folder of the package`,
  );
});

test('a text alone is no list', () => {
  expect(() => checkReads('data/*.csv' as never)).toThrow('reads: "data/*.csv" is not a list.');
});

test.each([
  ['packages/g', 'data/*.csv', 'packages/g/data/*.csv'],
  ['packages/g', '{workspaceRoot}/shared/x.json', 'shared/x.json'],
  ['.', 'data/*.csv', 'data/*.csv'],
  ['packages/[x]', 'a.csv', 'packages/[[]x]/a.csv'],
])('in %s, %s is %s from the root, and back', (folder, pattern, rooted) => {
  expect(fromRoot(folder, pattern)).toBe(rooted);
  expect(fromFolder(folder, rooted)).toBe(pattern);
});

test('a path that looks like a pattern is written as one that matches it alone', () => {
  expect(['data/x.csv', 'data/*.csv', 'a[1].csv', 'a+(b)', '{a,b}'].map(isPattern)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  expect(escapePattern('data/a[1].csv')).toBe('data/a[[]1].csv');
});

test('all outputs of one function read the same', () => {
  const { a, b } = multiAsset({
    description: 'd',
    reads: ['x.csv'],
    outputs: { a: { value: z.int() }, b: { value: z.int() } },
    materialize: () => ({ a: 1, b: 2 }),
  });
  expect([a.reads, b.reads]).toEqual([['x.csv'], ['x.csv']]);
  expect(asset({ description: 'd', value: z.int(), materialize: () => 1 }).reads).toEqual([]);
});
