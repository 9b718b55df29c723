import { TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const source = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asset, sql } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
const rows = [{ n: 1 }];
const pooled = (name: string, priority: number) =>
  asset({
    description: name,
    pool: 'api',
    priority,
    schema: Row,
    async materialize() {
      appendFileSync('pool.txt', name + ' begins\\n');
      await sleep(100);
      appendFileSync('pool.txt', name + ' ends\\n');
      return rows;
    },
  });
export const first = pooled('first', 2);
export const last = pooled('last', 0);
export const middle = pooled('middle', 1);
export const flaky = asset({
  description: 'Fails once.',
  retry: { attempts: 3, backoff: '0.1s' },
  schema: Row,
  materialize() {
    if (existsSync('tried.txt')) return rows;
    writeFileSync('tried.txt', '');
    throw new Error('not yet');
  },
});
export const limits = asset({
  description: 'What its DuckDB is allowed.',
  duckdb: { memory: '100MB', threads: 2 },
  value: z.array(z.object({ memory: z.string(), threads: z.int() })),
  materialize: (_inputs, { query }) =>
    query(sql\`SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads\`),
});
export const endless = asset({
  description: 'Never ends.',
  timeout: '0.5s',
  schema: Row,
  materialize: () => sleep(60_000, rows),
});
`;

describe('steps under control', () => {
  let workspace: TestWorkspace;
  beforeAll(() => {
    workspace = new TestWorkspace({
      'packages/work/package.json': JSON.stringify({ name: 'work', 'nx-assets': {}, type: 'module' }),
      'packages/work/src/index.ts': source,
    });
  });
  afterAll(() => workspace.dispose());

  test('are tried again, end in time, and share pools', async () => {
    const { code, output } = await workspace.nx(['run-many', '-t', 'materialize', '--parallel=4']);
    expect(code).toBe(1);
    expect(output).toContain('attempt 1 failed, again in');
    expect(output).toMatch(/✔ work\/flaky +materialized/);
    expect(output).toContain('STEP_TIMEOUT: work/endless took longer than 0.5 s.');
    expect(workspace.read('pool.txt').trim().split('\n')).toEqual([
      'first begins',
      'first ends',
      'middle begins',
      'middle ends',
      'last begins',
      'last ends',
    ]);
    expect(JSON.parse(workspace.read('output/work/limits.json'))).toEqual([
      { memory: '95.3 MiB', threads: 2 },
    ]);
    const { stdout } = await workspace.command(['runs', 'last', '--json']);
    const { steps } = JSON.parse(stdout) as { steps: { key: string; attempt: number; status: string }[] };
    expect(steps.find(({ key }) => key === 'work/flaky')).toMatchObject({
      attempt: 2,
      status: 'materialized',
    });
  });

  test('share pools also with a process for each step', async () => {
    workspace.edit('packages/work/src/index.ts', (text) => `${text}// once more\n`).remove('pool.txt');
    const pooled = ['run-many', '-t', 'first,middle,last', '--parallel=3', '--batch=false'];
    expect((await workspace.nx(pooled)).code).toBe(0);
    const lines = workspace.read('pool.txt').trim().split('\n');
    const names = lines.map((line) => line.split(' ')[0]);
    expect(lines.map((line) => line.split(' ')[1])).toEqual(lines.map((_, at) => ['begins', 'ends'][at % 2]));
    expect(names.filter((_, at) => at % 2 === 0)).toEqual(names.filter((_, at) => at % 2 === 1));
  });

  test('how many of a pool run at a time is in nx.json, and another limit re-runs nothing', async () => {
    workspace.edit('nx.json', (text) =>
      text.replace('"nx-assets"', '{ "plugin": "nx-assets", "options": { "pools": { "api": 2 } } }'),
    );
    workspace.edit('packages/work/src/index.ts', (text) => `${text}// again\n`).remove('pool.txt');
    await workspace.nx(['run-many', '-t', 'materialize', '--parallel=4']);
    const lines = workspace.read('pool.txt').split('\n');
    expect(lines.slice(0, 2).sort()).toEqual(['first begins', 'middle begins']);
    const again = await workspace.materialize();
    expect(again.ran).toEqual(['endless']);
  });

  test('in a process of their own fail alone, and the cause is named', async () => {
    const isolated = (name: string, body: string) => `
export const ${name} = asset({
  description: '${name}',
  isolated: true,
  schema: Row,
  materialize: () => { ${body} },
});`;
    workspace.write({
      'packages/work/src/index.ts': `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
${isolated('fine', 'return [{ n: 1 }];')}
${isolated('leaves', 'process.exit(7);')}
${isolated('killed', "process.kill(process.pid, 'SIGKILL'); return [];")}
${isolated('throws', "throw new Error('as ever');")}
${isolated('loops', 'for (;;);').replace('isolated: true', "isolated: true, timeout: '1s'")}
export const exits = asset({ description: 'd', schema: Row, materialize: () => process.exit(0) });
export const after = asset({ description: 'd', deps: { fine }, schema: Row, materialize: () => [] });
`,
    });
    const { code, assets, ran } = await workspace.materialize();
    expect(code).toBe(1);
    expect(ran).toEqual(['after', 'exits', 'fine', 'killed', 'leaves', 'loops', 'throws']);
    const errors = new Map(
      (assets as unknown as { key: string; error: { code: string; message: string } | null }[]).map(
        ({ key, error }) => [key, error],
      ),
    );
    expect(errors.get('work/fine')).toBeNull();
    expect(errors.get('work/leaves')).toMatchObject({ code: 'PROCESS_ENDED' });
    expect(errors.get('work/leaves')?.message).toContain('process.exit(7)');
    expect(errors.get('work/loops')).toMatchObject({ code: 'STEP_TIMEOUT' });
    // Also in the process of all.
    expect(errors.get('work/exits')?.message).toContain('work/exits called process.exit(0)');
    expect(errors.get('work/killed')?.message).toContain('SIGKILL');
    expect(errors.get('work/throws')).toMatchObject({ code: 'MATERIALIZE_THREW' });
  });

  test('that exhaust memory say so', async () => {
    workspace.write({
      'packages/work/src/index.ts': `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
export const greedy = asset({
  description: 'd',
  isolated: true,
  schema: z.object({ n: z.int() }),
  materialize: () => {
    const all: unknown[] = [];
    for (;;) all.push(new Array(1000).fill({}));
  },
});
`,
    });
    const { code, output } = await workspace.nx(['run', 'work:greedy'], {
      env: { NODE_OPTIONS: '--max-old-space-size=256' },
    });
    expect(code).toBe(1);
    expect(output).toContain('ran out of memory');
    expect(output).toContain('PROCESS_ENDED: The process of work/greedy ended before the step did');
  }, 60_000);

  test('go on where the run file cannot be written, and nobody is told to look for process.exit', async () => {
    workspace.write({
      'packages/work/src/index.ts': `
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const value = z.int();
/** A folder where the run file was: nothing can be appended to it any more. */
export const spoils = asset({
  description: 'd', value,
  materialize: () => {
    const runs = '.nx/nx-assets/runs';
    for (const name of readdirSync(runs)) {
      rmSync(runs + '/' + name, { recursive: true });
      mkdirSync(runs + '/' + name);
    }
    return 1;
  },
});
export const after = asset({ description: 'd', deps: { spoils }, value, materialize: () => 2 });
export const fails = asset({
  description: 'd', deps: { spoils }, value,
  materialize: () => { throw new Error('as ever'); },
});
`,
    });
    const { code, output } = await workspace.nx(['run-many', '-t', 'materialize']);
    expect(code).toBe(1);
    expect(output.match(/The run file does not hear everything of this run: EISDIR/g)).toHaveLength(1);
    expect(output).toContain('MATERIALIZE_THREW');
    expect(output).toContain('2 materialized, 1 failed');
    expect(output).not.toContain('process.exit');
    expect(workspace.read('output/work/after.json').trim()).toBe('2');
  }, 60_000);
});
