import { describe, expect, test } from 'vitest';
import { type AssetKey, parseAssetKey } from '../key.ts';
import type { AssetManifest } from '../manifest.ts';
import { parseSelection } from './parse.ts';
import { select } from './select.ts';
import type { AssetStatus, SelectableAsset } from './selection.ts';
import { unmatched } from './unmatched.ts';

type Extra = Partial<Omit<SelectableAsset, 'key' | 'deps'>>;
const asset = (key: string, deps: readonly string[], extra: Extra = {}): SelectableAsset => ({
  key: parseAssetKey(key),
  kind: 'duckdb',
  tags: [],
  owners: ['@acme/data-platform'],
  deps: Object.fromEntries(deps.map((dep, index) => [`dep_${index}`, parseAssetKey(dep)])),
  ...extra,
});

/** users_raw → users_cleaned → (activity, mailing) → report, and posts_raw → activity. */
const assets = [
  asset('sources/users_raw', [], { kind: 'api', tags: ['pii', 'nightly run'], status: ['overdue', 'stale'] }),
  asset('sources/posts_raw', ['elsewhere/unknown'], { kind: 'api', status: ['fresh'] }),
  asset('transforms/users_cleaned', ['sources/users_raw', 'sources/users_raw'], { tags: ['pii'] }),
  asset('analytics/activity', ['transforms/users_cleaned', 'sources/posts_raw'], {
    status: ['failed', 'stale'],
  }),
  asset('exports/mailing', ['transforms/users_cleaned'], { owners: ['@acme/crm', 'zoë'] }),
  asset('exports/report', ['analytics/activity', 'exports/mailing'], { kind: 'csv', status: ['missing'] }),
];
const all = 'users_raw posts_raw users_cleaned activity mailing report';

const selected = (text: string) =>
  [...select(parseSelection(text), assets)].map((key) => key.replace(/.*\//, '')).join(' ');

describe('a selection', () => {
  test.each([
    ['*', all],
    ['users_cleaned', 'users_cleaned'],
    ['users_*', 'users_raw users_cleaned'],
    ['*_?aw', 'users_raw posts_raw'],
    ['sources/users_raw', 'users_raw'],
    ['exports/*', 'mailing report'],
    ['key:*s/*o*', 'posts_raw report'],
    ['users', ''],
    ['USERS_RAW', ''],
    ['group:exports', 'mailing report'],
    ['group:*s', all],
    ['kind:api', 'users_raw posts_raw'],
    ['tag:pii', 'users_raw users_cleaned'],
    ['tag:"nightly run"', 'users_raw'],
    ['tag:"*i*"', 'users_raw users_cleaned'],
    ['owner:@acme/crm', 'mailing'],
    ['owner:zoe\u0308', 'mailing'],
    ['owner:zo?', 'mailing'],
    ['status:stale', 'users_raw activity'],
    ['status:f*', 'posts_raw activity'],
    ['+activity', 'users_raw posts_raw users_cleaned activity'],
    ['users_cleaned+', 'users_cleaned activity mailing report'],
    ['+mailing+', 'users_raw users_cleaned mailing report'],
    ['1+activity', 'posts_raw users_cleaned activity'],
    ['1+activity+1', 'posts_raw users_cleaned activity report'],
    ['users_raw+2', 'users_raw users_cleaned activity mailing'],
    ['+(posts_raw or mailing)', 'users_raw posts_raw users_cleaned mailing'],
    ['roots()', 'users_raw posts_raw'],
    ['sinks()', 'report'],
    ['roots(group:exports)', 'mailing'],
    ['sinks(not report)', 'activity mailing'],
    ['1+sinks()', 'activity mailing report'],
    ['tag:pii and kind:duckdb', 'users_cleaned'],
    ['not +activity', 'mailing report'],
    ['not report and status:* or mailing', 'users_raw posts_raw activity mailing'],
  ])('%s', (text, names) => expect(selected(text)).toBe(names));

  test('takes manifests, which have no status', () => {
    const manifests: readonly AssetManifest[] = [];
    expect(select(parseSelection('status:*'), manifests).size).toBe(0);
    const statuses: readonly AssetStatus[] | undefined = assets[2]?.status;
    expect(statuses).toBeUndefined();
  });

  test('of a large graph takes milliseconds', () => {
    const key = (index: number) => `g${index % 50}/n${index}`;
    const large = Array.from({ length: 5_000 }, (_, index) =>
      asset(key(index), index < 50 ? [] : [1, 7, 23, 41].map((back) => key(index - back))),
    );
    const selection = parseSelection('+n2500+');
    const times = Array.from({ length: 10 }, () => {
      const start = performance.now();
      expect(select(selection, large).size).toBeGreaterThan(4_000);
      return performance.now() - start;
    });
    // It is 3 ms; a machine that is busy may take longer.
    expect(Math.min(...times)).toBeLessThan(50);
  });

  test('with many stars takes no longer than the text is long', () => {
    const name = 'a'.repeat(2_000);
    const long = [{ ...asset('g/a', []), key: `g/${name}` as AssetKey }];
    expect(select(parseSelection(`${'*a'.repeat(500)}*b`), long).size).toBe(0);
    expect(select(parseSelection(`${'*a'.repeat(500)}${'*'.repeat(5_000)}`), long).size).toBe(1);
  });

  test.each([
    ['?', '👍', true],
    ['??', '👍', false],
    ['*?', '👍', true],
    ['a*b*c', 'abbcbc', true],
    ['a*b*c', 'abbcb', false],
    ['*', '', true],
    ['a**', 'a', true],
    ['é', 'e\u0301', true],
    ['e\u0301', 'é', true],
  ])('the pattern %s over the tag %j: %s', (pattern, tag, fits) => {
    expect(select(parseSelection(`tag:"${pattern}"`), [asset('g/a', [], { tags: [tag] })]).size === 1).toBe(
      fits,
    );
  });
});

describe('terms that match nothing', () => {
  test.each([
    ['user_cleaned', 'user_cleaned', 'users_cleaned'],
    ['+report or not user_cleaned+', 'user_cleaned', 'users_cleaned'],
    ['key:transfroms/users_cleaned', 'transfroms/users_cleaned', 'transforms/users_cleaned'],
    ['roots(group:export)', 'group:export', 'group:exports'],
    ['kind:duckbd', 'kind:duckbd', 'kind:duckdb'],
    ['tag:"nightly runs"', 'tag:"nightly runs"', 'tag:"nightly run"'],
    ['owner:@acme/crn', 'owner:@acme/crn', 'owner:@acme/crm'],
    ['exports', 'exports', 'group:exports'],
    ['something_else', 'something_else', null],
  ])('in %s: %s, did you mean %s?', (selection, text, suggestion) => {
    expect(unmatched(parseSelection(selection), assets)).toEqual([{ text, suggestion }]);
    if (suggestion) expect(unmatched(parseSelection(suggestion), assets)).toEqual([]);
  });

  test('are named once, in their order, and wildcards and statuses are not among them', () => {
    const text = 'nothing or report or (here and nothing) or gone_* or x? or status:failed';
    expect(unmatched(parseSelection(text), [asset('g/other', [])]).map(({ text }) => text)).toEqual([
      'nothing',
      'report',
      'here',
    ]);
  });

  test('get suggestions while there are few', () => {
    const text = Array.from({ length: 30 }, (_, index) => `report${index}`).join(' or ');
    const suggestions = unmatched(parseSelection(text), assets).map(({ suggestion }) => suggestion);
    expect(suggestions.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 'report'));
    expect(suggestions.slice(20)).toEqual(Array.from({ length: 10 }, () => null));
  });
});
