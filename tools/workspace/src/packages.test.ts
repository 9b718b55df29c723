import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { currentBranch, fileHistory } from './git.ts';
import { readGroups } from './groups.ts';
import { findPackageFiles } from './package-files.ts';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'packages-')));
  write({ 'nx.json': '{}', 'package.json': '{}', '.gitignore': 'node_modules\nignored\noutput\n' });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
const git = (...args: readonly string[]): string =>
  execFileSync(
    'git',
    ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main', ...args],
    {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
/** A commit of everything that there is. */
const commit = (subject: string) => {
  git('add', '-A');
  git('commit', '--allow-empty', '--allow-empty-message', '-m', subject);
};

const section = (more: object = {}) => JSON.stringify({ name: '@test/x', 'nx-assets': {}, ...more });
const packageFiles = () => findPackageFiles(root).sort();

describe('package.json files', () => {
  const FILES = {
    'packages/a/package.json': '{}',
    'packages/a/deep/er/package.json': '{}',
    'packages/a/other-package.json': '{}',
    'packages/a/package.json.bak': '{}',
    'packages/ä b/package.json': '{}',
    'packages/a/node_modules/dep/package.json': '{}',
    'packages/a/dist/package.json': '{}',
    'output/package.json': '{}',
    'ignored/package.json': '{}',
    'hidden/package.json': '{}',
  };
  const FOUND = [
    'package.json',
    'packages/a/deep/er/package.json',
    'packages/a/package.json',
    'packages/ä b/package.json',
  ];

  test('are found without git, outside of folders for tools', () => {
    write(FILES);
    expect(packageFiles()).toEqual(['hidden/package.json', 'ignored/package.json', ...FOUND]);
  });

  test('are those that git does not ignore, new or committed', () => {
    write(FILES);
    git('init');
    const found = ['hidden/package.json', 'package.json', 'packages/a/deep/er/package.json'];
    const all = [...found, 'packages/a/dist/package.json', ...FOUND.slice(2)];
    expect(packageFiles()).toEqual(all);
    commit('x');
    expect(packageFiles()).toEqual(all);
    write({ 'packages/new/package.json': '{}' });
    rmSync(join(root, 'packages/a/deep'), { recursive: true });
    expect(packageFiles()).toContain('packages/new/package.json');
    expect(packageFiles()).not.toContain('packages/a/deep/er/package.json');
  });

  test('are none that .nxignore hides, committed or not', () => {
    write(FILES);
    git('init');
    git('add', 'hidden');
    write({ '.nxignore': 'hidden\ndist\n' });
    expect(packageFiles()).toEqual(FOUND);
  });
});

describe('groups', () => {
  const groups = () => readGroups(root, findPackageFiles(root));

  test('are the packages with a section, by folder, with what they say of themselves', () => {
    write({
      'packages/zoo/src/index.ts': '',
      'packages/zoo/package.json': section({
        nx: { name: 'zoo' },
        'nx-assets': { owner: '@test/team', description: 'The zoo.' },
      }),
      'packages/lib/package.json': '{ "name": "lib" }',
      'packages/mentions/package.json': '{ "keywords": ["nx-assets"], "dependencies": { "nx-assets": "1" } }',
      'packages/b/package.json': section({
        description: 'Of the package.',
        scripts: { clean: 'rm -r x' },
        nx: { targets: { build: {}, test: {} } },
        'nx-assets': { entry: './main.ts' },
      }),
      'packages/b/main.ts': '',
    });
    expect(groups()).toEqual([
      {
        name: 'x',
        root: 'packages/b',
        entry: './main.ts',
        description: 'Of the package.',
        owner: null,
        reserved: ['materialize', 'check', 'build', 'test', 'clean'],
      },
      {
        name: 'zoo',
        root: 'packages/zoo',
        entry: './src/index.ts',
        description: 'The zoo.',
        owner: '@test/team',
        reserved: ['materialize', 'check'],
      },
    ]);
  });

  test('are called by Nx, then by their package, then by their folder', () => {
    const entry = { 'nx-assets': { entry: './i.ts' } };
    for (const name of ['a', 'b', 'c']) write({ [`${name}/i.ts`]: '' });
    write({
      'a/package.json': section({ ...entry, name: '@test/package', nx: { name: 'nx' } }),
      'b/package.json': section({ ...entry, name: '@test/package' }),
      'c/package.json': JSON.stringify(entry),
    });
    expect(groups().map(({ name }) => name)).toEqual(['nx', 'package', 'c']);
  });

  test('without their entry are refused', () => {
    write({ 'packages/b/package.json': section() });
    expect(groups).toThrow(
      expect.objectContaining({
        code: 'GROUP_ENTRY_MISSING',
        facts: 'packages/b/package.json says that its assets are in ./src/index.ts, which is not there.',
      }),
    );
  });

  test('are none where there are no packages', () => {
    expect(readGroups(root, [])).toEqual([]);
    expect(groups()).toEqual([]);
  });
});

describe('git', () => {
  test('knows nothing where there is none', () => {
    expect(fileHistory(root, 'nx.json')).toBeNull();
    expect(currentBranch(root)).toBeNull();
    expect(fileHistory(`${root}/nowhere`, 'nx.json')).toBeNull();
  });

  test('knows the branch, and not of a commit that is on none', () => {
    git('init');
    expect(currentBranch(root)).toBe('main');
    git('commit', '--allow-empty', '-m', 'first');
    git('checkout', '-b', 'feature/x');
    expect(currentBranch(root)).toBe('feature/x');
    git('checkout', '--detach');
    expect(currentBranch(root)).toBeNull();
  });

  test('knows the last commit that changed a file, and whether it was changed since', () => {
    const file = 'packages/a/src/ü "x".ts';
    write({ [file]: '1', 'other.ts': '1' });
    git('init');
    git('commit', '--allow-empty', '-m', 'nothing');
    expect(fileHistory(root, file)).toEqual({ isUncommitted: true, commit: null });

    commit('Add it\n\nAt length.');
    write({ 'other.ts': '2' });
    git('commit', '-am', 'Change the other');
    const first = fileHistory(root, file);
    expect(first).toMatchObject({ isUncommitted: false, commit: { author: 'test', subject: 'Add it' } });
    expect(first?.commit?.at).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(git('log', '--format=%h %s')).toContain(`${first?.commit?.hash} Add it`);

    write({ [file]: '2' });
    expect(fileHistory(root, file)).toEqual({ ...first, isUncommitted: true });
    expect(fileHistory(root, 'nowhere.ts')).toEqual({ isUncommitted: false, commit: null });
  });

  test('takes a path as it is written, though it looks like a pattern', () => {
    write({ '[id].ts': '1' });
    git('init');
    commit('Add a page');
    write({ 'i.ts': '1' });
    commit('Add i');
    write({ 'i.ts': '2' });
    expect(fileHistory(root, '[id].ts')).toMatchObject({
      isUncommitted: false,
      commit: { subject: 'Add a page' },
    });
  });

  test('tells a commit without a subject from none', () => {
    write({ 'a.ts': '1' });
    git('init');
    commit('');
    expect(fileHistory(root, 'a.ts')?.commit).toMatchObject({ subject: '', author: 'test' });
  });
});
