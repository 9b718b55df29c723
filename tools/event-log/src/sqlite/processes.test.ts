import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { A, logged, runStarted, stepStarted } from '../contracts/sample-events.ts';
import { child, freshPath, open } from './test-support.ts';

describe('many processes', { timeout: 60_000 }, () => {
  test('open a fresh path at the same moment', async () => {
    for (let round = 0; round < 3; round++) {
      const path = JSON.stringify(freshPath());
      const children = Array.from({ length: 8 }, (_, n) =>
        child(`
          console.log('ready');
          await go;
          const log = await openHistory(${path});
          await log.append([${JSON.stringify(logged({ runId: `r${n}` }))}]);
          if (log.setAside) throw new Error(log.setAside.problem);
          await log.close();
        `),
      );
      await Promise.all(children.map(({ ready }) => ready));
      for (const { go } of children) go();
      await Promise.all(children.map(({ done }) => done));
      const log = await open(JSON.parse(path) as string);
      expect(await log.runs({ limit: 100 })).toHaveLength(8);
    }
  });

  test('open a corrupt file at the same moment: it is set aside once', async () => {
    const path = freshPath();
    await (await open(path)).close();
    writeFileSync(path, 'x'.repeat(5000));
    const children = Array.from({ length: 6 }, (_, n) =>
      child(`
        console.log('ready');
        await go;
        const log = await openHistory(${JSON.stringify(path)});
        await log.append([${JSON.stringify(logged({ runId: `r${n}` }))}]);
        console.log(log.setAside ? 'aside' : '');
      `),
    );
    await Promise.all(children.map(({ ready }) => ready));
    for (const { go } of children) go();
    const printed = await Promise.all(children.map(({ done }) => done));
    expect(printed.filter((text) => text.includes('aside'))).toHaveLength(1);
    expect(readdirSync(dirname(path)).filter((name) => name.includes('corrupt'))).toHaveLength(1);
    expect(await (await open(path)).runs({ limit: 100 })).toHaveLength(6);
  });

  test('append at the same time and lose nothing, and a follower misses nothing', async () => {
    const log = await open();
    const children = [0, 1, 2, 3].map((n) =>
      child(`
        const log = await openHistory(${JSON.stringify(log.path)});
        console.log('ready');
        await go;
        const line = ${JSON.stringify(logged())};
        for (let i = 0; i < 2000; i++) await log.append([{ ...line, message: '${n} ' + i }]);
      `),
    );
    await Promise.all(children.map(({ ready }) => ready));
    let running = true;
    const all = Promise.all(children.map(({ done }) => done)).finally(() => (running = false));
    for (const { go } of children) go();
    const seen: string[] = [];
    for (let after = 0; ;) {
      const wasRunning = running;
      const page = await log.events({ after, limit: 500 });
      seen.push(...page.map(({ event }) => (event.type === 'log' ? event.message : '')));
      after = page.at(-1)?.id ?? after;
      if (page.length === 0 && !wasRunning) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await all;
    for (const n of [0, 1, 2, 3]) {
      const mine = seen.filter((message) => message.startsWith(`${n} `));
      expect(mine).toEqual(Array.from({ length: 2000 }, (_, i) => `${n} ${i}`));
    }
    expect(await log.steps('r1')).toMatchObject([{ logLines: 8000 }]);
  });

  test('killed while they write leave whole transactions', async () => {
    const log = await open();
    for (const wait of [0, 3, 11, 29]) {
      const writer = child(`
        const log = await openHistory(${JSON.stringify(log.path)});
        const line = ${JSON.stringify(logged())};
        for (let i = 0; ; i++) {
          await log.append(Array.from({ length: 50 }, () => ({ ...line, runId: 'run ${wait} ' + i })));
          if (i === 0) console.log('ready');
        }
      `);
      await writer.ready;
      await new Promise((resolve) => setTimeout(resolve, wait));
      writer.kill();
      await writer.done.catch(() => undefined);
      await log.append([logged({ runId: `after ${wait}` })]);
    }
    const again = await open(log.path);
    expect(again.setAside).toBe(null);
    const database = new DatabaseSync(log.path);
    const broken = `select run from events group by run having count(*) not in (1, 50)`;
    expect(database.prepare(broken).all()).toEqual([]);
    expect(database.prepare('select count(*) as runs from runs').get()?.['runs']).toBeGreaterThanOrEqual(8);
    expect(database.prepare('PRAGMA integrity_check').get()?.['integrity_check']).toBe('ok');
    database.close();
  });

  test('opening twice in one process does not wait for itself', async () => {
    const path = freshPath();
    const logs = await Promise.all([open(path), open(path), open(freshPath())]);
    for (const log of logs) await log.append([logged()]);
    expect(await logs[0].events({ limit: 10 })).toHaveLength(2);
  });
});

describe('a run without an end', () => {
  test('goes on while its process does, and is lost when that is gone', async () => {
    const log = await open();
    const worker = child(`
      const log = await openHistory(${JSON.stringify(log.path)});
      const start = ${JSON.stringify(runStarted())};
      await log.append([{ ...start, pid: process.pid }, ${JSON.stringify(stepStarted())}]);
      console.log('ready');
      await go;
    `);
    await worker.ready;
    expect(await log.run('r1')).toMatchObject({ status: 'running', pid: worker.pid, steps: { running: 1 } });
    expect(await log.runs({ limit: 9, status: 'lost' })).toEqual([]);
    worker.kill();
    await worker.done.catch(() => undefined);
    expect(await log.run('r1')).toMatchObject({ status: 'lost', steps: { lost: 1 } });
    expect(await log.steps('r1')).toMatchObject([{ key: A, status: 'lost' }]);
    expect(await log.runs({ limit: 9, status: 'lost' })).toHaveLength(1);
    expect(await log.runs({ limit: 9, status: 'running' })).toEqual([]);
  });

  test('is found behind pages of others', async () => {
    const log = await open();
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await log.append([runStarted({ runId: 'alive', at: 10 }), runStarted({ runId: 'alive too', at: 5 })]);
    for (let n = 0; n < 10; n++) await log.append([runStarted({ runId: `lost ${n}`, at: 100 + n, pid })]);
    const running = await log.runs({ limit: 2, status: 'running' });
    expect(running.map(({ runId }) => runId)).toEqual(['alive', 'alive too']);
  });

  test('is lost when its pid belongs to a later process', async () => {
    const log = await open();
    await log.append([runStarted({ pid: process.pid })]);
    expect((await log.run('r1'))?.status).toBe('running');
    const database = new DatabaseSync(log.path);
    const start = String(database.prepare('select process_start from runs').get()?.['process_start']);
    if (process.platform === 'linux') expect(start).toMatch(/^[0-9a-f-]{36}\/\d+$/);
    database.exec(`update runs set process_start = 'another boot/1'`);
    database.close();
    expect((await log.run('r1'))?.status).toBe(process.platform === 'linux' ? 'lost' : 'running');
  });

  test('of another machine is never called lost', async () => {
    const log = await open();
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    await log.append([runStarted({ pid, host: `not-${hostname()}` })]);
    expect((await log.run('r1'))?.status).toBe('running');
  });

  test('of a process that belongs to somebody else goes on', async () => {
    const log = await open();
    await log.append([runStarted({ pid: 1 })]);
    expect((await log.run('r1'))?.status).toBe('running');
  });
});

test('no warning is printed', async () => {
  // `child` fails for any word on stderr.
  const printed = await child(`
    const log = await openHistory(${JSON.stringify(freshPath())});
    process.stdout.write(String((await log.runs({ limit: 1 })).length));
  `).done;
  expect(printed).toBe('0');
});
