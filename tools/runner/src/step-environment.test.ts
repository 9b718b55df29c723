import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { absolute, STATE } from '@nx-assets/storage/records';
import { openHistory } from '@nx-assets/workspace/history';
import { RUN_CONFIG } from '@nx-assets/workspace/run-config';
import { describe, expect, test } from 'vitest';
import { RUN_ID } from './run-id.ts';
import { withStepEnvironment } from './step-environment.ts';
import { key, NOON, Scene, temporaryRoot } from './test-support.ts';

const spillOf = (root: string, runId: string) => absolute(root, `${STATE}/scratch/${runId}/spill`);

describe('what steps need', () => {
  test('belongs to the run that the environment names, of a part to the whole', async () => {
    for (const [given, runId] of [
      ['r1', 'r1'],
      ['r1.2', 'r1'],
    ] as const) {
      const { context } = new Scene(temporaryRoot(), { [RUN_ID]: given });
      expect(await withStepEnvironment(context, (environment) => Promise.resolve(environment.runId))).toBe(
        runId,
      );
    }
  });

  test('belongs to a new run where it names none', async () => {
    const { context } = new Scene(temporaryRoot());
    const runId = await withStepEnvironment(context, (environment) => Promise.resolve(environment.runId));
    expect(runId).toBe(`20260301T120000000-${process.pid}`);
  });

  test('has the clock, the environment and the config of the context', async () => {
    const config = { 'g/a': { limit: 3 } };
    const scene = new Scene(temporaryRoot(), { TOKEN: 't', [RUN_CONFIG]: JSON.stringify(config) });
    await withStepEnvironment(scene.context, (environment) => {
      expect(environment.root).toBe(scene.context.root);
      expect(environment.env.TOKEN).toBe('t');
      expect(environment.runConfig).toEqual(config);
      expect(environment.signal.aborted).toBe(false);
      scene.time = NOON + 5;
      expect(environment.now().getTime()).toBe(NOON + 5);
      return Promise.resolve();
    });
  });

  test('has a DuckDB with so much memory as the environment allows', async () => {
    const limitOf = (env: NodeJS.ProcessEnv) =>
      withStepEnvironment(new Scene(temporaryRoot(), env).context, async ({ duckdb }) => {
        const sql = "select current_setting('memory_limit') as memory";
        const connection = await duckdb.connect();
        const { memory } = await connection.row(sql);
        connection.close();
        return memory;
      });
    expect(await limitOf({})).toBe('488.2 MiB');
    expect(await limitOf({ NX_ASSETS_MEMORY_LIMIT: '256MiB' })).toBe('256.0 MiB');
  });

  test('knows what checks saw in runs before', async () => {
    const root = temporaryRoot();
    const history = await openHistory(root);
    const check = {
      key: key('g/a'),
      partition: null,
      type: 'checked',
      check: 'rows',
      severity: 'error',
    } as const;
    const seen = (rows: number) => ({ seen: { rows }, rows: [] });
    await history.append([
      { ...check, runId: 'old', at: 1, passed: true, facts: seen(1) },
      { ...check, runId: 'bad', at: 2, passed: false, facts: seen(2) },
      { ...check, runId: 'new', at: 3, passed: true, facts: seen(3) },
    ]);
    await history.close();
    const facts = await withStepEnvironment(
      new Scene(root).context,
      ({ passedBefore }) => passedBefore?.(key('g/a'), 'rows', 9) ?? Promise.resolve([]),
    );
    expect(facts).toEqual([{ rows: 3 }, { rows: 1 }]);
  });
});

