import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const rule = '@nx/enforce-module-boundaries';

/** Lints `text` as if it stood in `file`, and returns the rules that object. */
async function objections(file: string, text: string): Promise<(string | null)[]> {
  const eslint = new ESLint({ cwd: root });
  const [result] = await eslint.lintText(text, { filePath: join(root, file) });
  return [...new Set(result?.messages.filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId))];
}

const importing = (name: string) => `import * as other from '${name}';\nexport const seen = other;\n`;

beforeAll(() => {
  // The rule reads the project graph that the last nx command left behind, and is silent without one.
  execFileSync('nx', ['show', 'projects'], { cwd: root, stdio: 'ignore' });
});

test.each([
  ['a lower group imports a higher one', 'packages/sources', '@acme/analytics'],
  ['transforms imports exports', 'packages/transforms', '@acme/exports'],
  ['the simple group imports a modular one', 'packages/simple-assets', '@acme/sources'],
  ['a group reaches for the engine', 'packages/transforms', '@nx-assets/engine'],
  ['the core imports storage', 'tools/core', '@nx-assets/storage'],
  ['storage imports the engine', 'tools/storage', '@nx-assets/engine'],
  ['the framework imports a group', 'tools/engine', '@acme/sources'],
  ['an external asset reaches for storage', 'tools/external', '@nx-assets/storage'],
  ['a definition imports the test rig', 'packages/sources', '@nx-assets/testing'],
])('refused: %s', async (_, folder, name) => {
  expect(await objections(`${folder}/src/index.ts`, importing(name))).toContain(rule);
});

test.each([
  ['the next group below', 'packages/transforms', '@acme/sources'],
  ['two groups below', 'packages/exports', '@acme/transforms'],
  ['the engine imports storage', 'tools/engine', '@nx-assets/storage'],
])('allowed: %s', async (_, folder, name) => {
  expect(await objections(`${folder}/src/index.ts`, importing(name))).toEqual([]);
});

test('the core does no I/O', async () => {
  expect(await objections('tools/core/src/index.ts', importing('node:fs'))).toContain(
    'no-restricted-imports',
  );
});

test('console is the reporter’s alone', async () => {
  expect(await objections('tools/core/src/index.ts', "console.log('x');\n")).toContain('no-console');
});
