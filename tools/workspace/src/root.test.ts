import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findRoot } from './root.ts';
import { contextHere } from './run-context.ts';
import { processHere } from './test-support.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'root-')));
const outer = join(folder, 'outer');
const inner = join(outer, 'vendor/inner');
mkdirSync(join(inner, 'src/deep'), { recursive: true });
writeFileSync(join(outer, 'nx.json'), '{}');
writeFileSync(join(inner, 'nx.json'), '{}');
afterAll(() => rmSync(folder, { recursive: true }));

test('the root is the nearest folder upwards with an nx.json', () => {
  expect(findRoot(outer)).toBe(outer);
  expect(findRoot(join(outer, 'vendor'))).toBe(outer);
  expect(findRoot(inner)).toBe(inner);
  expect(findRoot(join(inner, 'src/deep'))).toBe(inner);
});

test('a folder that is not there has the root that it would have', () => {
  expect(findRoot(join(outer, 'no/such/folder'))).toBe(outer);
});

test('outside of a workspace there is none', () => {
  expect(findRoot(folder)).toBeNull();
  expect(findRoot('/')).toBeNull();
});

test('a context keeps what the process was given, and knows the root', () => {
  const given = processHere(join(inner, 'src'), { env: { A: '1' }, argv: ['ls'] });
  const context = contextHere(given);
  expect(context).toMatchObject({ root: inner, cwd: join(inner, 'src'), env: { A: '1' }, argv: ['ls'] });
  // Set in one, seen in the other: processes that are started afterwards get it.
  expect(context.env).toBe(given.env);
});

test('a context outside of a workspace says where it looked', () => {
  expect(() => contextHere(processHere(folder))).toThrow(
    expect.objectContaining({
      code: 'WORKSPACE_MISSING',
      facts: `There is no nx.json in ${folder}, nor above.`,
    }),
  );
});
