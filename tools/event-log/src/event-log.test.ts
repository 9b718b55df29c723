import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { LogEvent } from './events.ts';
import {
  A,
  B,
  freshPath,
  key,
  logged,
  materialized,
  open,
  runFinished,
  runStarted,
  stepFinished,
  stepStarted,
} from './test-support.ts';

const checked = (fields: Partial<Extract<LogEvent, { type: 'checked' }>> = {}): LogEvent => ({
  ...{ type: 'checked', at: 1180, runId: 'r1', key: A, partition: null, check: 'not_empty' },
  ...{ severity: 'error', passed: true, facts: { rows: 3 } },
  ...fields,
});
const observed: LogEvent = {
  ...{ type: 'observed', at: 1105, runId: 'r1', key: A, partition: null },
  ...{ observedAt: '2026-01-01T00:00:00.000Z', dataVersion: null },
};
const retried: LogEvent = {
  ...{ type: 'step-retried', at: 1120, runId: 'r1', key: A, partition: null, attempt: 1 },
  ...{ error: { code: 'HTTP_FAILED' }, waitMs: 50 },
};

const everything: LogEvent[] = [
  runStarted(),
  stepStarted(),
  observed,
  logged({ message: 'ü \u0000 "quoted" 🚀 \n' }),
  retried,
  stepStarted({ at: 1170, attempt: 2 }),
  materialized(),
  checked(),
  checked({ check: 'unique', severity: 'warn', passed: false, facts: [] }),
  stepFinished(),
  stepFinished({
    key: B,
    partition: '2026-01',
    status: 'failed',
    error: { code: 'SQL_FAILED' },
    changed: null,
  }),
  runFinished({ status: 'failed' }),
];

describe('events', () => {
  test('come back as they were, in order, also in pieces', async () => {
    const log = await open();
    log.append(everything);
    const all = await log.events({ limit: 100 });
    expect(all.map(({ event }) => event)).toEqual(everything);
    const seen: LogEvent[] = [];
    for (let after = 0; ;) {
      const page = await log.events({ after, limit: 5 });
      seen.push(...page.map(({ event }) => event));
      after = page.at(-1)?.id ?? after;
      if (page.length === 0) break;
    }
    expect(seen).toEqual(everything);
  });

  test('of one run', async () => {
    const log = await open();
    log.append([runStarted(), runStarted({ runId: 'r2' }), stepStarted(), stepStarted({ runId: 'r2' })]);
    const events = await log.events({ runId: 'r2', after: 2, limit: 10 });
    expect(events).toEqual([{ id: 4, event: stepStarted({ runId: 'r2' }) }]);
    expect(await log.events({ runId: 'r3', limit: 10 })).toEqual([]);
  });

  test('are all written or none', async () => {
    const log = await open();
    const broken = logged({ message: 1n as unknown as string });
    expect(() => log.append([runStarted(), logged(), broken])).toThrow();
    expect(await log.events({ limit: 10 })).toEqual([]);
    expect(await log.runs({ limit: 10 })).toEqual([]);
    log.append([]);
    log.append([runStarted()]);
    expect(await log.events({ limit: 10 })).toHaveLength(1);
  });

  test('hold nothing of the environment', async () => {
    const path = freshPath();
    process.env['EVENT_LOG_TEST'] = 'a-secret-value';
    const log = await open(path);
    log.append(everything);
    log.close();
    delete process.env['EVENT_LOG_TEST'];
    expect(readFileSync(path).includes('a-secret-value')).toBe(false);
  });
});

