import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hashText } from '@nx-assets/storage/records';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestOf } from '../contracts/sample-manifests.ts';
import type { LoadedCode } from '../loaded-code.ts';
import { confirmCode } from './confirm-code.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'confirm-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const A = 'packages/g/src/a.ts';

/** Files of the workspace that an asset consists of, by content. */
function asset(files: Readonly<Record<string, string>>, whole?: Readonly<Record<string, string>>) {
  const hashes = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, hashText(text)]));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const manifest = manifestOf('g/a');
  return { ...manifest, code: { ...manifest.code, files: hashes, ...(whole ? { whole } : {}) } };
}

function loaded(
  files: Readonly<Record<string, string>>,
  late: Readonly<Record<string, readonly (readonly [from: string, path: string])[]>> = {},
  lib?: string,
): LoadedCode {
  const at = (path: string) => join(root, path);
  return {
    hashes: new Map(Object.entries(files).map(([path, text]) => [at(path), hashText(text)])),
    imports: new Map(),
    lateImports: new Map(
      Object.entries(late).map(([path, asked]) => [
        at(path),
        asked.map(([from, target]) => ({ from, path: at(target) })),
      ]),
    ),
    packages: new Map(
      lib === undefined
        ? []
        : [[at(A), new Set([{ root: at('node_modules/lib'), name: 'lib', version: lib }])]],
    ),
    definitionsAreThere: () => undefined,
  };
}

test('what was loaded as it was planned is confirmed, and so is what has not loaded', async () => {
  const planned = asset({ [A]: 'one', 'packages/g/src/b.ts': 'two' });
  await expect(confirmCode(root, planned, loaded({ [A]: 'one', 'other.ts': 'x' }))).resolves.toBeUndefined();
});

test('a file that was loaded after an edit is refused', async () => {
  const refused = confirmCode(root, asset({ [A]: 'one' }), loaded({ [A]: 'edited' }));
  await expect(refused).rejects.toThrow(`CODE_CHANGED_DURING_RUN: ${A} changed while the run went on.`);
});

test('of a file that counts in part the whole is compared', async () => {
  const planned = { ...asset({ [A]: 'a part' }, { [A]: hashText('the whole') }) };
  await expect(confirmCode(root, planned, loaded({ [A]: 'the whole' }))).resolves.toBeUndefined();
  await expect(confirmCode(root, planned, loaded({ [A]: 'a part' }))).rejects.toThrow('CODE_CHANGED');
});

test('what is loaded late may be beyond what counts only where its name can be read', async () => {
  const planned = asset({ [A]: `export const a = () => import('./index.ts');` });
  const all = { [A]: `export const a = () => import('./index.ts');` };
  const seen = loaded(all, { [A]: [['./index.ts', 'packages/g/src/index.ts']] });
  await expect(confirmCode(root, planned, seen)).resolves.toBeUndefined();
  const hidden = loaded(all, { [A]: [['./d.json', 'packages/g/src/d.json']] });
  await expect(confirmCode(root, planned, hidden)).rejects.toThrow(
    `CODE_NOT_FOLLOWED: g/a: ${A} loaded packages/g/src/d.json as it ran, in a way that cannot be followed.`,
  );
});

test.each([
  ['1.0.0', '1.0.0', true],
  ['1.0.0+3fa4c0e1b2d3', '1.0.0', true],
  ['1.0.0+build.7+3fa4c0e1b2d3 @org/source', '1.0.0+build.7', true],
  [`0.9.0 (${A}), 1.0.0 (packages/g/src/b.ts)`, '1.0.0', true],
  ['1.0.0', '1.0.1', false],
  ['1.0.10', '1.0.1', false],
  ['1.0.0-beta.1', '1.0.0', false],
  [`0.9.0 (${A}), 1.0.0 (packages/g/src/b.ts)`, '1.1.0', false],
])('a package that was planned as %s and loaded as %s: %s', async (planned, version, isFine) => {
  const { code, ...rest } = asset({ [A]: 'one' });
  const manifest = { ...rest, code: { ...code, packages: { lib: planned } } };
  const confirmed = confirmCode(root, manifest, loaded({ [A]: 'one' }, {}, version));
  if (isFine) await expect(confirmed).resolves.toBeUndefined();
  else {
    await expect(confirmed).rejects.toThrow(
      `CODE_CHANGED_DURING_RUN: ${A} imports lib, which was ${planned} when the run was planned and ${version} when it was loaded.`,
    );
  }
});
