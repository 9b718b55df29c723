// Values that somebody changes behind the back of a run: while a step reads them, or before, with all that could show it put back.
import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, describe, expect, test } from 'vitest';

const HEAD = `// @ts-nocheck
import { asset, sql } from '@nx-assets/core';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
export const a = asset({ description: 'a', value: z.string(), materialize: () => 'OLD' });
export const c = asset({ description: 'c', deps: { a }, value: z.string(), materialize: ({ a }) => a });
`;
const b = (body: string, options = '') =>
  `${HEAD}export const b = asset({ description: 'b', deps: { a }, ${options} value: z.string(), materialize: async ({ a }) => { ${body} } });\n`;
const A = 'output/g/a.json';
const WAITS = `writeFileSync('started', ''); while (!existsSync('go')) await sleep(50); return readFileSync('${A}', 'utf8');`;

let workspace: TestWorkspace;
afterEach(() => workspace.dispose());

const value = (name: string) =>
  workspace.exists(`output/g/${name}.json`) ? workspace.read(`output/g/${name}.json`).trim() : 'none';
const started = async () => {
  for (let i = 0; i < 1_200 && !workspace.exists('started'); i++) await sleep(50);
};

test.each([
  ['one process', '', []],
  ['a process of its own', 'isolated: true,', []],
  ['a process for each task', '', ['--batch=false']],
])('what changes while a step reads it is not believed, in %s', async (_, options, args) => {
  workspace = new TestWorkspace();
  workspace.group('g', { 'index.ts': b(WAITS, options) });
  const running = workspace.materialize(['run-many', '-t', 'b', ...args]);
  await started();
  const before = workspace.read(A);
  workspace.edit(A, (text) => text.replace('OLD', 'NEW')).write({ go: '' });
  const first = await running;
  expect([first.code, value('b')]).toEqual([1, 'none']);
  expect(first.assets.find(({ key }) => key === 'g/b')?.error?.message).toContain(A);
  const second = await workspace.materialize();
  expect([value('a'), value('b'), value('c'), second.code]).toEqual([
    '"OLD"',
    JSON.stringify(before),
    '"OLD"',
    0,
  ]);
});

test('nor is what was undone before the step ended', async () => {
  workspace = new TestWorkspace();
  workspace.group('g', {
    'index.ts': b(`const was = readFileSync('${A}'); writeFileSync('${A}', '"NEW"');
      const read = readFileSync('${A}', 'utf8'); if (!existsSync('done')) writeFileSync('${A}', was); writeFileSync('done', ''); return read;`),
  });
  const { code, assets } = await workspace.materialize(['run-many', '-t', 'b']);
  expect([code, value('b')]).toEqual([1, 'none']);
  expect(assets.find(({ key }) => key === 'g/b')?.error?.message).toContain(A);
});

test('a step that writes into its input fails, and others never see what it wrote', async () => {
  workspace = new TestWorkspace();
  workspace.group('g', { 'index.ts': b(`writeFileSync('${A}', '"BAD"'); return a;`) });
  const first = await workspace.materialize(['run-many', '-t', 'b', '--parallel=1']);
  expect([first.code, value('b')]).toEqual([1, 'none']);
  workspace.edit('packages/g/src/index.ts', (text) =>
    text.replace(`writeFileSync('${A}', '"BAD"'); return a`, 'return a'),
  );
  const second = await workspace.materialize();
  expect([value('a'), value('b'), value('c'), second.code]).toEqual(['"OLD"', '"OLD"', '"OLD"', 0]);
});

/** The same size and time, in place or by another file. */
function editUnseen(path: string, by: 'write' | 'rename'): void {
  const file = join(workspace.root, path);
  const { atime, mtime } = statSync(file);
  const text = readFileSync(file, 'utf8').replace('OLD', 'BAD');
  const target = by === 'write' ? file : `${file}.edited`;
  writeFileSync(target, text);
  if (by === 'rename') renameSync(target, file);
  utimesSync(file, atime, mtime);
}

describe.each(['true', 'false'])('with the daemon: %s', (NX_DAEMON) => {
  test.each(['write', 'rename'] as const)(
    'an edit of the same size and time is noticed, by %s',
    async (by) => {
      workspace = new TestWorkspace();
      workspace.group('g', { 'index.ts': b('return a;') });
      const env = { NX_DAEMON };
      try {
        await workspace.materialize(undefined, { env });
        await workspace.materialize(undefined, { env });
        editUnseen(A, by);
        workspace.edit('packages/g/src/index.ts', (text) => text.replace('return a;', 'return a + 1;'));
        const run = await workspace.materialize(['run-many', '-t', 'b'], { env });
        expect([run.code, value('a'), value('b')]).toEqual([0, '"OLD"', '"OLD1"']);
        editUnseen('output/g/c.json', by);
        const other = await workspace.materialize(undefined, { env });
        expect([other.code, value('c')]).toEqual([0, '"OLD"']);
        // Nobody has it any more but the record.
        editUnseen(A, by);
        await workspace.nx(['reset', '--only-cache'], { env });
        const again = await workspace.materialize(undefined, { env });
        expect([again.code, value('a')]).toEqual([0, '"OLD"']);
      } finally {
        if (NX_DAEMON === 'true') await workspace.nx(['daemon', '--stop'], { env });
      }
    },
  );
});
