import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  beginEpoch,
  cacheFolder,
  currentEpoch,
  endEpoch,
  hasOwnHash,
  supersede,
  taskHashes,
} from './nx-cache.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nx-cache-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const place = (env: Readonly<Record<string, string>> = {}) => ({ root, env });
const statePath = () => join(root, '.nx/nx-assets/nx-cache.json');
const make = (...folders: readonly string[]) => {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
};
/** Another folder under the same name. The old one is only moved away, so that its number is not given again. */
let moved = 0;
const replace = (folder: string) => {
  make('old');
  renameSync(join(root, folder), join(root, 'old', String(moved++)));
  make(folder);
};

describe('the folder of the cache', () => {
  test('is that of Nx, unless nx.json or the environment says otherwise', () => {
    expect(cacheFolder(place())).toBe(join(root, '.nx/cache'));
    writeFileSync(join(root, 'nx.json'), JSON.stringify({ cacheDirectory: 'var/nx' }));
    expect(cacheFolder(place())).toBe(join(root, 'var/nx'));
    expect(cacheFolder(place({ NX_CACHE_DIRECTORY: 'elsewhere' }))).toBe(join(root, 'elsewhere'));
    expect(cacheFolder(place({ NX_CACHE_DIRECTORY: '/srv/nx' }))).toBe('/srv/nx');
  });

  test('is that of Nx where nx.json is torn', () => {
    writeFileSync(join(root, 'nx.json'), '{ "cacheDirectory": "va');
    expect(cacheFolder(place())).toBe(join(root, '.nx/cache'));
  });
});

describe('an epoch', () => {
  test('is the first where nothing ran yet, with or without folders', () => {
    expect(currentEpoch(place())).toBe('');
    make('.nx/cache', '.nx/workspace-data');
    expect(beginEpoch(place())).toBe('');
    expect(beginEpoch(place())).toBe('');
  });

  test('does not end where the cache is made by the first run', () => {
    make('.nx/workspace-data');
    expect(beginEpoch(place())).toBe('');
    make('.nx/cache');
    endEpoch(place(), false);
    expect(beginEpoch(place())).toBe('');
  });

  test.each(['gone', 'replaced'])('ends where the files are %s and the database is not', (how) => {
    make('.nx/cache', '.nx/workspace-data');
    beginEpoch(place());
    if (how === 'gone') rmSync(join(root, '.nx/cache'), { recursive: true });
    else replace('.nx/cache');
    expect(currentEpoch(place())).not.toBe('');
    const next = beginEpoch(place());
    expect(next).not.toBe('');
    // It is lost once, not in each run from now on.
    expect(beginEpoch(place())).toBe(next);
    expect(currentEpoch(place())).toBe(next);
    make('.nx/cache');
    expect(beginEpoch(place())).toBe(next);
  });

  test('ends each time', () => {
    make('.nx/cache', '.nx/workspace-data');
    const epochs = [0, 1, 2].map(() => {
      const epoch = beginEpoch(place());
      replace('.nx/cache');
      return epoch;
    });
    expect(new Set([...epochs, currentEpoch(place())]).size).toBe(4);
  });

  test('is the first again where the database is another one: it remembers nothing to be wrong about', () => {
    make('.nx/cache', '.nx/workspace-data');
    beginEpoch(place());
    replace('.nx/cache');
    expect(beginEpoch(place())).not.toBe('');
    replace('.nx/workspace-data');
    expect(beginEpoch(place())).toBe('');
  });

  test('ends where a run found files missing', () => {
    make('.nx/cache', '.nx/workspace-data');
    beginEpoch(place());
    endEpoch(place(), false);
    expect(currentEpoch(place())).toBe('');
    endEpoch(place(), true);
    expect(currentEpoch(place())).not.toBe('');
  });

  // The database knows all of them, and this state is not the only place that may be deleted.
  test('has a name that no earlier one had, though nobody remembers those', () => {
    make('.nx/cache', '.nx/workspace-data');
    const begun = [0, 1].flatMap(() => {
      rmSync(statePath(), { force: true });
      beginEpoch(place());
      return [0, 1, 2].map(() => {
        endEpoch(place(), true);
        return beginEpoch(place());
      });
    });
    expect(new Set(begun).size).toBe(6);
  });

  test('to look changes nothing, and to see the same writes nothing', () => {
    make('.nx/cache', '.nx/workspace-data');
    currentEpoch(place());
    expect(statSync(statePath(), { throwIfNoEntry: false })).toBeUndefined();
    beginEpoch(place());
    const written = () => statSync(statePath(), { bigint: true }).ino;
    const before = written();
    beginEpoch(place());
    endEpoch(place(), false);
    expect(written()).toBe(before);
  });

  test.each(['{"database":', '{"database":null,"files":null,"epoch":1}'])(
    'survives a file of state that nobody can read as the first: %s',
    (text) => {
      make('.nx/cache', '.nx/workspace-data');
      beginEpoch(place());
      endEpoch(place(), true);
      writeFileSync(statePath(), text);
      expect(beginEpoch(place())).toBe('');
      expect(JSON.parse(readFileSync(statePath(), 'utf8'))).toMatchObject({ epoch: '' });
    },
  );

  test('looks where the environment puts the folders', () => {
    const env = { NX_CACHE_DIRECTORY: 'c', NX_WORKSPACE_DATA_DIRECTORY: join(root, 'd') };
    make('c', 'd');
    beginEpoch(place(env));
    replace('c');
    expect(currentEpoch(place(env))).not.toBe('');
  });
});

