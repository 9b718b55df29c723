import { mkdtempSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { parseAssetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { absolute, outcomesPath, STATE } from '@nx-assets/storage/records';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReportLine } from './report-line.ts';
import { describeOutcome, renderReport } from './report.ts';
import { appendOutcome, appendRequested, forgetOldRuns, readRun } from './run-file.ts';
import { newRunId } from './run-id.ts';

const outcome: Outcome = {
  key: parseAssetKey('transforms/users'),
  partition: null,
  status: 'materialized',
  reasons: [{ kind: 'code-changed', files: ['src/users.ts'] }],
  changed: true,
  rowCount: 1500,
  bytes: 2100,
  startedAt: 0,
  finishedAt: 340,
  error: null,
  checks: [],
  announcements: [],
};
const error = {
  code: 'MATERIALIZE_THREW',
  blame: 'author',
  message: 'MATERIALIZE_THREW: Error: boom.',
  stack: '    at users (src/users.ts:3:1)',
};
const line = (change: Partial<ReportLine> = {}): ReportLine => ({
  ...outcome,
  isExternal: false,
  source: 'run',
  milliseconds: 340,
  ...change,
});

describe('what a step came to, in one line', () => {
  const words = (change: Partial<Outcome>) =>
    stripVTControlCharacters(describeOutcome({ ...outcome, ...change }));

  test('has its size, its time and why', () => {
    expect(words({})).toBe('✔ transforms/users  1 500 rows · 2.1 kB · 340 ms · code changed: users.ts');
    expect(words({ changed: false })).toMatch(/code changed: users\.ts, same data$/);
    expect(words({ status: 'up-to-date', changed: false, reasons: [{ kind: 'unchanged' }] })).toBe(
      '· transforms/users  1 500 rows · 2.1 kB · unchanged',
    );
  });

  test('is followed by the error, indented, when it failed', () => {
    expect(
      words({ status: 'failed', rowCount: null, bytes: null, reasons: [{ kind: 'missing' }], error }).split(
        '\n',
      ),
    ).toEqual([
      '✖ transforms/users  not materialized yet',
      '    MATERIALIZE_THREW: Error: boom.',
      '        at users (src/users.ts:3:1)',
    ]);
  });
});

describe('the report of a run', () => {
  const lines: ReportLine[] = [
    line(),
    line({
      key: parseAssetKey('g/cached'),
      status: 'up-to-date',
      source: 'cache',
      changed: false,
      reasons: [{ kind: 'restored' }],
      milliseconds: null,
    }),
    line({
      key: parseAssetKey('g/kept'),
      status: 'up-to-date',
      source: 'output',
      changed: false,
      reasons: [{ kind: 'unchanged' }],
    }),
    line({ key: parseAssetKey('g/same'), changed: false }),
    line({ key: parseAssetKey('g/bad'), status: 'failed', error, rowCount: null, bytes: null }),
    line({
      key: parseAssetKey('g/child'),
      status: 'blocked',
      source: null,
      reasons: [{ kind: 'upstream-failed', key: parseAssetKey('g/bad') }],
      rowCount: null,
      bytes: null,
    }),
    line({
      key: parseAssetKey('g/late'),
      status: 'cancelled',
      source: null,
      reasons: [],
      rowCount: null,
      bytes: null,
    }),
  ];
  const text = () => stripVTControlCharacters(renderReport(lines, 12_345, ['run-many', '-t', 'materialize']));

  test('has a line for each asset: status, why, size, time, where from', () => {
    const rows = text()
      .split('\n')
      .map((row) => row.trim().split(/ {2,}/));
    expect(rows).toContainEqual(['asset', 'status', 'why', 'rows', 'size', 'time', 'from']);
    expect(rows).toContainEqual([
      '✔ transforms/users',
      'materialized',
      'code changed: users.ts',
      '1 500',
      '2.1 kB',
      '340 ms',
      'run',
    ]);
    expect(rows).toContainEqual(['· g/cached', 'up to date', 'unchanged', '1 500', '2.1 kB', 'cache']);
    expect(rows).toContainEqual(['· g/kept', 'up to date', 'unchanged', '1 500', '2.1 kB', 'output']);
    expect(rows).toContainEqual([
      '✔ g/same',
      'materialized',
      'code changed: users.ts, same data',
      '1 500',
      '2.1 kB',
      '340 ms',
      'run',
    ]);
    expect(rows).toContainEqual(['✖ g/bad', 'failed', 'MATERIALIZE_THREW', '340 ms', 'run']);
    expect(rows).toContainEqual(['◌ g/child', 'blocked', 'upstream failed: g/bad']);
    expect(rows).toContainEqual(['◌ g/late', 'cancelled']);
  });

  test('ends with the error, the command to type and the totals', () => {
    const end = text().slice(text().indexOf('\n\n', 2));
    expect(end).toContain(
      '✖ g/bad\n    MATERIALIZE_THREW: Error: boom.\n        at users (src/users.ts:3:1)\n',
    );
    expect(end).toContain('npx nx run-many -t materialize');
    expect(end).toContain(
      '7 assets: 2 materialized, 2 up to date, 1 failed, 1 blocked, 1 cancelled, in 12.3 s',
    );
  });

  test('of no asset says so', () => {
    expect(renderReport([], 12, []).trimEnd().split('\n').at(-1)).toBe('0 assets, in 12 ms');
  });
});

describe('the outcomes of a run', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'outcomes-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const other = { ...outcome, key: parseAssetKey('g/other') };

  test('are read as they were appended, the last of each asset', () => {
    appendOutcome(root, 'r', { ...outcome, status: 'failed' });
    appendOutcome(root, 'r', other);
    appendOutcome(root, 'r', outcome);
    appendOutcome(root, 'another', { ...other, status: 'failed' });
    expect(readRun(root, 'r').outcomes).toEqual(
      new Map([
        [outcome.key, outcome],
        [other.key, other],
      ]),
    );
  });

  test('stand beside the assets that were asked for', () => {
    appendRequested(root, 'r', [outcome.key, other.key]);
    appendOutcome(root, 'r', outcome);
    expect(readRun(root, 'r')).toEqual({
      requested: new Set([outcome.key, other.key]),
      plan: null,
      remoteCache: [],
      report: [],
      jobs: new Map(),
      outcomes: new Map([[outcome.key, outcome]]),
    });
  });

  test('are none for a run that did nothing', () => {
    expect(readRun(root, 'r').outcomes.size).toBe(0);
  });

  test('of a process that was killed are those that it had written', () => {
    appendOutcome(root, 'r', outcome);
    const whole = `${JSON.stringify({ outcome })}\n`;
    const half = JSON.stringify({ outcome: other });
    for (let length = 0; length < half.length; length += 7) {
      writeFileSync(absolute(root, outcomesPath('r')), whole + half.slice(0, length));
      expect([...readRun(root, 'r').outcomes.keys()]).toEqual([outcome.key]);
    }
  });

  test('are kept for the last 20 runs', () => {
    for (let run = 10; run < 40; run++) appendOutcome(root, String(run), outcome);
    for (let run = 10; run < 40; run++)
      mkdirSync(absolute(root, `${STATE}/scratch/${run}/step`), { recursive: true });
    forgetOldRuns(root);
    const kept = Array.from({ length: 20 }, (_, index) => String(index + 20));
    expect(readdirSync(dirname(absolute(root, outcomesPath('x')))).sort()).toEqual(
      kept.map((run) => `${run}.jsonl`),
    );
    expect(readdirSync(absolute(root, `${STATE}/scratch`)).sort()).toEqual(kept);
  });

  test('need no clearing up where nothing ran', () => {
    expect(() => forgetOldRuns(root)).not.toThrow();
  });

  test('belong to runs whose names sort by time and can be names of files', () => {
    const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, (one, other) => {
        const [a, b] = [newRunId(one), newRunId(other)];
        if (one < other) expect(a < b).toBe(true);
        expect(a).toMatch(/^[0-9]{8}T[0-9]{9}-[0-9]+$/);
      }),
    );
  });
});
