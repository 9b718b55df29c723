import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { runWorker, type WorkerRun } from './worker.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'worker-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A package whose only export is a worker. */
function worker(name: string, source: string): void {
  const folder = join(root, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name, type: 'module', exports: './worker.js' }),
  );
  writeFileSync(join(folder, 'worker.js'), source);
}

worker(
  'answers',
  `process.once('message', (order) => {
    process.send({ cwd: process.cwd(), order, given: process.env.GIVEN ?? null });
    process.send('second', undefined, {}, () => process.exit(order.code));
  });`,
);
worker('dies', `console.error('x'.repeat(5000)); console.error('  last line  '); process.exit(7);`);
worker('kills-itself', `process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 10_000);`);
worker('hangs', `process.once('message', () => process.send('ready')); setInterval(() => {}, 1000);`);
worker(
  'refuses',
  `process.on('SIGTERM', () => process.send('told'));
  process.once('message', () => process.send('ready'));
  setInterval(() => {}, 1000);`,
);
worker(
  'works',
  `process.once('message', async () => {
    for (let step = 0; step < 4; step++) {
      await new Promise((resolve) => setTimeout(resolve, 700));
      process.send(step);
    }
    process.exit(0);
  });`,
);

async function run(name: string, given: Partial<WorkerRun<unknown>> = {}) {
  const heard: unknown[] = [];
  const end = await runWorker<unknown>({
    from: pathToFileURL(join(root, 'index.js')).href,
    name,
    cwd: root,
    order: {},
    onMessage: (message) => void heard.push(message),
    ...given,
  });
  return { ...end, heard };
}

describe('a worker', () => {
  test('gets its order, its folder and its environment, and everything that it says is heard', async () => {
    const { heard, ...end } = await run('answers', { order: { code: 0, a: [1] }, env: { GIVEN: 'yes' } });
    expect(heard).toEqual([{ cwd: root, order: { code: 0, a: [1] }, given: 'yes' }, 'second']);
    expect(end).toEqual({ how: 'exit 0', isTimeout: false, lastWords: '' });
  });

  test('that fails says how', async () => {
    expect(await run('answers', { order: { code: 3 } })).toMatchObject({ how: 'exit 3', isTimeout: false });
  });

  test('that dies before it has its order is reported with the end of what it wrote', async () => {
    const { how, lastWords, heard } = await run('dies');
    expect([how, heard]).toEqual(['exit 7', []]);
    expect(lastWords).toMatch(/x\n {2}last line$/);
    expect(lastWords.length).toBeLessThanOrEqual(4000);
  });

  test('that is killed is reported by the signal', async () => {
    expect(await run('kills-itself')).toMatchObject({ how: 'SIGKILL', isTimeout: false });
  });

  test('that no package exports does not start', async () => {
    await expect(run('nobody')).rejects.toMatchObject({ code: 'MODULE_NOT_FOUND' });
  });
});

describe('a limit of time', () => {
  test('kills what hangs', async () => {
    expect(await run('hangs', { timeout: 1500 })).toMatchObject({ how: 'SIGKILL', isTimeout: true });
  });

  test('begins anew where an answer to a message says so', async () => {
    const steps: unknown[] = [];
    const onMessage = (message: unknown) => {
      steps.push(message);
      return 5000;
    };
    // Together its steps take longer than the first limit.
    expect(await run('works', { timeout: 2500, onMessage })).toMatchObject({ how: 'exit 0' });
    expect(steps).toEqual([0, 1, 2, 3]);
  });

  test('that an answer shortens holds from then on', async () => {
    const end = await run('hangs', { timeout: 60_000, onMessage: () => 50 });
    expect(end).toMatchObject({ how: 'SIGKILL', isTimeout: true });
  });
});

describe('a signal', () => {
  test('tells a worker to stop', async () => {
    const controller = new AbortController();
    const end = await run('hangs', { signal: controller.signal, onMessage: () => controller.abort() });
    expect(end).toMatchObject({ how: 'SIGTERM', isTimeout: false });
  });

  test('kills one that does not', async () => {
    const controller = new AbortController();
    const heard: unknown[] = [];
    const end = await run('refuses', {
      signal: controller.signal,
      grace: 300,
      onMessage: (message) => {
        heard.push(message);
        controller.abort();
      },
    });
    expect(end).toMatchObject({ how: 'SIGKILL', isTimeout: false });
    expect(heard).toEqual(['ready', 'told']);
  });

  test('that came before stops it at once', async () => {
    expect(await run('hangs', { signal: AbortSignal.abort() })).toMatchObject({ how: 'SIGTERM' });
  });
});
