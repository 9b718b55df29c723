import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { historyPath } from './history.ts';
import { pluginOptions } from './plugin-options.ts';

const root = mkdtempSync(join(tmpdir(), 'plugin-options-'));
afterAll(() => rmSync(root, { recursive: true }));

const withNxJson = (content: unknown) =>
  writeFileSync(join(root, 'nx.json'), typeof content === 'string' ? content : JSON.stringify(content));

const options = {
  history: 'var/runs.db',
  pools: { api: 2 },
  retention: { runs: 5, age: '2d' },
  undeclaredReads: 'error',
};

test('without an nx.json there are none', () => {
  expect(pluginOptions(join(root, 'nowhere'))).toEqual({});
});

test.each<[string, unknown, unknown]>([
  ['no plugins', {}, {}],
  ['the plugin as a name alone', { plugins: ['nx-assets'] }, {}],
  ['the plugin without options', { plugins: [{ plugin: 'nx-assets' }] }, {}],
  ['another plugin with options', { plugins: [{ plugin: 'other', options }] }, {}],
  ['both', { plugins: ['x', { plugin: 'y', options: {} }, { plugin: 'nx-assets', options }] }, options],
  ['a torn file', '{"plugins": [{"plugin": "nx-assets", "opt', {}],
  ['null', 'null', {}],
])('%s', (_, nxJson, expected) => {
  withNxJson(nxJson);
  expect(pluginOptions(root)).toEqual(expected);
});

test('the history lies in the folder for state, or where the options say, from the root', () => {
  withNxJson({});
  expect(historyPath(root)).toBe(join(root, '.nx/nx-assets/history.db'));
  withNxJson({ plugins: [{ plugin: 'nx-assets', options }] });
  expect(historyPath(root)).toBe(join(root, 'var/runs.db'));
  withNxJson({ plugins: [{ plugin: 'nx-assets', options: { history: '/srv/runs.db' } }] });
  expect(historyPath(root)).toBe('/srv/runs.db');
});
