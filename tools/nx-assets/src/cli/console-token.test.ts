import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { consoleToken } from './console-token.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'console-token-'))));
afterEach(() => rmSync(root, { recursive: true }));

const path = () => join(root, '.nx/nx-assets/console-token');

test('is made once, and only its owner can read it', () => {
  const token = consoleToken(root);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(consoleToken(root)).toBe(token);
  expect(readFileSync(path(), 'utf8')).toBe(token);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});

test.each([
  ['others could read it', () => chmodSync(path(), 0o644)],
  ['it is damaged', () => writeFileSync(path(), '')],
])('is made again where %s', (_, damage) => {
  const token = consoleToken(root);
  damage();
  expect(consoleToken(root)).not.toBe(token);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});
