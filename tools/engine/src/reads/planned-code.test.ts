import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { hashFile, hashText } from '@nx-assets/storage/records';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestOf } from '../contracts/sample-manifests.ts';
import type { LoadedCode } from '../loaded-code.ts';
import { FRAMEWORK, PlannedCode } from './planned-code.ts';

const [A, HELPER, DATA, WORKER] = ['g/a.ts', 'g/helper.ts', 'g/data.txt', 'g/worker.mjs'];

let root: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'planned-code-')));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A step of an asset whose code was planned with these files, some of which Node has loaded here. */
function step(planned: Readonly<Record<string, string>>, here: readonly string[]) {
  const hashes = new Map(here.map((path) => [join(root, path), 'as it was loaded']));
  const none = new Map();
  const loaded: LoadedCode = {
    hashes,
    imports: none,
    lateImports: none,
    packages: none,
    definitionsAreThere: () => undefined,
  };
  const manifest = manifestOf('g/a');
  const files = Object.fromEntries(Object.entries(planned).map(([path, text]) => [path, hashText(text)]));
  const begin = () =>
    new PlannedCode(root, loaded, (path) => hashFile(join(root, path))).begin({
      code: { ...manifest.code, files },
    });
  return { begin, loads: (path: string) => hashes.set(join(root, path), 'as it was loaded') };
}

const CHANGED = (path: string) => `CODE_CHANGED_DURING_RUN: ${path} changed while the run went on.`;

test('a file that is opened by its path is as it was planned, all the time', () => {
  const planned = { [A]: 'a', [DATA]: 'old' };
  for (const [path, text] of Object.entries(planned)) write(path, text);
  const { begin } = step(planned, [A]);
  begin()();
  const confirm = begin();
  write(DATA, 'new');
  expect(confirm).toThrow(CHANGED(DATA));
  expect(begin).toThrow(CHANGED(DATA));
  write(DATA, 'old');
  const undone = begin();
  write(DATA, 'new');
  write(DATA, 'old');
  expect(undone).toThrow(CHANGED(DATA));
});

test('what Node has loaded here may be edited, where nothing runs elsewhere that may load it again', () => {
  const planned = { [A]: 'a', [DATA]: 'old' };
  for (const [path, text] of Object.entries(planned)) write(path, text);
  const confirm = step(planned, [A]).begin();
  write(A, 'edited');
  expect(confirm).not.toThrow();
});

test('what a worker may import counts as well, though it was loaded here before', () => {
  const planned = { [A]: 'a', [HELPER]: 'old', [WORKER]: 'runs' };
  for (const [path, text] of Object.entries(planned)) write(path, text);
  const { begin } = step(planned, [A, HELPER]);
  const confirm = begin();
  write(HELPER, 'new');
  expect(confirm).toThrow(CHANGED(HELPER));
  expect(begin()).toThrow(CHANGED(HELPER));
});

test('a file that was loaded late is confirmed by what was loaded', () => {
  const planned = { [A]: 'a', [HELPER]: 'late' };
  for (const [path, text] of Object.entries(planned)) write(path, text);
  const { begin, loads } = step(planned, [A]);
  const confirm = begin();
  loads(HELPER);
  write(HELPER, 'edited after that');
  expect(confirm).not.toThrow();
});

test('a file that is gone has changed', () => {
  write(A, 'a');
  expect(step({ [A]: 'a', [DATA]: 'old' }, [A]).begin).toThrow(CHANGED(DATA));
});

test('the framework is no code that runs elsewhere', () => {
  const ours = relative(root, join(FRAMEWORK, 'core/src/asset.ts'));
  write(A, 'a');
  const confirm = step({ [A]: 'a', [ours]: 'another text' }, [A]).begin();
  write(A, 'edited');
  expect(confirm).not.toThrow();
});
