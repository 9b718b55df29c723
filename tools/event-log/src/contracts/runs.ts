import { describe, expect, test } from 'vitest';
import type { LogEvent } from '../events.ts';
import type { Place } from './place.ts';
import {
  A,
  B,
  everything,
  key,
  logged,
  retried,
  runFinished,
  runStarted,
  stepFinished,
  stepStarted,
} from './sample-events.ts';

/** What is written of runs and steps comes back. */
export function runsContract(place: Place): void {
  const open = () => place()();

  describe('events', () => {
    test('come back as they were, in order, also in pieces', async () => {
      const log = await open();
      await log.append(everything);
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
      await log.append([
        runStarted(),
        runStarted({ runId: 'r2' }),
        stepStarted(),
        stepStarted({ runId: 'r2' }),
      ]);
      const events = await log.events({ runId: 'r2', after: 2, limit: 10 });
      expect(events).toEqual([{ id: 4, event: stepStarted({ runId: 'r2' }) }]);
      expect(await log.events({ runId: 'r3', limit: 10 })).toEqual([]);
    });

    test('are all written or none', async () => {
      const log = await open();
      const broken = logged({ message: 1n as unknown as string });
      await expect(log.append([runStarted(), logged(), broken])).rejects.toThrow();
      expect(await log.events({ limit: 10 })).toEqual([]);
      expect(await log.runs({ limit: 10 })).toEqual([]);
      await log.append([]);
      await log.append([runStarted()]);
      expect(await log.events({ limit: 10 })).toHaveLength(1);
    });
  });

  describe('runs', () => {
    test('newest first, by pages, with their steps counted', async () => {
      const log = await open();
      const ids = ['r1', 'r2', 'r3', 'r4', 'r5'];
      // Two began in the same millisecond.
      for (const [i, runId] of ids.entries()) await log.append([runStarted({ runId, at: 1000 + (i >> 1) })]);
      await log.append(everything);
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
        await log.append([runStarted({ runId: status }), runFinished({ runId: status, status })]);
      }
      await log.append([runStarted({ runId: 'running' })]);
      for (const status of ['succeeded', 'failed', 'cancelled', 'running'] as const) {
        const runs = await log.runs({ limit: 10, status });
        expect(runs.map(({ runId }) => runId)).toEqual([status]);
      }
      expect(await log.runs({ limit: 10, status: 'lost' })).toEqual([]);
    });

    test('that nobody has started belong to the process that writes, until somebody does', async () => {
      const log = await open();
      await log.append([logged({ at: 500 })]);
      expect(await log.run('r1')).toMatchObject({ status: 'running', pid: process.pid, requested: [] });
      await log.append([runStarted({ at: 400 })]);
      expect(await log.run('r1')).toMatchObject({ startedAt: 400, requested: [A, B] });
    });
  });

  describe('steps', () => {
    test('have one row for each key and partition', async () => {
      const log = await open();
      await log.append([
        stepStarted(),
        stepStarted({ partition: 'x', at: 1101 }),
        stepStarted({ partition: 'y', at: 1102 }),
        stepFinished({ partition: 'x', status: 'up-to-date', changed: false, dataVersion: null }),
        stepFinished({ status: 'failed', changed: null, error: { code: 'X' }, rowCount: null, bytes: null }),
      ]);
      const steps = await log.steps('r1');
      expect(steps.map(({ partition, status, changed }) => [partition, status, changed])).toEqual([
        [null, 'failed', null],
        ['x', 'up-to-date', false],
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
      await log.append([stepStarted(), retried]);
      expect(await log.steps('r1')).toMatchObject([{ attempt: 2, startedAt: 1100, status: 'running' }]);
      await log.append([stepStarted({ attempt: 2, at: 1170 })]);
      expect(await log.steps('r1')).toMatchObject([{ attempt: 2, startedAt: 1100, status: 'running' }]);
    });

    test('without an end are lost when their run has one', async () => {
      const log = await open();
      await log.append([runStarted(), stepStarted(), runFinished()]);
      expect(await log.steps('r1')).toMatchObject([{ status: 'lost' }]);
      expect((await log.run('r1'))?.steps).toEqual({ lost: 1 });
    });

    test('the newest of each key', async () => {
      const log = await open();
      await log.append([
        stepFinished({ at: 5000, runId: 'r2' }),
        stepFinished({ at: 4000, status: 'up-to-date' }),
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
        await log.append([stepFinished({ runId: `r${i}`, startedAt: 10_000 * i, at: 10_000 * i + took })]);
      }
      await log.append([
        stepFinished({ runId: 'later', startedAt: 100_000, at: 100_001, status: 'up-to-date' }),
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
}
