import { hostname } from 'node:os';
import type { AssetKey } from '@nx-assets/core';
import type { EventOf, LogEvent } from '../events.ts';

export const key = (text: string) => text as AssetKey;
export const A = key('group/a');
export const B = key('group/b');

type Fields<T extends LogEvent['type']> = Partial<Omit<EventOf<T>, 'type'>>;

export const runStarted = (fields: Fields<'run-started'> = {}): LogEvent => ({
  ...{ type: 'run-started', at: 1000, runId: 'r1', command: ['nx', 'run-many'], requested: [A, B] },
  ...{ pid: process.pid, host: hostname() },
  ...fields,
});
export const runFinished = (fields: Fields<'run-finished'> = {}): LogEvent => ({
  ...{ type: 'run-finished', at: 2000, runId: 'r1', status: 'succeeded' },
  ...fields,
});
export const stepStarted = (fields: Fields<'step-started'> = {}): LogEvent => ({
  ...{ type: 'step-started', at: 1100, runId: 'r1', key: A, partition: null, attempt: 1 },
  reasons: [{ kind: 'missing' }],
  ...fields,
});
export const stepFinished = (fields: Fields<'step-finished'> = {}): LogEvent => ({
  ...{ type: 'step-finished', at: 1200, startedAt: 1100, runId: 'r1', key: A, partition: null },
  ...{ status: 'materialized', reasons: [{ kind: 'missing' }], changed: true, rowCount: 3, bytes: 300 },
  ...{ dataVersion: 'data', error: null },
  ...fields,
});
export const materialized = (fields: Fields<'materialized'> = {}): LogEvent => ({
  ...{ type: 'materialized', at: 1190, runId: 'r1', key: A, partition: null, dataVersion: 'data' },
  ...{ actionKey: 'action', codeVersion: 'code', rowCount: 3, bytes: 300, record: { version: 1 } },
  ...fields,
});
export const logged = (fields: Fields<'log'> = {}): LogEvent => ({
  ...{ type: 'log', at: 1150, runId: 'r1', key: A, partition: null, level: 'info', message: 'a line' },
  ...fields,
});

const checked = (fields: Fields<'checked'> = {}): LogEvent => ({
  ...{ type: 'checked', at: 1180, runId: 'r1', key: A, partition: null, check: 'not_empty' },
  ...{ severity: 'error', passed: true, facts: { rows: 3 } },
  ...fields,
});
const observed: LogEvent = {
  ...{ type: 'observed', at: 1105, runId: 'r1', key: A, partition: null },
  ...{ observedAt: '2026-01-01T00:00:00.000Z', dataVersion: null },
};
export const retried: LogEvent = {
  ...{ type: 'step-retried', at: 1120, runId: 'r1', key: A, partition: null, attempt: 1 },
  ...{ error: { code: 'HTTP_FAILED' }, waitMs: 50 },
};

/** One run with events of every type. */
export const everything: LogEvent[] = [
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
