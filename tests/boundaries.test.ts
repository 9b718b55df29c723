import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const rule = '@nx/enforce-module-boundaries';

/** In CI the parser takes it for granted that a file holds what is on disk. */
const TEXTS = { languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } } };

/** Lints `text` as if it stood in `file`, and returns the rules that object. */
async function objections(file: string, text: string): Promise<(string | null)[]> {
  const eslint = new ESLint({ cwd: root, overrideConfig: TEXTS });
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

/** Package by package, what it may import or does. */
type Edges = Record<string, string[]>;

function drawn(): Edges {
  const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const tools = page.slice(page.indexOf('tools/      the framework'), page.indexOf('output/     what'));
  return Object.fromEntries(
    [...tools.matchAll(/^ {2}([\w-]+) .*?(?:→ (.+))?$/gm)].map(([, name = '', to = '']) => [
      name,
      to.split(', ').filter(Boolean).sort(),
    ]),
  );
}

async function allowed(): Promise<Edges> {
  const eslint = new ESLint({ cwd: root });
  const { rules } = (await eslint.calculateConfigForFile(join(root, 'tools/core/src/index.ts'))) as {
    rules: Record<
      string,
      [unknown, { depConstraints: { sourceTag: string; onlyDependOnLibsWithTags: string[] }[] }]
    >;
  };
  const constraints = rules[rule]?.[1].depConstraints ?? [];
  const own = constraints.filter(({ sourceTag }) => sourceTag.startsWith('package:'));
  const name = (tag: string) => tag.slice('package:'.length);
  return Object.fromEntries(
    own.map(({ sourceTag, onlyDependOnLibsWithTags: tags }) => [name(sourceTag), tags.map(name).sort()]),
  );
}

function imported(): Edges {
  const edges: Edges = {};
  for (const file of globSync('tools/*/src/**/*.{ts,tsx}', { cwd: root })) {
    if (/\.test\.|test-support|contract|fixture/.test(file)) continue;
    const from = file.split('/')[1] ?? '';
    const source = readFileSync(join(root, file), 'utf8');
    const found = source.matchAll(/(?:from|import\(|import) ?'@nx-assets\/([\w-]+)/g);
    const others = [...found].map(([, to = '']) => to).filter((to) => to !== from);
    edges[from] = [...new Set([...(edges[from] ?? []), ...others])].sort();
  }
  return edges;
}

test('what is drawn, what lint allows and what the code does are the same', async () => {
  expect(Object.keys(drawn()).length).toBeGreaterThan(15);
  expect(await allowed()).toEqual(drawn());
  expect(imported()).toEqual(drawn());
});

test.each([
  ['packages/exports/src/users_csv.ts', ['automation', 'exports', 'jobs']],
  ['packages/simple-assets/src/index.ts', ['simple-assets']],
])('an edit of %s affects its group and the groups that depend on it', (file, expected) => {
  const args = ['show', 'projects', '--affected', `--files=${file}`, '--json'];
  const affected = JSON.parse(execFileSync('nx', args, { cwd: root, encoding: 'utf8' })) as string[];
  expect(affected.sort()).toEqual(expected);
});