test('a task has the action key as its hash until files were lost, then another in each epoch', () => {
  const hashIn = (epoch: string) => taskHashes(place(), epoch)('abc');
  expect(hashIn('')).toBe('abc');
  const later = ['one', 'two'].map(hashIn);
  expect(later[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set([...later, 'abc']).size).toBe(3);
  expect(hashIn('one')).toBe(later[0]);
});

test('a task has another hash each time that a newer value takes the place of what a cache may have', () => {
  const hashes = () => ['abc', 'def'].map(taskHashes(place(), ''));
  const seen = [hashes()];
  for (const key of ['abc', 'abc', 'def']) {
    supersede(place(), key);
    seen.push(hashes());
  }
  expect(seen[0]).toEqual(['abc', 'def']);
  expect(seen.map(([, other]) => other).slice(0, 3)).toEqual(['def', 'def', 'def']);
  expect(new Set(seen.map(([one]) => one)).size).toBe(3);
  expect(new Set(seen.map(([, other]) => other)).size).toBe(2);
  expect(taskHashes(place(), 'one')('abc')).not.toBe(hashes()[0]);
});

test.each(['.nx/nx-assets', '.nx/cache'])('and has it still where %s is gone', (folder) => {
  make('.nx/cache');
  supersede(place(), 'abc');
  supersede(place(), 'abc');
  const hash = taskHashes(place(), '')('abc');
  rmSync(join(root, folder), { recursive: true });
  expect(taskHashes(place(), '')('abc')).toBe(hash);
  supersede(place(), 'abc');
  expect([hash, 'abc']).not.toContain(taskHashes(place(), '')('abc'));
});

test.each<[string, unknown, boolean]>([
  ['2026-03-01', '2026-03-01', true],
  ['2026', 2026, true],
  ['2026-03-01', 'latest', false],
  ['2026-03-01', '2026-03-01...2026-03-01', false],
  ['007', 7, false],
  // Its file has another name than the partition.
  ['a b', 'a b', false],
  ['2026-03-01/eu', '2026-03-01/eu', true],
  ['eu', undefined, false],
])('Nx caches the files of [%s] under its own hash when asked for %o: %s', (part, option, expected) => {
  expect(hasOwnHash(part, option)).toBe(expected);
});
