import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thorough } from './support/thorough.ts';

const source = (body: string) => `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
export const numbers = asset({
  description: 'Numbers.',
  env: ['API_TOKEN'],
  schema: Row,
  materialize: (_inputs, { log }) => {
    log.info('counting');
    log.warn('carefully');
    ${body}
  },
});
export const doubled = asset({
  description: 'Twice the numbers.',
  deps: { numbers },
  schema: Row,
  materialize: async ({ numbers }) => (await numbers.rows()).map(({ n }) => ({ n: n * 2 })),
});
`;

describe('the history', () => {
  let workspace: TestWorkspace;
  const everything = ['run-many', '-t', 'materialize'];
  const command = (...args: readonly string[]) => workspace.command(args);
  const json = async (...args: readonly string[]) => {
    const { stdout, output, code } = await command(...args, '--json');
    expect(code, output).toBe(0);
    return JSON.parse(stdout) as {
      runs: { runId: string; status: string; command: string[]; steps: Record<string, number> }[];
      steps: { key: string; status: string; error: { code: string } | null }[];
      lines: { key: string; level: string; message: string }[];
      assets: { key: string; status: string[] }[];
      asset: { materialized: { runId: string; reasons: { kind: string }[] } };
    };
  };

  beforeEach(() => {
    workspace = new TestWorkspace({
      'packages/math/package.json': JSON.stringify({ name: 'math', 'nx-assets': {}, type: 'module' }),
      'packages/math/src/index.ts': source('return [{ n: 1 }];'),
    });
  });
  afterEach(() => workspace.dispose());

  test('has every run with its steps and what they logged', async () => {
    await workspace.nx(everything);
    await workspace.nx(everything);
    workspace.write({ 'packages/math/src/index.ts': source("throw new Error('boom');") });
    await workspace.nx([...everything, '--batch=false']);
    const { runs } = await json('runs');
    expect(runs.map(({ status, steps, command }) => [status, steps, command[0]])).toEqual([
      ['failed', { failed: 1, blocked: 1 }, 'run-many'],
      ['succeeded', { 'up-to-date': 2 }, 'run-many'],
      ['succeeded', { materialized: 2 }, 'run-many'],
    ]);
    expect((await json('runs', '--status', 'failed')).runs).toHaveLength(1);
    const { steps } = await json('runs', 'last');
    expect(steps.map(({ key, status, error }) => [key, status, error?.code])).toEqual([
      ['math/numbers', 'failed', 'MATERIALIZE_THREW'],
      ['math/doubled', 'blocked', undefined],
    ]);
    const { lines } = await json('logs', 'last', 'numbers');
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'counting'],
      ['warn', 'carefully'],
    ]);
    expect((await command('runs')).output).toMatch(/✖ \S+ +failed/);
    expect((await command('logs', 'last')).output).toContain('math/numbers counting');
    expect((await command('runs', 'nope')).code).toBe(2);
  });

  test('tells which assets failed last, and why what is there was made', async () => {
    await workspace.nx(everything);
    workspace.write({ 'packages/math/src/index.ts': source("throw new Error('boom');") });
    await workspace.nx(everything);
    const status = async () => (await json('status')).assets.map(({ key, status: all }) => [key, all]);
    expect(await status()).toEqual([
      ['math/numbers', ['failed', 'stale']],
      ['math/doubled', ['stale']],
    ]);
    expect((await json('ls', 'status:failed')).assets.map(({ key }) => key)).toEqual(['math/numbers']);
    workspace.write({ 'packages/math/src/index.ts': source('return [{ n: 3 }];') });
    await workspace.nx(everything);
    expect(await status()).toEqual([
      ['math/numbers', ['fresh']],
      ['math/doubled', ['fresh']],
    ]);
    const { asset } = await json('why', 'doubled');
    expect(asset.materialized.reasons.map(({ kind }) => kind)).toContain('upstream-changed');
  });

  test('compares the data of two runs', async () => {
    workspace.write({ 'packages/math/src/index.ts': source('return [{ n: 1 }, { n: 2 }];') });
    await workspace.nx(everything);
    const [first] = (await json('runs')).runs;
    const record = workspace.read('output/math/doubled.record.json');
    workspace.write({ 'packages/math/src/index.ts': source('return [{ n: 2 }, { n: 3 }, { n: 4 }];') });
    await workspace.nx(everything);
    const { output, code } = await command('diff', first?.runId ?? '', 'last');
    expect(code, output).toBe(0);
    expect(output).toContain(
      'math/numbers  changed  2 → 3 rows  +2 −1\n  n: 1 to 2, 0 null → 2 to 4, 0 null\n',
    );
    expect(output).toContain('math/doubled  changed  2 → 3 rows  +2 −1\n');
    workspace.write({ 'before.record.json': record });
    const files = await command('diff', 'before.record.json', 'output/math/doubled.record.json');
    expect(files.output).toContain('math/doubled  changed  2 → 3 rows  +2 −1');
    expect((await command('diff', 'last', 'last')).output).toBe('No differences in the data.\n');
    // A run that brings older data back has that, though what made it lies before the other run.
    const [second] = (await json('runs')).runs;
    workspace.write({ 'packages/math/src/index.ts': source('return [{ n: 1 }, { n: 2 }];') });
    await workspace.nx(everything);
    expect((await json('runs', 'last')).steps.map(({ status }) => status)).toEqual([
      'up-to-date',
      'up-to-date',
    ]);
    expect((await command('diff', first?.runId ?? '', 'last')).output).toBe('No differences in the data.\n');
    const back = await command('diff', second?.runId ?? '', 'last');
    expect(back.output).toContain('math/doubled  changed  3 → 2 rows  +1 −2\n');
  });

  thorough('lies where nx.json says, and never holds a value of the environment', async () => {
    workspace.edit('nx.json', (text) =>
      text.replace('"nx-assets"', '{ "plugin": "nx-assets", "options": { "history": "var/runs.db" } }'),
    );
    const secret = 'hunter2-hunter2';
    await workspace.nx(everything, { env: { API_TOKEN: secret } });
    expect(existsSync(join(workspace.root, 'var/runs.db'))).toBe(true);
    expect((await json('runs')).runs).toHaveLength(1);
    for (const name of readdirSync(join(workspace.root, 'var'))) {
      expect(workspace.read(`var/${name}`)).not.toContain(secret);
    }
  });

  thorough('keeps as many runs as nx.json says, by itself', async () => {
    const retain = (retention: object) =>
      workspace.edit('nx.json', (text) => {
        const options = { plugins: [{ plugin: 'nx-assets', options: { retention } }] };
        return JSON.stringify({ ...(JSON.parse(text) as object), ...options });
      });
    retain({ runs: 2 });
    for (let run = 0; run < 3; run++) await workspace.nx(everything);
    const { runs } = await json('runs');
    expect(runs.map(({ steps }) => steps)).toEqual([{ 'up-to-date': 2 }, { 'up-to-date': 2 }]);
    // What made the newest values is still known.
    const { asset } = await json('why', 'doubled');
    expect(asset.materialized.runId).not.toBe(runs.at(-1)?.runId);
    retain({ age: '0.001s' });
    await workspace.nx(everything);
    expect((await json('runs')).runs.length).toBeLessThanOrEqual(1);
    retain({ age: 'a while' });
    const run = await workspace.nx(everything);
    expect(run.code).toBe(0);
    expect(run.output).toContain('The history was not pruned: "a while" is not a duration.');
  });

  test('that is damaged or cannot be written stops no run', async () => {
    workspace.write({
      '.nx/nx-assets/history.db': 'not a database, but long enough to be taken for one'.repeat(100),
    });
    const first = await workspace.nx(everything);
    expect(first.code).toBe(0);
    expect(first.output).toContain('a new one begins');
    expect((await json('runs')).runs).toHaveLength(1);
    workspace.edit('nx.json', (text) =>
      text.replace('"nx-assets"', '{ "plugin": "nx-assets", "options": { "history": "nx.json/runs.db" } }'),
    );
    const second = await workspace.nx(everything);
    expect(second.code).toBe(0);
    expect(second.output).toContain('This run is not in the history');
  });

  test('and files of assets that are no more are pruned on request', async () => {
    await workspace.nx(everything);
    await workspace.nx(everything);
    workspace.write({
      'output/notes.txt': 'mine',
      'packages/math/src/index.ts': source('return [{ n: 1 }];').replace(/export const doubled[^]*/, ''),
    });
    const dry = await command('prune', '--dry-run', '--keep-runs', '1');
    expect(dry.output).toContain('output/math/doubled.parquet');
    expect(dry.output).toContain('2 files of deleted assets would be removed');
    expect(dry.output).toContain('1 run would be removed from the history');
    expect(workspace.exists('output/math/doubled.parquet')).toBe(true);
    await command('prune', '--keep-runs', '1');
    expect(workspace.exists('output/math/doubled.parquet')).toBe(false);
    expect(workspace.exists('output/math/doubled.record.json')).toBe(false);
    expect(workspace.exists('output/math/numbers.parquet')).toBe(true);
    expect(workspace.read('output/notes.txt')).toBe('mine');
    expect((await json('runs')).runs).toHaveLength(1);
  });
});
