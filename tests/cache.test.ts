import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const source = (rows: number) => `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
export const numbers = asset({
  description: 'Numbers.',
  schema: Row,
  materialize: () => Array.from({ length: ${rows} }, (_, n) => ({ n })),
});
export const doubled = asset({
  description: 'Twice the numbers.',
  deps: { numbers },
  schema: Row,
  materialize: async ({ numbers }) => (await numbers.rows()).map(({ n }) => ({ n: n * 2 })),
});
`;

// Nx knows of cached results from a database, and trusts it to have their files.
describe('a cache that lost files', () => {
  let workspace: TestWorkspace;
  const rowsOf = (result: { assets: readonly object[] }) =>
    (result.assets as { key: string; rowCount: number | null }[]).map(({ rowCount }) => rowCount);
  const restoreThree = async () => {
    workspace.write({ 'packages/math/src/index.ts': source(3) });
    return workspace.materialize();
  };

  beforeEach(async () => {
    workspace = new TestWorkspace({
      'packages/math/package.json': JSON.stringify({ name: 'math', 'nx-assets': {}, type: 'module' }),
      'packages/math/src/index.ts': source(3),
    });
    expect((await workspace.materialize()).ran).toEqual(['doubled', 'numbers']);
    workspace.write({ 'packages/math/src/index.ts': source(4) });
    expect(rowsOf(await workspace.materialize())).toEqual([4, 4]);
  });
  afterEach(() => workspace.dispose());

  test('whole: what it had is computed again, and nothing old counts as new', async () => {
    workspace.remove('.nx/cache');
    const result = await restoreThree();
    expect(rowsOf(result)).toEqual([3, 3]);
    expect(result.ran).toEqual(['doubled', 'numbers']);
    // What is made from now on is remembered as ever.
    workspace.remove('output');
    expect((await workspace.materialize()).ran).toEqual([]);
    workspace.remove('.nx/cache').remove('output');
    expect(rowsOf(await workspace.materialize())).toEqual([3, 3]);
  });

  test('in part: the run fails and says so, and the next one fixes it', async () => {
    const cache = join(workspace.root, '.nx/cache');
    for (const entry of readdirSync(cache))
      if (/^[0-9a-f]{64}$/.test(entry)) workspace.remove(`.nx/cache/${entry}`);
    const result = await restoreThree();
    expect(result.code).toBe(1);
    expect(result.output).toContain('CACHE_INCOMPLETE');
    expect(result.output).toContain('Run the same command again');
    const again = await workspace.materialize();
    expect(again.code).toBe(0);
    expect(rowsOf(again)).toEqual([3, 3]);
  });

  test('several times, and what was known of it: one run fails, not one for each time', async () => {
    for (let times = 0; times < 2; times++) {
      workspace.remove('.nx/cache').remove('output');
      expect((await workspace.materialize()).ran).toEqual(['doubled', 'numbers']);
    }
    workspace.remove('.nx/cache').remove('.nx/nx-assets').remove('output');
    expect((await workspace.materialize()).output).toContain('CACHE_INCOMPLETE');
    const again = await workspace.materialize();
    expect(again.code, again.output).toBe(0);
    expect(rowsOf(again)).toEqual([4, 4]);
  });

  test('that is reset is no loss', async () => {
    expect((await workspace.nx(['reset'])).code).toBe(0);
    expect(rowsOf(await restoreThree())).toEqual([3, 3]);
  });
});
