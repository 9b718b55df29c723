import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, matchesGlob } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globHash, matcherOf, matchingFiles } from './matching-files.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'matching-')));
const write = (...paths: readonly string[]) => {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
};
beforeAll(() => {
  write(
    'data/b.csv',
    'data/a.csv',
    'data/.hidden.csv',
    'data/sub/c.csv',
    'data/sub/deep/d.csv',
    'data/x.json',
  );
  write('output/g/o.csv', 'node_modules/x/n.csv', '.nx/x.csv', 'other/e.csv', 'odd/[x]/f.csv');
  symlinkSync('../other/e.csv', join(root, 'data/link.csv'));
  symlinkSync('../other', join(root, 'data/folder'));
  symlinkSync('../nowhere', join(root, 'data/broken.csv'));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each<[string, readonly string[]]>([
  ['data/a.csv', ['data/a.csv']],
  ['data/none.csv', []],
  ['data', []],
  ['data/broken.csv', []],
  ['data/folder/e.csv', ['data/folder/e.csv']],
  ['data/*.csv', ['data/a.csv', 'data/b.csv', 'data/link.csv']],
  ['data/.*.csv', ['data/.hidden.csv']],
  ['data/{a,x}.{csv,json}', ['data/a.csv', 'data/x.json']],
  ['data/{a,sub/c}.csv', ['data/a.csv', 'data/sub/c.csv']],
  ['data/[ab].csv', ['data/a.csv', 'data/b.csv']],
  ['data/*/*.csv', ['data/sub/c.csv']],
  ['data/**/d.csv', ['data/sub/deep/d.csv']],
  ['data/sub/**', ['data/sub/c.csv', 'data/sub/deep/d.csv']],
  ['**/[cenofx].csv', ['data/sub/c.csv', 'odd/[x]/f.csv', 'other/e.csv']],
  ['*/g/*.csv', []],
  ['odd/[[]x]/*.csv', ['odd/[x]/f.csv']],
  ['nowhere/*.csv', []],
])('%s', (pattern, files) => {
  expect(matchingFiles(root, pattern)).toEqual(files);
});

test('what a pattern matched is remembered by the names, in their order', () => {
  expect(globHash(['a', 'b'])).toBe(globHash(['a', 'b']));
  expect(new Set([[], ['a'], ['a', 'b'], ['ab']].map(globHash)).size).toBe(4);
});

test('patterns of stars match what Node says that they match', () => {
  const piece = fc.constantFrom('a', 'b', '.', '-', 'a.b', 'x y');
  const part = fc.oneof(
    fc.constant('**'),
    fc
      .array(fc.oneof(piece, fc.constantFrom('*', '?', '**')), { minLength: 1, maxLength: 3 })
      .map((all) => all.join(''))
      .filter((text) => !/^\.+$/.test(text)),
  );
  const name = fc
    .array(piece, { minLength: 1, maxLength: 3 })
    .map((all) => all.join(''))
    .filter((text) => !/^\.+$/.test(text));
  const path = <T extends string>(of: fc.Arbitrary<T>) =>
    fc.array(of, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(path(part), path(name), (pattern, given) => {
      expect(matcherOf(pattern)(given)).toBe(matchesGlob(given, pattern));
    }),
    { numRuns: 2_000 },
  );
});
