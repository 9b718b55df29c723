// Nx loads plugins in the process of the command, in a worker or in its daemon, and starts the latter two by conditions of
// its own. Steps run in none of them: whatever the mode, the keys and the data are those of the command's own process.
import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MODES = [
  { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' },
  { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'true' },
  { NX_DAEMON: 'true', NX_ISOLATE_PLUGINS: 'true' },
  { NX_DAEMON: 'true', NX_ISOLATE_PLUGINS: 'false' },
] as const;
const CONDITIONS = ['development', 'source', 'special', 'default'];

let workspace: TestWorkspace;
beforeAll(() => {
  workspace = new TestWorkspace({
    // What Nx adds for plugins, as the preset for TypeScript of create-nx-workspace writes it.
    'tsconfig.base.json': JSON.stringify({ compilerOptions: { customConditions: ['source'] } }),
    'libs/which/package.json': JSON.stringify({
      name: '@test/which',
      type: 'module',
      exports: Object.fromEntries(CONDITIONS.map((name) => [name, `./${name}.ts`])),
    }),
    ...Object.fromEntries(
      CONDITIONS.map((name) => [`libs/which/${name}.ts`, `export const which = '${name}';\n`]),
    ),
  });
  workspace.link('@test/which', 'libs/which');
  workspace.group('g', {
    'index.ts': `import { asset } from '@nx-assets/core';
import { z } from 'zod';
import { which } from '@test/which';
export const made = asset({ description: which, value: z.string(), materialize: () => which });
`,
  });
});
afterAll(async () => {
  await workspace.nx(['daemon', '--stop']);
  workspace.dispose();
});

const value = () => JSON.parse(workspace.read('output/g/made.json')) as unknown;
/** How it was made, with the time: another one is another materialization. */
const record = () => workspace.read('output/g/made.record.json');
const run = async (env: Readonly<Record<string, string>>, nodeArgs: readonly string[] = []) => {
  const { code, output } = await workspace.nx(['run-many', '-t', 'materialize'], { env, nodeArgs });
  expect(code, output).toBe(0);
};
const exported = (name: string) => /'(.*)'/.exec(workspace.read(`libs/which/${name}.ts`))?.[1] ?? 'nothing';

test('what one mode made is up to date in every other', async () => {
  await run(MODES[0]);
  expect(value()).toBe('default');
  const made = record();
  for (const mode of MODES) {
    await run(mode);
    expect([mode, record()]).toEqual([mode, made]);
  }
});

test.each(MODES)('edits of what steps load are seen, and of nothing else: %o', async (mode) => {
  const made = record();
  const edit = (name: string) =>
    workspace.edit(`libs/which/${name}.ts`, (text) => text.replace("';", `, ${MODES.indexOf(mode)}';`));
  for (const name of ['development', 'source', 'special']) edit(name);
  await run(mode);
  expect(record()).toBe(made);
  edit('default');
  await run(mode);
  expect(value()).toBe(exported('default'));
});

test.each(MODES)('conditions of the command count, though the daemon began without: %o', async (mode) => {
  await run(mode, ['--conditions=special']);
  expect(value()).toBe(exported('special'));
  await run(mode);
  expect(value()).toBe(exported('default'));
  await run({ ...mode, NODE_OPTIONS: '--conditions=special' });
  expect(value()).toBe(exported('special'));
});
