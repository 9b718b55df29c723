import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ownEnv, runNx } from './nx-process.ts';
import { temporaryRoot } from './test-support.ts';

/** A workspace whose nx is this script: a real process, found as the real one is. */
function withNx(script: string): string {
  const root = temporaryRoot();
  const bin = join(root, 'node_modules/nx/bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(root, 'node_modules/nx/package.json'), '{"name":"nx"}');
  writeFileSync(join(bin, 'nx.js'), script);
  return root;
}

const saying = `
  const { A, ONLY } = process.env;
  const said = { args: process.argv.slice(2), cwd: process.cwd(), A, ONLY };
  require('node:fs').writeFileSync('said.json', JSON.stringify(said));`;
const saidIn = (root: string) => JSON.parse(readFileSync(join(root, 'said.json'), 'utf8')) as object;

describe('the nx of a workspace', () => {
  test('runs at the root, with its arguments word for word and the environment it was given', async () => {
    const root = withNx(saying);
    const args = ['run', 'g:a', '--partition=a b', '--x="$HOME"', ''];
    expect(await runNx({ root, env: { A: 'given' } }, args)).toBe(0);
    expect(saidIn(root)).toEqual({ args, cwd: root, A: 'given' });
  });

  test('gets another environment where one is named', async () => {
    const root = withNx(saying);
    await runNx({ root, env: { A: 'given' } }, [], { ONLY: 'this' });
    expect(saidIn(root)).toEqual({ args: [], cwd: root, ONLY: 'this' });
  });

  test.each([
    ['an exit', 'process.exit(3)', 3],
    ['an error', 'process.exitCode = 1', 1],
    ['Ctrl-C', 'process.kill(process.pid, "SIGINT"); setInterval(() => {}, 1000)', 130],
    ['another signal', 'process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)', 1],
  ])('says by its code how it ended: %s', async (_, script, code) => {
    expect(await runNx({ root: withNx(script), env: {} }, [])).toBe(code);
  });

  test('is missed where there is none', () => {
    const root = temporaryRoot();
    expect(() => runNx({ root, env: {} }, [])).toThrow('nx/bin/nx.js');
  });

  test('leaves no listener behind', async () => {
    const counts = () => ['SIGINT', 'SIGTERM', 'disconnect'].map((name) => process.listenerCount(name));
    const before = counts();
    await runNx({ root: withNx(''), env: {} }, []);
    expect(counts()).toEqual(before);
  });
});

/** A process that runs nx and says what came of it; it is told to end while nx works. */
function runner(root: string) {
  writeFileSync(
    join(root, 'main.mts'),
    `import { runNx } from '${pathToFileURL(join(import.meta.dirname, 'nx-process.ts')).href}';
     const code = await runNx({ root: process.cwd(), env: process.env }, []);
     console.log('code ' + code);
     if (process.connected) process.disconnect();`,
  );
  const child = spawn(process.execPath, ['main.mts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // Node says no `close` of a child that was disconnected.
  const ended = new Promise<string>((resolve) => child.stdout?.on('end', () => resolve(output)));
  return { child, ended, hasBegun: () => existsSync(join(root, 'begun')) };
}

describe('while nx works', () => {
  const slow = `
    const { appendFileSync, writeFileSync } = require('node:fs');
    for (const name of ['SIGINT', 'SIGTERM'])
      process.on(name, () => {
        appendFileSync('signals', name + ' ');
        setTimeout(() => process.exit(7), 300);
      });
    setTimeout(() => process.exit(9), 20000);
    writeFileSync('begun', '');`;

  test.each(['SIGTERM', 'disconnect'])(
    '%s becomes Ctrl-C for it, once, and its end is waited for',
    async (how) => {
      const root = withNx(slow);
      const { child, ended, hasBegun } = runner(root);
      await expect.poll(hasBegun).toBe(true);
      const end = () => (how === 'SIGTERM' ? child.kill('SIGTERM') : child.disconnect());
      end();
      if (how === 'SIGTERM') {
        await expect.poll(() => existsSync(join(root, 'signals'))).toBe(true);
        end();
      }
      expect(await ended).toBe('code 7\n');
      expect(readFileSync(join(root, 'signals'), 'utf8')).toBe('SIGINT ');
    },
  );

  test('Ctrl-C does not end the process that waits for it, and is not passed on: nx gets its own', async () => {
    const root = withNx(
      slow.replace('setTimeout(() => process.exit(9), 20000)', 'setTimeout(() => process.exit(5), 1500)'),
    );
    const { child, ended, hasBegun } = runner(root);
    await expect.poll(hasBegun).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe('code 5\n');
    expect(existsSync(join(root, 'signals'))).toBe(false);
  });
});

describe('the environment of an nx inside of an nx', () => {
  test('has nothing that is about the task around it', () => {
    const about = [
      'NX_TASK_TARGET_PROJECT',
      'NX_TERMINAL_OUTPUT_PATH',
      'NX_STREAM_OUTPUT',
      'NX_FORKED_TASK_EXECUTOR',
      'NX_INVOKED_BY_RUNNER',
      'NX_PSEUDO_TERMINAL',
      'NX_BATCH_MODE',
      'NX_PREFIX_OUTPUT',
    ];
    expect(ownEnv(Object.fromEntries(about.map((name) => [name, '1'])))).toEqual({});
  });

  test('has everything else, what a person set for nx too', () => {
    const rest = {
      NX_ASSETS_RUN_ID: 'r',
      NX_SKIP_NX_CACHE: 'true',
      NX_DAEMON: 'false',
      MY_NX_TASK_X: '1',
      PATH: '/bin',
      EMPTY: '',
    };
    expect(ownEnv({ ...rest, NX_TASK_HASH: '1' })).toEqual(rest);
    expect(ownEnv({})).toEqual({});
  });

  test('leaves what it was given as it is', () => {
    const given = { NX_TASK_HASH: '1' };
    ownEnv(given);
    expect(given).toEqual({ NX_TASK_HASH: '1' });
  });
});
