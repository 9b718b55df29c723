import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runPlanned, startRuns } from './start-run.ts';
import { contextIn } from './test-support.ts';

type Planned = Parameters<typeof startRuns>[2][number];

const planned = (runId: string, args: readonly string[] = ['run', 'lab:a'], isJob = false): Planned => ({
  ...{ runId, args, isJob },
});

function begin(files: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv = {}) {
  const root = mkdtempSync(join(tmpdir(), 'start-run-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
  return { root, read, context: contextIn(root, { PATH: process.env['PATH'], ...env }) };
}

describe('the process that runs what was planned', () => {
  /** Starts it with this script in place of the command, and gives how it ended. */
  async function start(script: string, plans = [planned('r1')], env: NodeJS.ProcessEnv = {}) {
    const { root, read, context } = begin({ 'command.mjs': script }, env);
    const [code, said] = await new Promise<readonly [number, string]>((resolve) => {
      startRuns(context, join(root, 'command.mjs'), plans, (...end) => resolve(end));
    });
    return { root, read, code, said };
  }

  test('is handed the plan, at the root, with its own environment', async () => {
    const script = `
      import { writeFileSync } from 'node:fs';
      const { argv, env } = process;
      writeFileSync('seen.json', JSON.stringify({ argv: argv.slice(2), cwd: process.cwd(), env }));
    `;
    const plans = [planned('r1'), planned('r2', ['run', 'lab:nightly', "it's"], true)];
    const { root, read, code } = await start(script, plans, { LAB: 'x', NX_TASK_HASH: '1' });
    expect(code).toBe(0);
    const seen = read('seen.json') as { argv: string[]; cwd: string; env: NodeJS.ProcessEnv };
    expect(seen.argv.slice(0, 2)).toEqual(['console', 'run']);
    expect(JSON.parse(seen.argv[2] ?? '')).toEqual(plans);
    expect(seen.cwd).toBe(root);
    expect(seen.env).toMatchObject({ LAB: 'x', NO_COLOR: '1' });
    // What nx tells a task of itself is not about the nx that begins here.
    expect(seen.env).not.toHaveProperty('NX_TASK_HASH');
  });

  test('says what it came to, with all that it has said in between', async () => {
    const script = `console.log('begins'); console.error('no such task'); process.exitCode = 3;`;
    expect(await start(script)).toMatchObject({ code: 3, said: 'begins\nno such task\n' });
  });

  test('has failed where it was killed, and where there is no such command', async () => {
    expect((await start(`process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 9e3);`)).code).toBe(1);
    expect(await start('import "./nothing.mjs"')).toMatchObject({
      code: 1,
      said: expect.stringContaining('nothing.mjs') as string,
    });
  });

  test('may lose what it says: somebody deletes `.nx` while it runs', async () => {
    const script = `
      import { rmSync } from 'node:fs';
      rmSync('.nx', { recursive: true });
      process.exitCode = 2;
    `;
    expect(await start(script)).toMatchObject({ code: 2, said: '' });
  });

  test('is not there where nothing is planned', () => {
    const { root, context } = begin({});
    startRuns(context, 'nothing', [], () => expect.unreachable());
    expect(readdirSync(root)).toEqual([]);
  });
});

describe('what that process does', () => {
  /** Notes what it was called with; ends with the number that its last argument is. */
  const NX = `
    const { appendFileSync } = require('node:fs');
    const { NX_ASSETS_GIVEN_RUN: run, NX_ASSETS_GIVEN_JOB_RUN: job, NX_TASK_HASH: task, LAB: lab } = process.env;
    appendFileSync('calls.txt', JSON.stringify({ args: process.argv.slice(2), run, job, task, lab }) + '\\n');
    process.exitCode = Number(process.argv.at(-1)) || 0;
  `;

  async function run(plans: readonly Planned[], env: NodeJS.ProcessEnv = {}) {
    const files = { 'package.json': '{}', 'node_modules/nx/bin/nx.js': NX };
    const { root, context } = begin(files, env);
    const code = await runPlanned(context, JSON.stringify(plans));
    const path = join(root, 'calls.txt');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
    return { code, calls: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>) };
  }

  test('runs one command after the other, each with the id that its run was promised', async () => {
    const plans = [planned('r1', ['run', 'lab:a']), planned('r2', ['run-many', '-t', 'b c'])];
    expect(await run(plans, { LAB: 'x', NX_TASK_HASH: '1' })).toEqual({
      code: 0,
      calls: [
        { args: ['run', 'lab:a'], run: 'r1', lab: 'x' },
        { args: ['run-many', '-t', 'b c'], run: 'r2', lab: 'x' },
      ],
    });
  });

  test('gives the id of a job to the job, whose own commands have other ones', async () => {
    const { calls } = await run([planned('r1', ['run', 'lab:nightly'], true)]);
    expect(calls).toEqual([{ args: ['run', 'lab:nightly'], job: 'r1' }]);
  });

  test('ends with the first that fails', async () => {
    const { code, calls } = await run([planned('r1', ['0']), planned('r2', ['7']), planned('r3', ['0'])]);
    expect(code).toBe(7);
    expect(calls.map(({ run }) => run)).toEqual(['r1', 'r2']);
  });

  test('is nothing where nothing is planned', async () => {
    expect(await run([])).toEqual({ code: 0, calls: [] });
  });
});