describe('runs', () => {
  test('newest first, by pages, with their steps counted', async () => {
    const log = await open();
    const ids = ['r1', 'r2', 'r3', 'r4', 'r5'];
    // Two began in the same millisecond.
    for (const [i, runId] of ids.entries()) log.append([runStarted({ runId, at: 1000 + (i >> 1) })]);
    log.append(everything);
    const pages: string[][] = [];
    for (let page = await log.runs({ limit: 2 }); page.length > 0;) {
      pages.push(page.map(({ runId }) => runId));
      const before = page.at(-1);
      page = await log.runs({ limit: 2, ...(before && { before }) });
    }
    expect(pages).toEqual([['r5', 'r4'], ['r3', 'r2'], ['r1']]);
    expect(await log.run('r1')).toEqual({
      ...{ runId: 'r1', status: 'failed', startedAt: 1000, finishedAt: 2000 },
      ...{
        command: ['nx', 'run-many'],
        requested: [A, B],
        pid: process.pid,
        host: expect.any(String) as string,
      },
      steps: { materialized: 1, failed: 1 },
    });
    expect(await log.run('r9')).toBe(null);
  });

  test('by status', async () => {
    const log = await open();
    for (const status of ['succeeded', 'failed', 'cancelled'] as const) {
      log.append([runStarted({ runId: status }), runFinished({ runId: status, status })]);
    }
    log.append([runStarted({ runId: 'running' })]);
    for (const status of ['succeeded', 'failed', 'cancelled', 'running'] as const) {
      const runs = await log.runs({ limit: 10, status });
      expect(runs.map(({ runId }) => runId)).toEqual([status]);
    }
    expect(await log.runs({ limit: 10, status: 'lost' })).toEqual([]);
  });

  test('that nobody has started belong to the process that writes, until somebody does', async () => {
    const log = await open();
    log.append([logged({ at: 500 })]);
    expect(await log.run('r1')).toMatchObject({ status: 'running', pid: process.pid, requested: [] });
    log.append([runStarted({ at: 400 })]);
    expect(await log.run('r1')).toMatchObject({ startedAt: 400, requested: [A, B] });
  });
});

describe('steps', () => {
  test('have one row for each key and partition', async () => {
    const log = await open();
    log.append([
      stepStarted(),
      stepStarted({ partition: 'x', at: 1101 }),
      stepStarted({ partition: 'y', at: 1102 }),
      stepFinished({ partition: 'x', status: 'cached', changed: false, dataVersion: null }),
      stepFinished({ status: 'failed', changed: null, error: { code: 'X' }, rowCount: null, bytes: null }),
    ]);
    const steps = await log.steps('r1');
    expect(steps.map(({ partition, status, changed }) => [partition, status, changed])).toEqual([
      [null, 'failed', null],
      ['x', 'cached', false],
      ['y', 'running', null],
    ]);
    expect(steps[0]).toEqual({
      ...{ runId: 'r1', key: A, partition: null, status: 'failed', attempt: 1, startedAt: 1100 },
      ...{ finishedAt: 1200, reasons: [{ kind: 'missing' }], changed: null, rowCount: null, bytes: null },
      ...{ dataVersion: 'data', error: { code: 'X' }, logLines: 0, droppedLines: 0 },
    });
    expect(await log.steps('r9')).toEqual([]);
  });

  test('that are tried again keep their beginning', async () => {
    const log = await open();
    log.append([stepStarted(), retried]);
    expect(await log.steps('r1')).toMatchObject([{ attempt: 2, startedAt: 1100, status: 'running' }]);
    log.append([stepStarted({ attempt: 2, at: 1170 })]);
    expect(await log.steps('r1')).toMatchObject([{ attempt: 2, startedAt: 1100, status: 'running' }]);
  });

  test('without an end are lost when their run has one', async () => {
    const log = await open();
    log.append([runStarted(), stepStarted(), runFinished()]);
    expect(await log.steps('r1')).toMatchObject([{ status: 'lost' }]);
    expect((await log.run('r1'))?.steps).toEqual({ lost: 1 });
  });

  test('the newest of each key', async () => {
    const log = await open();
    log.append([
      stepFinished({ at: 5000, runId: 'r2' }),
      stepFinished({ at: 4000, status: 'reused' }),
      stepStarted({ at: 6000, runId: 'r3' }),
      stepFinished({ key: B, status: 'failed' }),
    ]);
    const last = await log.lastSteps([A, B, key('group/none')]);
    expect([...last].map(([name, { runId, status }]) => [name, runId, status]).sort()).toEqual([
      [A, 'r2', 'materialized'],
      [B, 'r1', 'failed'],
    ]);
  });

  test('durations are the median of the last five that materialized', async () => {
    const log = await open();
    for (const [i, took] of [9000, 10, 20, 30, 40, 50].entries()) {
      log.append([stepFinished({ runId: `r${i}`, startedAt: 10_000 * i, at: 10_000 * i + took })]);
    }
    log.append([
      stepFinished({ runId: 'later', startedAt: 100_000, at: 100_001, status: 'reused' }),
      stepFinished({ key: B, startedAt: 10, at: 20 }),
      stepFinished({ key: B, partition: 'x', startedAt: 10, at: 30 }),
    ]);
    expect(await log.durations([A, B, key('group/none')])).toEqual(
      new Map([
        [A, 30],
        [B, 15],
      ]),
    );
    expect(await log.durations([])).toEqual(new Map());
  });
});

