import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Imports a file in a process of its own, and prints every file that came with it. */
const SCRIPT = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
await import(process.argv[1]);
console.log(JSON.stringify(loaded));
`;

test('what Nx loads at every command has neither zod nor what defines assets', () => {
  const entry = join(import.meta.dirname, 'create-nodes.ts');
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', SCRIPT, entry], {
    encoding: 'utf8',
  });
  const loaded = JSON.parse(output) as string[];
  expect(loaded).toContainEqual(expect.stringContaining('core/src/diagnostics.ts'));
  expect(loaded.filter((url) => /node_modules\/zod\/|core\/src\/(index|asset)\.ts/.test(url))).toEqual([]);
});
