import { assetKey } from '@nx-assets/core';
import { expect, test } from 'vitest';
import { describeRemoteCache, type RemoteCacheProblem } from './remote-cache-problem.ts';

const problem = (kind: RemoteCacheProblem['kind'], hash: string, reason: string): RemoteCacheProblem => ({
  kind,
  hash,
  key: assetKey('shop', 'raw'),
  reason,
});

test('a remote cache that is well has no message', () => {
  expect(describeRemoteCache([])).toEqual([]);
});

test('a server that is down has one message, with how many results it is about', () => {
  const [message = '', ...others] = describeRemoteCache([
    problem('unread', 'a', '502'),
    problem('unstored', 'a', 'closed'),
    problem('unread', 'b', '502'),
  ]);
  expect(others).toEqual([]);
  expect(message).toMatch(
    /^REMOTE_CACHE_FAILED: The remote cache failed. It did not give 2 results: 502. It did not take 1 result: closed. /,
  );
});

test('an entry that is not what it should be is named, since somebody has to delete it', () => {
  const messages = describeRemoteCache([problem('invalid', 'a', 'but …'), problem('invalid', 'b', 'but …')]);
  expect(messages.map((message) => message.split(', ')[0])).toEqual([
    'REMOTE_ENTRY_INVALID: The remote cache has shop/raw as a',
    'REMOTE_ENTRY_INVALID: The remote cache has shop/raw as b',
  ]);
});