describe('logs', () => {
  test('in order, by key, by pages', async () => {
    const log = await open();
    const lines = [1, 2, 3, 4, 5, 6].map((n) => logged({ key: n % 2 ? A : B, message: `${n}` }));
    log.append([...lines.slice(0, 3), logged({ runId: 'r2' }), ...lines.slice(3)]);
    const texts = async (options: Parameters<typeof log.logs>[1]) =>
      (await log.logs('r1', options)).map(({ message }) => message).join('');
    expect(await texts({ limit: 10 })).toBe('123456');
    expect(await texts({ limit: 2, key: A })).toBe('13');
    expect(await texts({ limit: 9, key: B, after: 2 })).toBe('46');
    expect((await log.steps('r1')).map(({ logLines }) => logLines)).toEqual([3, 3]);
  });

  test('a line is cut at 8 kB, between characters', async () => {
    const log = await open();
    log.append([logged({ message: 'x'.repeat(8192) }), logged({ message: `y${'🚀'.repeat(4000)}` })]);
    const [whole, cut] = await log.logs('r1', { limit: 2 });
    expect(whole?.message).toBe('x'.repeat(8192));
    expect(cut?.message).toMatch(/^y(🚀)+ … \(cut\)$/u);
    expect(Buffer.byteLength(cut?.message ?? '')).toBeGreaterThan(8185);
    expect(Buffer.byteLength(cut?.message ?? '')).toBeLessThanOrEqual(8192);
  });

  test('a step keeps 50,000 lines, and says how many more there were', async () => {
    const log = await open();
    const many = (count: number) => Array.from({ length: count }, (_, n) => logged({ message: `${n}` }));
    log.append(many(49_990));
    log.append(many(20));
    log.append([...many(5), logged({ key: B }), stepFinished(), stepFinished({ key: B })]);
    const lines = await log.logs('r1', { limit: 100_000, key: A });
    expect(lines).toHaveLength(50_001);
    expect(lines.at(-2)?.message).toBe('9');
    expect(lines.at(-1)).toMatchObject({
      level: 'warn',
      message: '15 more lines are not kept: a step keeps 50000.',
    });
    expect(await log.steps('r1')).toMatchObject([
      { logLines: 50_000, droppedLines: 15 },
      { logLines: 1, droppedLines: 0 },
    ]);
  });
});

describe('materializations and checks', () => {
  test('newest first, of all partitions or of one', async () => {
    const log = await open();
    log.append([
      materialized({ dataVersion: '1' }),
      materialized({ dataVersion: '2', partition: 'x' }),
      materialized({ dataVersion: '3', runId: 'r2' }),
      materialized({ dataVersion: '4', key: B }),
    ]);
    const versions = async (options: Parameters<typeof log.materializations>[1]) =>
      (await log.materializations(A, options)).map(({ dataVersion }) => dataVersion);
    expect(await versions({ limit: 10 })).toEqual(['3', '2', '1']);
    expect(await versions({ limit: 2 })).toEqual(['3', '2']);
    expect(await versions({ limit: 10, partition: null })).toEqual(['3', '1']);
    expect(await versions({ limit: 10, partition: 'x' })).toEqual(['2']);
  });

  test('one, by its id', async () => {
    const log = await open();
    log.append([materialized({ dataVersion: '1' }), materialized({ dataVersion: '2', partition: 'x' })]);
    expect(await log.materialization(2)).toMatchObject({ id: 2, dataVersion: '2', partition: 'x' });
    expect(await log.materialization(9)).toBeNull();
  });

  test('the newest of each key, as it was written', async () => {
    const log = await open();
    log.append([materialized({ dataVersion: 'old' }), materialized({ runId: 'r2', rowCount: null })]);
    const found = (await log.lastMaterializations([A, B])).get(A);
    expect({ type: 'materialized', ...found }).toEqual({
      id: 2,
      ...materialized({ runId: 'r2', rowCount: null }),
    });
    expect(await log.lastMaterializations([B])).toEqual(new Map());
  });

  test('checks', async () => {
    const log = await open();
    log.append(everything);
    expect(await log.checks(A, { limit: 1 })).toMatchObject([
      { check: 'unique', severity: 'warn', passed: false, facts: [] },
    ]);
    expect(await log.checks(A, { limit: 9 })).toMatchObject([{}, { passed: true, facts: { rows: 3 } }]);
    expect(await log.checks(B, { limit: 9 })).toEqual([]);
  });
});
