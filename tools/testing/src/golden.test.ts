import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import fc from 'fast-check';
import { expectTable } from './golden.ts';
import { describeDiff, diffTables } from './kit/table-diff.ts';
import { readText, toTextTable, writeText } from './kit/table-text.ts';

const text = fc.oneof(
  fc.string(),
  fc.constantFrom('', 'null', '1', 'true', '"', '{"a":1}', 'a,b', 'a\r\nb', ' x '),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.record({ a: text }),
  fc.array(text),
);
const rows = fc.array(fc.record({ id: value, name: value }), { minLength: 1, maxLength: 8 });

test('a table in writing is read as it was, and two tables are written alike only where they are', () => {
  fc.assert(
    fc.property(rows, rows, (one, other) => {
      expect(readText(writeText(toTextTable(one)))).toEqual(toTextTable(one));
      const alike = writeText(toTextTable(one)) === writeText(toTextTable(other));
      expect(alike).toBe(JSON.stringify(one) === JSON.stringify(other));
      const difference = describeDiff(diffTables(toTextTable(one), toTextTable(other), ['id']));
      expect(difference === null).toBe(alike);
    }),
  );
});

test('a difference names columns, rows by their key, and cells, the first twenty of each', () => {
  const was = Array.from({ length: 60 }, (_, id) => ({ id, name: `n${id}`, old: 1 }));
  const now = was
    .filter(({ id }) => id !== 3)
    .map(({ id, name }) => ({ id, name: id < 30 ? name.toUpperCase() : name, fresh: null }));
  const text =
    describeDiff(
      diffTables(toTextTable(was), toTextTable([...now, { id: 99, name: '', fresh: null }]), ['id']),
    ) ?? '';
  const lines = text.split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '1 column added, 1 column gone, 1 row added, 1 row gone, 29 rows changed:',
    '  + column fresh',
    '  - column old',
    '  ~ id 0: name n0 → N0',
  ]);
  expect(lines).toContain('    … and 9 more');
  expect(lines.slice(-2)).toEqual(['  + id 99, name "", fresh null', '  - id 3, name n3, old 1']);
});

let folder: string;
const repository = resolve(import.meta.dirname, '../../..');
beforeAll(() => {
  mkdirSync(join(repository, '.nx'), { recursive: true });
  folder = mkdtempSync(join(repository, '.nx/golden-'));
  writeFileSync(join(folder, 'vitest.config.ts'), 'export default {};\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const goldenPath = () => join(folder, '__golden__/users.csv');
function vitest(
  city: string,
  args: readonly string[] = [],
  ci = '',
): Promise<{ code: number; output: string }> {
  const rows = JSON.stringify([
    { user_id: 1, city },
    { user_id: 2, city: null },
  ]);
  writeFileSync(
    join(folder, 'users.test.ts'),
    `import { expectTable } from '@nx-assets/testing/golden';
import { test } from 'vitest';
test('users', () => expectTable(${rows}, { key: 'user_id' }).toMatchGolden('users'));
`,
  );
  const script = join(repository, 'node_modules/vitest/vitest.mjs');
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|CI$|TEST$|NODE_ENV$)/.test(name),
  );
  const env = { ...Object.fromEntries(environment), NO_COLOR: '1', ...(ci ? { CI: ci } : {}) };
  return new Promise((done) =>
    execFile(process.execPath, [script, 'run', ...args], { cwd: folder, env }, (error, stdout, stderr) =>
      done({ code: error ? 1 : 0, output: stdout + stderr }),
    ),
  );
}

test('its name names a file beside the test, and none elsewhere', () => {
  for (const name of ['../users', 'a/b', '', '.users'])
    expect(() => expectTable([{ user_id: 1 }]).toMatchGolden(name)).toThrow('cannot be the name');
});

test(
  'vitest writes it once, compares it then, and writes it anew with -u, but never in CI',
  { timeout: 60_000 },
  async () => {
    const inCi = await vitest('Oslo', [], 'true');
    expect(inCi.code).toBe(1);
    expect(inCi.output).toContain('users: there is no __golden__/users.csv.');
    expect((await vitest('Oslo')).code).toBe(0);
    expect(readFileSync(goldenPath(), 'utf8')).toBe('user_id,city\n1,Oslo\n2,null\n');
    const other = await vitest('Bergen');
    expect(other.code).toBe(1);
    expect(other.output).toContain('users is not what __golden__/users.csv says. 1 row changed:');
    expect(other.output).toContain('  ~ user_id 1: city Oslo → Bergen');
    expect((await vitest('Bergen', ['-u'], 'true')).code).toBe(1);
    expect(readFileSync(goldenPath(), 'utf8')).toContain('Oslo');
    expect((await vitest('Bergen', ['-u'])).code).toBe(0);
    expect(readFileSync(goldenPath(), 'utf8')).toContain('Bergen');
  },
);
