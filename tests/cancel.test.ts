import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MODES } from './support/thorough.ts';

const source = `
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const Row = z.object({ n: z.int() });
const one = async (seconds: number, signal?: AbortSignal) => {
  appendFileSync('started.txt', seconds + '\\n');
  await sleep(seconds * 1000, undefined, signal ? { signal } : {});
  return [{ n: 1 }];
};
export const quick = asset({ description: 'At once.', schema: Row, materialize: () => [{ n: 1 }] });
export const polite = asset({
  description: 'Stops when asked.',
  deps: { quick },
  env: ['SECONDS'],
  schema: Row,
  materialize: (_inputs, { signal }) => one(Number(process.env.SECONDS ?? 0), signal),
});
export const deaf = asset({
  description: 'Hears nothing.',
  env: ['DEAF_SECONDS'],
  schema: Row,
  materialize: () => one(Number(process.env.DEAF_SECONDS ?? 0)),
});
export const after = asset({
  description: 'Comes after.',
  deps: { polite, deaf },
  schema: Row,
  materialize: () => [{ n: 1 }],
});
`;

describe.each(MODES)('Ctrl-C, $mode', ({ flags }) => {
  let workspace: TestWorkspace;
  beforeEach(() => {
    workspace = new TestWorkspace({
      'packages/slow/package.json': JSON.stringify({ name: 'slow', 'nx-assets': {}, type: 'module' }),
      'packages/slow/src/index.ts': source,
    });
  });
  afterEach(() => workspace.dispose());

  /** Starts a run, and presses Ctrl-C, as a terminal does, when `steps` slow steps have begun. */
  async function interrupt(env: Readonly<Record<string, string>>, steps: number, presses: number) {
    let pid = 0;
    const args = ['run-many', '-t', 'materialize', '--parallel=3', ...flags];
    const running = workspace.nx(args, { env, onStart: (started) => (pid = started) });
    const begun = () =>
      workspace.exists('started.txt') ? workspace.read('started.txt').split('\n').length - 1 : 0;
    for (let wait = 0; begun() < steps && wait < 300; wait++) await sleep(50);
    await sleep(200);
    const at = Date.now();
    for (let press = 0; press < presses; press++) {
      try {
        process.kill(-pid, 'SIGINT');
      } catch (error) {
        // Who listened may be gone by the second time.
        if (press === 0 || (error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
      await sleep(300);
    }
    return { ...(await running), took: Date.now() - at };
  }

  test('once: steps stop, what finished is kept, and the table says so', async () => {
    const { code, output, took } = await interrupt({ SECONDS: '60' }, 2, 1);
    expect(code, output).toBe(130);
    expect(took).toBeLessThan(30_000);
    expect(output).toContain('Stopping. What has finished is kept; Ctrl-C again stops at once.');
    expect(output).toMatch(/✔ slow\/quick +materialized/);
    expect(output).toMatch(/◌ slow\/polite +cancelled/);
    expect(output).toMatch(/4 assets: 2 materialized, .*2 (cancelled|blocked)|1 blocked, 1 cancelled/);
    const { stdout } = await workspace.command(['runs', 'last', '--json']);
    expect((JSON.parse(stdout) as { run: { status: string } }).run.status).toBe('cancelled');
    const again = await workspace.materialize(['run-many', '-t', 'materialize', ...flags]);
    expect(again.code).toBe(0);
    expect(again.ran).toEqual(['after', 'polite']);
  });

  test('not even that, but nx is killed: who does not listen ends soon, and nobody waits for its locks', async () => {
    let pid = 0;
    const args = ['run-many', '-t', 'materialize', '--parallel=3', ...flags];
    const env = { DEAF_SECONDS: '60' };
    void workspace.nx(args, { env, onStart: (started) => (pid = started) });
    await expect.poll(() => workspace.exists('started.txt'), { timeout: 60_000 }).toBe(true);
    await sleep(300);
    process.kill(pid, 'SIGKILL');
    const at = Date.now();
    const again = await workspace.materialize(['run-many', '-t', 'materialize', ...flags], {
      env: { DEAF_SECONDS: '0' },
    });
    expect(again.code, again.output).toBe(0);
    expect(Date.now() - at).toBeLessThan(20_000);
  });

  test('twice: at once, whoever does not listen', async () => {
    const { code, took } = await interrupt({ DEAF_SECONDS: '60' }, 2, 2);
    expect(code).toBe(130);
    expect(took).toBeLessThan(8_000);
    const again = await workspace.materialize(['run-many', '-t', 'materialize', ...flags]);
    expect(again.code).toBe(0);
    expect(again.ran).toContain('deaf');
    expect(again.ran).not.toContain('quick');
  });
});
