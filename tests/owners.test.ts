import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

type Group = { folder: string; owner: string };

const groups: Group[] = readdirSync(join(root, 'packages')).flatMap((name) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    'nx-assets'?: { owner: string };
  };
  const group = manifest['nx-assets'];
  return group === undefined ? [] : [{ folder: `/packages/${name}/`, owner: group.owner }];
});

const rules = readFileSync(join(root, '.github/CODEOWNERS'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/\s+/) as [path: string, ...owners: string[]]);

test('there are groups to own', () => {
  expect(groups.length).toBeGreaterThanOrEqual(5);
});

test.each(groups)('$folder belongs to $owner, here and in CODEOWNERS', ({ folder, owner }) => {
  const [, ...owners] = rules.find(([path]) => path === folder) ?? [''];
  expect(owners).toEqual([owner]);
});

test('CODEOWNERS names no folder that is gone', () => {
  const gone = rules.map(([path]) => path).filter((path) => path !== '*' && !existsSync(join(root, path)));
  expect(gone).toEqual([]);
});
