import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  bad,
  cut,
  dropped,
  edited,
  garbage,
  type Illness,
  RemoteCacheServer,
  silent,
  torn,
} from './support/remote-cache.ts';

const SOURCE = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
export const numbers = asset({
  description: 'Numbers.',
  schema: Row,
  materialize: () => Array.from({ length: 300 }, (_, n) => ({ n })),
});
export const doubled = asset({
  description: 'Twice the numbers.',
  deps: { numbers },
  schema: Row,
  materialize: async ({ numbers }) => (await numbers.rows()).map(({ n }) => ({ n: n * 2 })),
});
`;
const VALUES = ['output/math/numbers.parquet', 'output/math/doubled.parquet'];
const everything = ['run-many', '-t', 'materialize'];

/** A machine that has the code, and nothing else. */
const machine = () =>
  new TestWorkspace({
    'packages/math/package.json': JSON.stringify({ name: 'math', 'nx-assets': {}, type: 'module' }),
    'packages/math/src/index.ts': SOURCE,
  });
const bytesOf = (workspace: TestWorkspace) =>
  VALUES.map((path) =>
    createHash('sha256')
      .update(readFileSync(join(workspace.root, path)))
      .digest('hex'),
  );

describe('a remote cache', () => {
  let right: readonly string[];
  let filled: ReadonlyMap<string, Buffer>;
  let server: RemoteCacheServer;
  let workspace: TestWorkspace;

  beforeAll(async () => {
    const first = await RemoteCacheServer.start();
    const other = machine();
    const result = await other.materialize(everything, { env: first.env });
    expect(result.ran, result.output).toEqual(['doubled', 'numbers']);
    right = bytesOf(other);
    filled = new Map(first.entries);
    expect(filled.size).toBe(2);
    await first.stop();
    other.dispose();
  });
  beforeEach(async () => {
    server = await RemoteCacheServer.start();
    for (const [hash, entry] of filled) server.entries.set(hash, entry);
    workspace = machine();
  });
  afterEach(async () => {
    await server.stop();
    workspace.dispose();
  });

  const run = async (flags: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const result = await workspace.materialize([...everything, ...flags], { env: { ...server.env, ...env } });
    // One document, and nothing else.
    expect(result.stdout.trim().split('\n'), result.output).toHaveLength(1);
    return result;
  };
  const statuses = async () => {
    const { stdout } = await workspace.command(['runs', '--json']);
    return (JSON.parse(stdout) as { runs: { status: string }[] }).runs.map(({ status }) => status);
  };
  /** After a run that had to do everything here. */
  const expectRight = async (result: Awaited<ReturnType<typeof run>>) => {
    expect(result.code, result.output).toBe(0);
    expect(result.ran).toEqual(['doubled', 'numbers']);
    expect(result.failed).toEqual([]);
    expect(bytesOf(workspace)).toEqual(right);
    expect(await statuses()).toEqual(['succeeded']);
  };

  test('that is well gives another machine everything, and a warm one is not asked', async () => {
    const cold = await run();
    expect(cold.code).toBe(0);
    expect(cold.assets.map(({ source }) => source)).toEqual(['cache', 'cache']);
    expect(cold.output).not.toContain('REMOTE_');
    expect(bytesOf(workspace)).toEqual(right);
    server.requests.length = 0;
    server.ill = { GET: bad, PUT: bad };
    workspace.remove('output');
    const warm = await run();
    expect([warm.code, warm.ran, server.requests]).toEqual([0, [], []]);
    expect(bytesOf(workspace)).toEqual(right);
    expect(await statuses()).toEqual(['succeeded', 'succeeded']);
  });

  /** One process for each asset: Nx has another way of asking then. */
  const APART = ['--batch=false'];

  test.each<[name: string, ill: Illness, flags?: readonly string[]]>([
    ['answers PUT with 502', bad],
    ['drops the connection of PUT', dropped],
    ['answers PUT of each asset with 502', bad, APART],
  ])('that %s: all is made and right, and the table says what is not shared', async (_name, ill, flags) => {
    server.entries.clear();
    server.ill = { PUT: ill };
    const result = await run(flags);
    await expectRight(result);
    expect(result.stderr).toMatch(/REMOTE_CACHE_FAILED: .* It did not take 2 results: /);
    expect(server.entries.size).toBe(0);
    // Nx believes what is on this machine.
    expect(await run(flags)).toMatchObject({ code: 0, ran: [] });
  });

  test.each<[name: string, ill: Illness, flags?: readonly string[]]>([
    ['answers GET with 502', bad],
    ['drops the connection of GET', dropped],
    ['drops it in the middle of an entry', cut],
    ['gives half an entry', torn],
    ['gives half an entry of each asset', torn, APART],
    ['gives garbage', garbage],
  ])('that %s: all is made here and right', async (_name, ill, flags) => {
    server.ill = { GET: ill };
    const result = await run(flags);
    await expectRight(result);
    expect(result.stderr).toMatch(/REMOTE_CACHE_FAILED: .* It did not give [12] results?: /);
    server.ill = {};
    const warm = await run(flags);
    expect([warm.code, warm.ran]).toEqual([0, []]);
    expect(warm.output).not.toContain('REMOTE_');
  });

  test.each([{ flags: [] }, { flags: APART }])(
    'that gives other data than the record says, with $flags: it is not used, and named',
    async ({ flags }) => {
      server.ill = { GET: edited };
      const result = await run(flags);
      await expectRight(result);
      expect(result.stderr).toMatch(
        /REMOTE_ENTRY_INVALID: The remote cache has math\/numbers as [0-9a-f]{64}, /,
      );
    },
  );

  test('that gives an entry of something else: it is not used', async () => {
    const [one = '', two = ''] = filled.keys();
    server.entries.set(one, filled.get(two) ?? Buffer.of()).set(two, filled.get(one) ?? Buffer.of());
    const result = await run();
    await expectRight(result);
    expect(result.stderr).toContain('REMOTE_ENTRY_INVALID');
  });

  test('that never answers is waited for once', async () => {
    server.ill = { GET: silent, PUT: silent };
    const result = await run([], { NX_ASSETS_REMOTE_CACHE_TIMEOUT: '1' });
    await expectRight(result);
    expect(result.stderr).toContain('no answer within 1 s');
    expect(server.requests).toHaveLength(1);
  });

  test('that fails once is asked again', async () => {
    let times = 0;
    server.ill = {
      GET: (request, response, entry) =>
        times++ === 0 ? bad(request, response, entry) : response.end(entry),
    };
    const result = await run();
    expect([result.code, result.ran]).toEqual([0, []]);
    expect(result.output).not.toContain('REMOTE_');
  });

  test('that fails is said below the table, with what to do', async () => {
    server.ill = { GET: bad, PUT: bad };
    const { code, stdout } = await workspace.nx(everything, { env: server.env });
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /✔ math\/doubled +materialized[^]*2 assets: 2 materialized[^]*REMOTE_CACHE_FAILED: .*502.* Check the address/,
    );
  });

  test('that fails hides no failure of an asset', async () => {
    server.ill = { GET: bad, PUT: bad };
    workspace.edit('packages/math/src/index.ts', (code) => code.replace('({ n: n * 2 })', '({ n: n / 2 })'));
    const result = await run();
    expect([result.code, result.failed]).toEqual([1, ['doubled']]);
    expect(await statuses()).toEqual(['failed']);
  });
});
