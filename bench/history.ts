// `npx node bench/history.ts [events]`: how large history becomes, and how long it takes to write and to read. It
// writes a million events: runs of 17 steps, of which a third materialize something, and the lines that they log.
import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetKey } from '@nx-assets/core';
import type { History, LogEvent } from '@nx-assets/event-log';
import { openSqliteHistory } from '@nx-assets/event-log/sqlite';

const wanted = Number(process.argv[2] ?? 1_000_000);
const STEPS = 17;
/** Together with the rest of a run these are 200 events. */
const LINES = 8;
const keys = Array.from({ length: STEPS }, (_, n) => `group_${n % 4}/asset_number_${n}` as AssetKey);
const say = (text: string) => process.stdout.write(`${text}\n`);
const hash = (text: string) => text.repeat(64).slice(0, 64);

function eventsOfRun(run: number): LogEvent[] {
  const [runId, at] = [
    `0199a0c4-5b1e-7c3a-9f00-${String(run).padStart(12, '0')}`,
    1_750_000_000_000 + run * 600_000,
  ];
  const steps = keys.flatMap((key, n): LogEvent[] => {
    const time = at + n * 1000;
    const step = { runId, key, partition: null };
    const isNew = (run + n) % 3 === 0;
    const result = { rowCount: 1000 + n, bytes: 123_456, dataVersion: hash(`${run % 7}${n}`) };
    const reasons = [
      isNew ? { kind: 'code-changed', files: [`packages/x/src/${n}.ts`] } : { kind: 'unchanged' },
    ];
    const versions = { actionKey: hash(`a${run}`), codeVersion: hash('c') };
    const record = { ...result, ...versions, inputs: keys.slice(0, 4), files: { 'src/index.ts': hash('f') } };
    const lines = Array.from({ length: LINES + (n < 9 ? 1 : 0) }, (_, line): LogEvent => {
      const message = `read ${line * 1000} rows of ${key} from packages/sources/data/part-${line}.json`;
      return { ...step, type: 'log', at: time + line, level: 'info', message };
    });
    return [
      { ...step, type: 'step-started', at: time, attempt: 1, reasons },
      ...lines,
      ...(isNew
        ? [{ ...step, ...result, ...versions, type: 'materialized', at: time + 800, record } as const]
        : []),
      ...(isNew
        ? [
            {
              ...step,
              type: 'checked',
              at: time + 850,
              check: 'rows',
              severity: 'error',
              passed: true,
              facts: {},
            } as const,
          ]
        : []),
      {
        ...{ ...step, ...result, type: 'step-finished', at: time + 900, startedAt: time, reasons },
        ...{ status: isNew ? 'materialized' : 'up-to-date', changed: isNew, error: null },
      },
    ];
  });
  const start = {
    command: ['nx', 'run-many', '-t', 'materialize'],
    requested: keys,
    pid: process.pid,
    host: hostname(),
  };
  return [
    { type: 'run-started', runId, at, ...start },
    ...steps,
    { type: 'run-finished', runId, at: at + 20_000, status: run % 20 === 0 ? 'failed' : 'succeeded' },
  ];
}

/** Makes the system forget what it has read of the file, so that the next read is from the disk. */
function forget(path: string): void {
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
  spawnSync('dd', [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' });
}

async function time(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const folder = mkdtempSync(join(tmpdir(), 'history-'));
const path = join(folder, 'history.db');
try {
  const first = await openSqliteHistory(path);
  let [events, runs, writing] = [0, 0, 0];
  for (; events < wanted; runs++) {
    const all = eventsOfRun(runs);
    // As a run does it: some events at a time.
    writing += await time(async () => {
      for (let i = 0; i < all.length; i += 20) await first.append(all.slice(i, i + 20));
    });
    events += all.length;
  }
  const single = { type: 'log', at: 1, runId: 'single', key: keys[0] as AssetKey, partition: null } as const;
  const one = await time(async () => {
    for (let i = 0; i < 2000; i++) await first.append([{ ...single, level: 'info', message: `line ${i}` }]);
  });
  await first.close();
  const size = statSync(path).size;
  say(
    `${events} events of ${runs} runs: ${(size / 1024 ** 2).toFixed(0)} MiB, ${Math.round(size / events)} bytes each`,
  );
  say(
    `append, 20 at a time: ${Math.round((events / writing) * 1000)} events/s; one at a time: ${Math.round(2_000_000 / one)}/s`,
  );

  const middle = eventsOfRun(runs >> 1)[0]?.runId ?? '';
  const key = keys[3] as AssetKey;
  const reads: Record<string, (log: History) => Promise<unknown>> = {
    'runs, 50 newest': (log) => log.runs({ limit: 50 }),
    'runs, 50 failed': (log) => log.runs({ limit: 50, status: 'failed' }),
    'runs, 50 from the middle': (log) =>
      log.runs({ limit: 50, before: { startedAt: 1_750_000_000_000 + (runs >> 1) * 600_000, runId: '' } }),
    run: (log) => log.run(middle),
    steps: (log) => log.steps(middle),
    'logs of a run, 500': (log) => log.logs(middle, { limit: 500 }),
    'logs of a step': (log) => log.logs(middle, { limit: 500, key }),
    'events of a run, 500': (log) => log.events({ runId: middle, limit: 500 }),
    'events after the last': (log) => log.events({ after: events - 10, limit: 500 }),
    'materializations, 100': (log) => log.materializations(key, { limit: 100 }),
    'last materialization of 17': (log) => log.lastMaterializations(keys),
    'checks, 100': (log) => log.checks(key, { limit: 100 }),
    'durations of 17': (log) => log.durations(keys),
    'last steps of 17': (log) => log.lastSteps(keys),
  };
  // A process that only writes never loads the query builder; this one has it since it made the file.
  const script = `const start = performance.now(); const { openSqliteHistory } = await import('@nx-assets/event-log/sqlite');
    const loaded = performance.now(); const log = await openSqliteHistory(process.argv[1]);
    const opened = performance.now(); await log.run(''); const read = performance.now();
    console.log([loaded - start, opened - loaded, read - opened].map(Math.round).join(', '));`;
  const cwd = import.meta.dirname;
  const fresh = spawnSync(process.execPath, ['--input-type=module', '-e', script, path], {
    cwd,
    encoding: 'utf8',
  });
  say(
    `a new process loads the package, opens, and reads with the query builder in: ${fresh.stdout.trim()} ms`,
  );
  for (const [name, read] of Object.entries(reads)) {
    forget(path);
    const started = performance.now();
    const log = await openSqliteHistory(path);
    const opened = performance.now() - started;
    const cold = await time(() => read(log));
    const warm = [];
    for (let i = 0; i < 9; i++) warm.push(await time(() => read(log)));
    const median = warm.sort((a, b) => a - b)[4] ?? 0;
    await log.close();
    say(
      `${name.padEnd(28)} open ${opened.toFixed(1)} ms, cold ${cold.toFixed(1)} ms, warm ${median.toFixed(2)} ms`,
    );
  }
  const log = await openSqliteHistory(path);
  const dry = await time(() => log.prune({ keepRuns: runs >> 1, dryRun: true }));
  let pruned: unknown;
  const took = await time(async () => (pruned = await log.prune({ keepRuns: runs >> 1 })));
  say(`prune half: dry ${dry.toFixed(0)} ms, really ${took.toFixed(0)} ms: ${JSON.stringify(pruned)}`);
  await log.close();
} finally {
  rmSync(folder, { recursive: true });
}
