import type { AssetView, WorkspaceView } from '@nx-assets/console/wire';
import { expect, test } from 'vitest';
import { between, modelOf, neighbours, reach } from './model.ts';

const asset = (key: string, deps: readonly string[] = []): AssetView =>
  ({ key, group: key.split('/')[0], deps, blockingChecks: [], checked: null }) as unknown as AssetView;
const assets = [
  asset('s/a'),
  asset('s/b'),
  asset('t/c', ['s/a']),
  asset('t/d', ['t/c', 's/b']),
  asset('e/f', ['t/d']),
];
const workspace = { assets, groups: ['s', 't', 'e'].map((name) => ({ name })) } as unknown as WorkspaceView;
const all = neighbours(assets);
const keys = new Set(assets.map(({ key }) => key));
const none = { around: undefined, hops: undefined, collapsed: undefined };

test('a neighbourhood goes up and down, and never up from what is down', () => {
  expect([...reach(all, 't/d', 1)].sort()).toEqual(['e/f', 's/b', 't/c', 't/d']);
  expect([...reach(all, 't/d', 2)].sort()).toEqual(['e/f', 's/a', 's/b', 't/c', 't/d']);
  expect([...reach(all, 's/a', Infinity)].sort()).toEqual(['e/f', 's/a', 't/c', 't/d']);
  expect([...reach(all, 's/a', 0)]).toEqual(['s/a']);
});

test('all paths between two assets, in either order; none between those that have none', () => {
  expect([...between(all, 's/a', 't/d')].sort()).toEqual(['s/a', 't/c', 't/d']);
  expect([...between(all, 't/d', 's/a')].sort()).toEqual(['s/a', 't/c', 't/d']);
  expect([...between(all, 's/a', 's/b')]).toEqual([]);
});

test('a closed group is one node with the edges of all that is in it', () => {
  const model = modelOf(workspace, { ...none, keys, collapsed: 't' });
  expect(model.nodes.map(({ id }) => id)).toEqual(['s/a', 's/b', 'group:t', 'e/f']);
  expect(model.edges).toEqual([
    ['s/a', 'group:t'],
    ['s/b', 'group:t'],
    ['group:t', 'e/f'],
  ]);
});

test('a filter and a neighbourhood narrow what is shown', () => {
  expect(modelOf(workspace, { ...none, keys: new Set(['s/a', 't/c']) }).edges).toEqual([['s/a', 't/c']]);
  expect(modelOf(workspace, { ...none, keys, around: 'e/f' }).nodes.map(({ id }) => id)).toEqual([
    't/d',
    'e/f',
  ]);
});
