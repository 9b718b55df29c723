import { hostname } from 'node:os';
import type { AssetKey, Json } from '@nx-assets/core';
import type { EventOf, Run, Step } from '@nx-assets/event-log';
import { describe, expect, test } from 'vitest';
import { failureView, runView, stepAfter, stepName, stepView } from './run-view.ts';

const A = 'lab/a' as AssetKey;

const run = (fields: Partial<Run> = {}): Run => ({
  ...{ runId: 'r1', status: 'running', startedAt: 1_000, finishedAt: null, pid: 7, host: hostname() },
  ...{ command: ['run', 'lab:a'], requested: [A], steps: { materialized: 2 } },
  ...fields,
});

const step = (fields: Partial<Step> = {}): Step => ({
  ...{ runId: 'r1', key: A, partition: null, status: 'materialized', attempt: 1, startedAt: 1_000 },
  ...{ finishedAt: 2_000, reasons: [{ kind: 'missing' }], changed: true, rowCount: 3, bytes: 300 },
  ...{ dataVersion: 'data', error: null, logLines: 4, droppedLines: 0 },
  ...fields,
});

const started = (fields: Partial<EventOf<'step-started'>> = {}): EventOf<'step-started'> => ({
  ...{ type: 'step-started', at: 1_100, runId: 'r1', key: A, partition: null, attempt: 1 },
  reasons: [{ kind: 'missing' }],
  ...fields,
});
const retried = (fields: Partial<EventOf<'step-retried'>> = {}): EventOf<'step-retried'> => ({
  ...{ type: 'step-retried', at: 1_200, runId: 'r1', key: A, partition: null, attempt: 1, waitMs: 5 },
  error: { code: 'HTTP_FAILED', message: 'HTTP_FAILED: 503' },
  ...fields,
});
const finished = (fields: Partial<EventOf<'step-finished'>> = {}): EventOf<'step-finished'> => ({
  ...{ type: 'step-finished', at: 1_300, startedAt: 1_100, runId: 'r1', key: A, partition: null },
  ...{ status: 'materialized', reasons: [{ kind: 'missing' }], changed: true, rowCount: 3, bytes: 300 },
  ...{ dataVersion: 'data', error: null },
  ...fields,
});

describe('a run', () => {
  test('has the command as a person types it, its counts, and who runs it', () => {
    expect(runView(run())).toEqual({
      ...{ id: 'r1', status: 'running', startedAt: 1_000, finishedAt: null, requested: [A] },
      ...{ command: ['nx', 'run', 'lab:a'], counts: { materialized: 2 } },
      ...{ by: { pid: 7, host: hostname() }, isHere: true },
    });
  });

  test('of another machine is not here, and cannot be cancelled', () => {
    expect(runView(run({ host: `not-${hostname()}` })).isHere).toBe(false);
  });

  test('that was lost has no end', () => {
    const lost = run({ status: 'lost', steps: { lost: 1 } });
    expect(runView(lost)).toMatchObject({ status: 'lost', finishedAt: null, counts: { lost: 1 } });
  });
});

describe('a step', () => {
  test('says why in words', () => {
    const view = stepView(step({ reasons: [{ kind: 'code-changed', files: ['src/a.ts'] }] }));
    expect(view).toMatchObject({ why: 'code changed: a.ts', source: null, rowCount: 3, logLines: 4 });
  });

  test.each(['output', 'local', 'remote'] as const)('that Nx restored says from where: %s', (from) => {
    const reasons = [{ kind: 'unchanged' }, { kind: 'restored', from }];
    expect(stepView(step({ status: 'up-to-date', reasons })).source).toBe(from);
    expect(stepAfter(undefined, finished({ status: 'up-to-date', reasons })).source).toBe(from);
  });

  test.each<[Json]>([[[]], [[{ kind: 'restored' }]], [null], ['restored'], [{ kind: 'restored' }]])(
    'that does not say is from nowhere: %j',
    (reasons) => expect(stepView(step({ reasons })).source).toBeNull(),
  );

  test('whose reasons nobody can read any more has none', () => {
    for (const reasons of [null, 'because', { kind: 'missing' }])
      expect(stepView(step({ reasons })).why).toBe('');
  });

  test('that was lost has neither an end nor a failure', () => {
    const view = stepView(step({ status: 'lost', finishedAt: null }));
    expect(view).toMatchObject({ status: 'lost', finishedAt: null, failure: null });
  });

  test('has a name for each run, asset and partition', () => {
    const names = [
      stepName('r1', A, null),
      stepName('r1', A, '2026-03-01'),
      stepName('r2', A, null),
      stepName('r1', 'lab/b', null),
    ];
    expect(new Set(names).size).toBe(4);
  });
});

