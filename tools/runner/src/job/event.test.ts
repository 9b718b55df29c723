import { stripVTControlCharacters } from 'node:util';
import type { DefinitionKey } from '@nx-assets/core';
import type { Failure } from '@nx-assets/engine';
import { describe, expect, test } from 'vitest';
import { lineOf, NOON } from '../test-support.ts';
import { countAssets, eventOf } from './event.ts';
import { renderJob } from './render.ts';
import type { JobReport, JobStepReport } from './report.ts';

const error: Failure = { code: 'OP_THREW', blame: 'author', message: 'Error: no disk', stack: 'at op.ts:1' };
const step = (name: string, change: Partial<JobStepReport> = {}): JobStepReport => ({
  name,
  status: 'done',
  milliseconds: 5,
  error: null,
  ...change,
});
const reportOf = (change: Partial<JobReport> = {}): JobReport => ({
  job: 'jobs/nightly' as DefinitionKey,
  runId: 'r',
  status: 'succeeded',
  startedAt: NOON,
  finishedAt: NOON + 12_400,
  steps: [step('check'), step('assets', { milliseconds: 1_500 }), step('publish')],
  assets: [lineOf('g/a'), lineOf('g/b', { status: 'up-to-date' }), lineOf('g/c', { status: 'up-to-date' })],
  error: null,
  ...change,
});

describe('what hooks are told', () => {
  test('is plain data: the job, its steps, and how many assets came to what', () => {
    expect(eventOf(reportOf(), 'Every night.')).toEqual({
      job: 'jobs/nightly',
      description: 'Every night.',
      runId: 'r',
      status: 'succeeded',
      startedAt: '2026-03-01T12:00:00.000Z',
      finishedAt: '2026-03-01T12:00:12.400Z',
      steps: [
        { name: 'check', status: 'done', milliseconds: 5 },
        { name: 'assets', status: 'done', milliseconds: 1_500 },
        { name: 'publish', status: 'done', milliseconds: 5 },
      ],
      assets: { materialized: 1, 'up to date': 2 },
      failures: [],
    });
  });

  test('names all that failed, the job first, and no stack', () => {
    const failed = reportOf({
      status: 'failed',
      error: { ...error, code: 'CONFIG_INVALID' },
      steps: [step('publish', { status: 'failed', error })],
      assets: [
        lineOf('g/a', { status: 'failed', error: { ...error, code: 'MATERIALIZE_THREW' } }),
        lineOf('g/b'),
      ],
    });
    const { message } = error;
    expect(eventOf(failed, 'd')?.failures).toEqual([
      { name: 'jobs/nightly', code: 'CONFIG_INVALID', message },
      { name: 'g/a', code: 'MATERIALIZE_THREW', message },
      { name: 'publish', code: 'OP_THREW', message },
    ]);
  });

  test('is nothing of a job that was cancelled', () => {
    expect(eventOf(reportOf({ status: 'cancelled' }), 'd')).toBeNull();
  });

  test('counts each asset once', () => {
    const statuses = [
      'materialized',
      'up-to-date',
      'up-to-date',
      'failed',
      'blocked',
      'cancelled',
      'failed',
    ] as const;
    expect(countAssets(statuses.map((status, at) => lineOf(`g/a${at}`, { status })))).toEqual({
      materialized: 1,
      'up to date': 2,
      failed: 2,
      blocked: 1,
      cancelled: 1,
    });
    expect(countAssets([])).toEqual({});
  });
});

describe('what a person reads of a job', () => {
  const words = (change: Partial<JobReport> = {}) => stripVTControlCharacters(renderJob(reportOf(change)));
  const rows = (text: string) => text.split('\n').map((row) => row.trim().split(/ {2,}/));

  test('has a line for each step and one for the whole', () => {
    const read = rows(words());
    expect(read.slice(1, 5)).toEqual([
      ['step', 'status', 'what', 'time'],
      ['✔ check', 'done', '5 ms'],
      ['✔ assets', 'done', '1 materialized, 2 up to date', '1.5 s'],
      ['✔ publish', 'done', '5 ms'],
    ]);
    expect(read.at(-2)).toEqual(['jobs/nightly succeeded, in 12.4 s']);
  });

  test('says what failed and what was not run after it', () => {
    const text = words({
      status: 'failed',
      assets: [],
      steps: [
        step('check', { status: 'failed', error }),
        step('publish', { status: 'blocked', milliseconds: null }),
      ],
    });
    expect(rows(text)).toContainEqual(['✖ check', 'failed', '5 ms']);
    expect(rows(text)).toContainEqual(['◌ publish', 'blocked']);
    expect(text).toContain('✖ jobs/nightly: the op check\n    Error: no disk\n    at op.ts:1\n');
    expect(text).toContain('jobs/nightly failed, in');
  });

  test('has no table where nothing could run, and says why', () => {
    const text = words({ status: 'failed', steps: [], assets: [], error: { ...error, stack: '' } });
    expect(text).toBe('\n✖ jobs/nightly\n    Error: no disk\n\njobs/nightly failed, in 12.4 s\n');
  });

  test('takes no time less than none, whatever clocks do', () => {
    expect(words({ status: 'cancelled', finishedAt: NOON - 9_000 })).toContain('nightly cancelled, in 0 ms');
  });
});
