import { AssetError } from '@nx-assets/core';
import { describe, expect, test } from 'vitest';
import { requestFrom } from './run-request.ts';

describe('takes', () => {
  test('what there is to choose from, and leaves out what nobody said', () => {
    expect(requestFrom({ assets: 'all' })).toEqual({ assets: 'all', force: false, refresh: false });
    expect(requestFrom({ assets: 'stale' }).assets).toBe('stale');
    expect(requestFrom({ assets: [] }).assets).toEqual([]);
  });

  test('every part', () => {
    const all = {
      assets: ['lab/a', 'lab/b'],
      partition: '2026-03-01..2026-03-04',
      only: 'failed',
      job: 'lab/nightly',
      again: 'run-1',
      force: true,
      refresh: true,
    };
    expect(requestFrom(all)).toEqual(all);
  });

  test('a word only where it is a yes', () => {
    expect(requestFrom({ assets: 'all', force: 'false', refresh: 1 })).toEqual({
      assets: 'all',
      force: false,
      refresh: false,
    });
  });

  test('nothing that it does not know', () => {
    const given = JSON.parse('{"assets":"all","__proto__":{"force":true},"env":{"PATH":"/evil"}}') as unknown;
    expect(requestFrom(given)).toEqual({ assets: 'all', force: false, refresh: false });
  });
});

describe('refuses', () => {
  test.each([
    [null, 'The request is no object.'],
    ['all', 'The request is no object.'],
    [undefined, 'The request is no object.'],
    [{}, '`assets` is a list of keys, "all" or "stale".'],
    [[], '`assets` is a list of keys, "all" or "stale".'],
    [{ assets: 'ALL' }, '`assets` is a list of keys, "all" or "stale".'],
    [{ assets: ['lab/a', 1] }, '`assets` is a list of keys, "all" or "stale".'],
    [{ assets: { 0: 'lab/a', length: 1 } }, '`assets` is a list of keys, "all" or "stale".'],
    [{ assets: 'all', partition: 1 }, '`partition` is a text.'],
    [{ assets: 'all', partition: null }, '`partition` is a text.'],
    [{ assets: 'all', only: 'fresh' }, '`only` is "missing", "stale" or "failed".'],
    [{ assets: 'all', job: ['lab/nightly'] }, '`job` is a text.'],
    [{ assets: 'all', again: true }, '`again` is the id of a run.'],
  ])('%j', (given, facts) => {
    expect(() => requestFrom(given)).toThrow(
      expect.toSatisfy(
        (error) => error instanceof AssetError && error.code === 'COMMAND_INVALID' && error.facts === facts,
      ),
    );
  });
});
