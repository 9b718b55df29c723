import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GuardedRemoteCache, type GuardOptions, type RemoteCache } from './guarded-remote-cache.ts';

let cache: string;
let problems: { kind: string; hash: string; reason: string }[];
let asked: string[];
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'guard-'));
  problems = [];
  asked = [];
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Unpacks a file, as Nx does, and then does `then`. */
const remoteOf = (then: () => Promise<boolean> | boolean): RemoteCache => ({
  retrieve: async (hash, folder) => {
    asked.push(`get ${hash}`);
    mkdirSync(join(folder, hash), { recursive: true });
    writeFileSync(join(folder, hash, 'value'), 'new');
    return (await then()) ? { outputsPath: join(folder, hash), code: 0 } : null;
  },
  store: async (hash) => {
    asked.push(`put ${hash}`);
    return then();
  },
});
const guard = (then: () => Promise<boolean> | boolean, options: Partial<GuardOptions> = {}) =>
  new GuardedRemoteCache(remoteOf(then), {
    problemOf: () => null,
    onProblem: (problem) => problems.push(problem),
    patience: { limit: 5_000, pause: 1, failures: 3 },
    ...options,
  });
const failing = () => {
  throw new Error('502 for a\n\nStack backtrace:');
};

describe('a result', () => {
  test('that is what it should be is in the cache, in place of what was there', async () => {
    mkdirSync(join(cache, 'a'));
    writeFileSync(join(cache, 'a/left'), 'over');
    expect(await guard(() => true).retrieve('a', cache)).toEqual({ outputsPath: join(cache, 'a'), code: 0 });
    expect(readdirSync(cache)).toEqual(['a']);
    expect(readdirSync(join(cache, 'a'))).toEqual(['value']);
    expect(problems).toEqual([]);
  });

  test('that the cache does not have is no problem, and leaves nothing', async () => {
    expect(await guard(() => false).retrieve('a', cache)).toBeNull();
    expect([readdirSync(cache), problems, asked]).toEqual([[], [], ['get a']]);
  });

  test('that is not what it should be is not in the cache, and not asked for twice', async () => {
    const seen: string[] = [];
    const problemOf = (_hash: string, folder: string) => {
      seen.push(readFileSync(join(folder, 'value'), 'utf8'));
      return 'but it is not';
    };
    expect(await guard(() => true, { problemOf }).retrieve('a', cache)).toBeNull();
    expect([readdirSync(cache), seen, asked]).toEqual([[], ['new'], ['get a']]);
    expect(problems).toEqual([{ kind: 'invalid', hash: 'a', reason: 'but it is not' }]);
  });

  test('that breaks off is not in the cache', async () => {
    expect(await guard(failing).retrieve('a', cache)).toBeNull();
    expect([readdirSync(cache), asked]).toEqual([[], ['get a', 'get a']]);
    expect(problems).toEqual([{ kind: 'unread', hash: 'a', reason: '502 for …' }]);
  });

  test('that comes too late is not in the cache', async () => {
    let arrive: (value: boolean) => void = () => {};
    const late = new Promise<boolean>((resolve) => (arrive = resolve));
    const patience = { limit: 20, pause: 1, failures: 3 };
    expect(await guard(() => late, { patience }).retrieve('f00', cache)).toBeNull();
    arrive(true);
    await late;
    expect([existsSync(join(cache, 'f00')), asked]).toEqual([false, ['get f00']]);
    expect(problems).toMatchObject([{ reason: 'no answer within 0.02 s' }]);
  });

  test('of a cache with a folder of its own stays there', async () => {
    const elsewhere = { outputsPath: join(cache, 'mine/a'), code: 0 };
    const remote = { ...remoteOf(() => true), retrieve: () => Promise.resolve(elsewhere) };
    const patience = { limit: 5_000, pause: 1, failures: 3 };
    const guarded = new GuardedRemoteCache(remote, { problemOf: () => null, onProblem: () => {}, patience });
    expect(await guarded.retrieve('a', cache)).toEqual(elsewhere);
  });
});

test('what is not taken is told, and the second attempt may succeed', async () => {
  let times = 0;
  expect(await guard(() => ++times > 1 || failing()).store('a', cache, '', 0)).toBe(true);
  expect([asked, problems]).toEqual([['put a', 'put a'], []]);
  expect(await guard(failing).store('b', cache, '', 0)).toBe(false);
  expect(problems).toMatchObject([{ kind: 'unstored', hash: 'b' }]);
});

test('after failures in a row nothing is asked for any more; one success counts', async () => {
  let works = false;
  const guarded = guard(() => works || failing());
  const ask = async (...hashes: readonly string[]) => {
    for (const hash of hashes) await guarded.retrieve(hash, cache);
  };
  await ask('1', '2');
  works = true;
  await ask('3');
  works = false;
  await ask('4', '5', '6');
  asked = [];
  works = true;
  await ask('7');
  expect(asked).toEqual([]);
  expect(problems.at(-1)?.hash).toBe('7');
  expect(problems.at(-1)?.reason).toContain('not asked');
});