describe('when steps have ended', () => {
  const spilling = (root: string) => {
    const spill = spillOf(root, 'r1');
    mkdirSync(join(spill, 'deep'), { recursive: true });
    writeFileSync(join(spill, 'deep/file'), 'x');
  };

  test('what they gave is given on, and what DuckDB spilled is gone', async () => {
    const { context } = new Scene(temporaryRoot(), { [RUN_ID]: 'r1.1' });
    const given = await withStepEnvironment(context, () => {
      spilling(context.root);
      return Promise.resolve('given');
    });
    expect(given).toBe('given');
    expect(existsSync(spillOf(context.root, 'r1'))).toBe(false);
  });

  test('by a bug, the same is gone, and the bug is not', async () => {
    const { context } = new Scene(temporaryRoot(), { [RUN_ID]: 'r1' });
    const run = withStepEnvironment(context, () => {
      spilling(context.root);
      throw new Error('a bug');
    });
    await expect(run).rejects.toThrow('a bug');
    expect(existsSync(spillOf(context.root, 'r1'))).toBe(false);
  });

  test('nobody listens to signals any more, and what they recorded is in the history', async () => {
    const counts = () => ['SIGINT', 'SIGTERM', 'disconnect'].map((name) => process.listenerCount(name));
    const before = counts();
    const { context } = new Scene(temporaryRoot(), { [RUN_ID]: 'r1' });
    await withStepEnvironment(context, (_, history) => {
      expect(counts()).toEqual(before.map((count) => count + 1));
      history.record({ type: 'log', key: key('g/a'), partition: null, level: 'info', message: 'hello' });
      return Promise.resolve();
    });
    expect(counts()).toEqual(before);
    const reader = await openHistory(context.root);
    expect((await reader.logs('r1', { limit: 9 })).map(({ message }) => message)).toEqual(['hello']);
    await reader.close();
  });
});

/** A process that has steps; `stubborn` ones do not end when they are told to. */
function stepsIn(root: string, isStubborn: boolean) {
  const url = (file: string) => pathToFileURL(join(import.meta.dirname, file)).href;
  writeFileSync(
    join(root, 'main.mts'),
    `import { writeFileSync, mkdirSync } from 'node:fs';
     import { withStepEnvironment } from '${url('step-environment.ts')}';
     const context = {
       root: process.cwd(), cwd: process.cwd(), argv: [], env: { ${RUN_ID}: 'r1' }, now: () => new Date(),
       stdout: process.stdout, stderr: process.stderr,
       exit: (code) => { writeFileSync('exit', String(code)); process.exit(code); },
     };
     const alive = setInterval(() => {}, 1000);
     const told = await withStepEnvironment(context, ({ signal }, history) => {
       mkdirSync('${spillOf(root, 'r1')}', { recursive: true });
       history.record({ type: 'log', key: 'g/a', partition: null, level: 'info', message: 'begins' });
       writeFileSync('begun', '');
       return new Promise((resolve) =>
         signal.addEventListener('abort', () => {
           writeFileSync('aborted', '');
           ${isStubborn ? '' : "resolve('told');"}
         }));
     });
     writeFileSync('told', told);
     clearInterval(alive);
     if (process.connected) process.disconnect();`,
  );
  const child = spawn(process.execPath, ['main.mts'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
  const has = (name: string) => existsSync(join(root, name));
  return { child, ended, has };
}

describe('the process of steps', () => {
  test.each(['SIGINT', 'SIGTERM', 'disconnect'] as const)(
    'tells them of %s, waits for their end and clears up',
    async (how) => {
      const root = temporaryRoot();
      const { child, ended, has } = stepsIn(root, false);
      await expect.poll(() => has('begun')).toBe(true);
      if (how === 'disconnect') child.disconnect();
      else child.kill(how);
      expect(await ended).toBe(0);
      expect(readFileSync(join(root, 'told'), 'utf8')).toBe('told');
      expect(has('exit')).toBe(false);
      expect(existsSync(spillOf(root, 'r1'))).toBe(false);
    },
  );

  test('leaves those that do not end three seconds after nobody hears of them, and keeps the history', async () => {
    const root = temporaryRoot();
    const { child, ended, has } = stepsIn(root, true);
    await expect.poll(() => has('begun')).toBe(true);
    const begin = Date.now();
    child.disconnect();
    expect(await ended).toBe(1);
    expect(Date.now() - begin).toBeGreaterThan(2_900);
    expect(has('aborted')).toBe(true);
    expect(has('told')).toBe(false);
    expect(readFileSync(join(root, 'exit'), 'utf8')).toBe('1');
    const reader = await openHistory(root);
    expect((await reader.logs('r1', { limit: 9 })).map(({ message }) => message)).toEqual(['begins']);
    await reader.close();
  });
});
