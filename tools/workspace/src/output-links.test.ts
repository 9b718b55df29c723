import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestOf, REGIONS } from '@nx-assets/engine/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseOutputLinks } from './output-links.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'output-links-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const table = manifestOf('shop/orders');
const file = manifestOf('shop/report', { output: { type: 'file', path: 'sub/report.csv' } });
const days = manifestOf('shop/days', { partitions: REGIONS });
const refuse = () => refuseOutputLinks(root, [table, file, days]);

test('folders that are there, or not yet, are fine', () => {
  expect(refuse).not.toThrow();
  mkdirSync(join(root, 'output/shop/days'), { recursive: true });
  expect(refuse).not.toThrow();
});

test.each(['output', 'output/shop', 'output/sub', 'output/shop/days'])(
  '%s as a link is refused',
  (folder) => {
    mkdirSync(join(root, 'elsewhere'));
    mkdirSync(join(root, folder, '..'), { recursive: true });
    symlinkSync(join(root, 'elsewhere'), join(root, folder));
    expect(refuse).toThrow(`OUTPUT_IS_LINK: ${folder} is a symbolic link to ${join(root, 'elsewhere')}.`);
  },
);