describe('a failure', () => {
  test('does not say its code twice', () => {
    const error = { code: 'HTTP_FAILED', message: 'HTTP_FAILED: 503', stack: 'at a.ts', blame: 'a.ts:3' };
    expect(failureView(error, 'r1', 5)).toEqual({
      ...{ code: 'HTTP_FAILED', message: '503', stack: 'at a.ts', blame: 'a.ts:3', runId: 'r1', at: 5 },
    });
    expect(failureView({ code: 'X', message: 'HTTP_FAILED: 503' }, null, null)?.message).toBe(
      'HTTP_FAILED: 503',
    );
  });

  test('may say little, and is shown all the same', () => {
    expect(failureView({}, null, null)).toEqual({
      ...{ code: 'FAILED', message: '', stack: null, blame: '', runId: null, at: null },
    });
  });

  test.each([[null], [undefined], ['text'], [7]])('is none: %j', (error) => {
    expect(failureView(error, 'r1', 5)).toBeNull();
  });
});

describe('a step after an event', () => {
  test('begins with its first one', () => {
    expect(stepAfter(undefined, started({ partition: '2026' }))).toMatchObject({
      ...{ runId: 'r1', key: A, partition: '2026', status: 'running', attempt: 1, startedAt: 1_100 },
      ...{ finishedAt: null, why: 'not materialized yet', source: null, failure: null },
    });
  });

  test('is tried again, and says meanwhile what stopped it', () => {
    const again = stepAfter(stepAfter(undefined, started()), retried());
    expect(again).toMatchObject({
      ...{ status: 'running', attempt: 2, startedAt: 1_100, why: 'not materialized yet' },
      failure: { code: 'HTTP_FAILED', message: '503', runId: 'r1', at: 1_200 },
    });
    expect(stepAfter(again, retried({ attempt: 2 })).attempt).toBe(3);
    expect(stepAfter(again, finished())).toMatchObject({ attempt: 2, status: 'materialized', failure: null });
  });

  test('that begins once more has its time and no failure of before', () => {
    const before = stepAfter(stepAfter(undefined, started()), retried());
    const anew = stepAfter(before, started({ at: 5_000 }));
    expect(anew).toMatchObject({ status: 'running', attempt: 1, startedAt: 5_000, failure: null });
    const next = stepAfter(before, started({ at: 5_000, attempt: 2 }));
    expect(next).toMatchObject({ attempt: 2, startedAt: 1_100, failure: null });
  });

  test('has ended with what it made', () => {
    expect(stepAfter(stepAfter(undefined, started()), finished({ changed: false }))).toMatchObject({
      ...{ status: 'materialized', startedAt: 1_100, finishedAt: 1_300, changed: false },
      ...{ rowCount: 3, bytes: 300, failure: null },
    });
  });

  test('began at the earlier of two times: who ends a cancelled one does not know when that was', () => {
    const cancelled = finished({ status: 'cancelled', startedAt: 1_300, reasons: [] });
    const view = stepAfter(stepAfter(undefined, started()), cancelled);
    expect(view).toMatchObject({ status: 'cancelled', startedAt: 1_100, why: 'not materialized yet' });
    expect(stepAfter(undefined, finished({ startedAt: 900 })).startedAt).toBe(900);
  });

  test('has failed with an error', () => {
    const error = { code: 'SQL_FAILED', message: 'SQL_FAILED: no such column' };
    const view = stepAfter(undefined, finished({ status: 'failed', error }));
    expect(view.failure).toMatchObject({ code: 'SQL_FAILED', message: 'no such column', at: 1_300 });
  });
});
