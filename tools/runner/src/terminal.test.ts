import { AssetError, type CheckResult } from '@nx-assets/core';
import type { RunEvent } from '@nx-assets/engine';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { describeTally, renderChecks, renderReport, reportProgress, signOf } from './report.ts';
import { QUIET, say, sayError, warn } from './terminal.ts';
import { key, lineOf, NOON, outcomeOf, Scene } from './test-support.ts';

const scene = (env: NodeJS.ProcessEnv = {}) => new Scene('/workspace', env);
const failure = {
  code: 'C',
  blame: 'author',
  message: 'Error: no line\nsecond',
  stack: 'at a.ts:1',
} as const;

describe('what a process says', () => {
  test('goes to standard output, and elsewhere where that belongs to a document', () => {
    const loud = scene();
    const quiet = scene({ [QUIET]: 'true' });
    for (const { context } of [loud, quiet]) {
      say(context, 'hello');
      warn(context, 'careful');
    }
    expect([loud.said, loud.complained]).toEqual(['hello\n▲ careful\n', '']);
    expect([quiet.said, quiet.complained]).toEqual(['', 'hello\n▲ careful\n']);
  });

  test('of an error has its code, its facts and what to do, on standard error', () => {
    const one = scene();
    sayError(one.context, new AssetError('CONFIG_INVALID', 'It is wrong.', { remedy: 'Fix it.' }));
    expect([one.said, one.complained]).toEqual(['', '\n✖ CONFIG_INVALID: It is wrong.\n  Fix it.\n']);
  });
});

describe('what is said while it happens', () => {
  const at = { key: key('g/a'), partition: 'eu' } as const;
  const saidOf = (event: RunEvent) => {
    const one = scene();
    reportProgress(one.context, event);
    return one.said;
  };

  test.each<[string, RunEvent, string]>([
    ['a word of the author', { type: 'log', ...at, level: 'info', message: 'hello' }, '  g/a [eu] hello\n'],
    ['a detail', { type: 'log', ...at, level: 'debug', message: 'hello' }, ''],
    [
      'another attempt, in one line',
      { type: 'step-retried', ...at, attempt: 2, error: failure, waitMs: 1_500 },
      '  g/a [eu] attempt 2 failed, again in 1.5 s: Error: no line\n',
    ],
    [
      'something wrong that stops nothing',
      { type: 'warning', problem: failure },
      '▲ Error: no line\n    second\n    at a.ts:1\n',
    ],
    ['a beginning, which nx shows', { type: 'step-started', ...at, reasons: [] }, ''],
    ['an announcement, which the report has', { type: 'announcement', ...at, message: 'm' }, ''],
    ['an end, which the report has', { type: 'step-finished', outcome: outcomeOf('g/a') }, ''],
    ['the end of an asset', { type: 'asset-finished', outcome: outcomeOf('g/a') }, ''],
  ])('%s', (_, event, words) => {
    expect(saidOf(event)).toBe(words);
  });

  test('of a backfill is how far it is, at most every two seconds, and nothing at its beginning', () => {
    const one = scene();
    const progress = (seconds: number, done: number, failed = 0, leftMs: number | null = null) => {
      one.time = NOON + seconds * 1000;
      reportProgress(one.context, {
        type: 'progress',
        key: key('g/far'),
        done,
        failed,
        total: 1_200,
        leftMs,
      });
    };
    progress(0, 1);
    progress(1.9, 2);
    progress(2, 1_000);
    progress(3.9, 1_001);
    progress(4, 1_002, 3, 65_000);
    expect(one.said).toBe(
      '  g/far 1 000 of 1 200 partitions\n  g/far 1 002 of 1 200 partitions, 3 failed, about 1 m 5 s left\n',
    );
  });
});

describe('a tally of partitions', () => {
  test.each([
    [{}, 'no partition'],
    [{ 'up-to-date': 1 }, '1 partition'],
    [{ 'up-to-date': 31 }, '31 partitions'],
    [{ 'up-to-date': 28, materialized: 3 }, '3 of 31 partitions'],
    [{ materialized: 2, failed: 1, blocked: 4 }, '1 of 7 partitions failed'],
    [{ materialized: 2, cancelled: 3 }, '3 of 5 partitions, 2 made'],
    [{ blocked: 1 }, '1 of 1 partition'],
  ])('%j: %s', (counts, words) => {
    expect(describeTally({ counts, failed: [] })).toBe(words);
  });
});

describe('checks', () => {
  const check = (change: Partial<CheckResult> = {}): CheckResult => ({
    name: 'rows',
    description: 'Has rows.',
    severity: 'error',
    passed: true,
    facts: {},
    rows: [],
    ...change,
  });
  const sign = (one: CheckResult) => stripVTControlCharacters(signOf(one));

  test('have a sign by what they came to and how much it matters', () => {
    expect(sign(check())).toBe('✔');
    expect(sign(check({ severity: 'warn' }))).toBe('✔');
    expect(sign(check({ passed: false }))).toBe('✖');
    expect(sign(check({ passed: false, severity: 'warn' }))).toBe('▲');
  });

  test('are listed by asset and partition, with the rows that do not pass and what could not be checked', () => {
    const failed = check({ name: 'ids', passed: false, facts: { bad: 1 }, rows: [{ id: 7 }] });
    const text = stripVTControlCharacters(
      renderChecks([
        { key: key('g/a'), partition: 'eu', problem: null, checks: [check(), failed] },
        { key: key('g/b'), partition: null, problem: 'It is not materialized.', checks: [] },
      ]),
    ).split('\n');
    expect(text.slice(0, 2)).toEqual(['g/a [eu]', '  ✔ rows  Has rows.']);
    expect(text[2]).toMatch(/^ {2}✖ ids {2}Has rows\. .*bad/);
    expect(text.slice(3)).toEqual([
      '      {"id":7}',
      'g/b',
      '  ✖ It is not materialized.',
      '',
      '2 checks: 1 passed, 1 failed',
    ]);
    expect(renderChecks([])).toBe('\n0 checks: 0 passed, 0 failed');
  });

  test('that a published value does not pass are warnings of the report, those of a failed asset are not', () => {
    const checks = [check({ passed: false, severity: 'warn' })];
    const lines = [lineOf('g/a', { checks }), lineOf('g/b', { checks, status: 'failed', error: failure })];
    const text = stripVTControlCharacters(renderReport(lines, 1, ['run', 'g:a']));
    expect(text.match(/▲ .*/g)).toEqual(['▲ g/a  rows: Has rows.']);
  });
});

describe('the report of a run', () => {
  const text = (lines: Parameters<typeof renderReport>[0], command = ['run', 'g:a']) =>
    stripVTControlCharacters(renderReport(lines, 340, command));

  test('has what is announced once, and calls what was made elsewhere observed', () => {
    const shared = { announcements: ['A fee is due.'] };
    const read = text([lineOf('g/a', { ...shared, isExternal: true }), lineOf('g/b', shared)]);
    expect(read.match(/A fee is due\./g)).toHaveLength(1);
    expect(read).toMatch(/✔ g\/a +observed /);
    expect(read).toMatch(/✔ g\/b +materialized /);
  });

  test('tells of three failed partitions in full, and how many there are besides', () => {
    const failed = ['a', 'b', 'c', 'd', 'e'].map((partition) => ({ partition, error: failure }));
    const partitions = { counts: { failed: 5, materialized: 2 }, failed };
    const read = text([lineOf('g/a', { status: 'failed', error: failure, partitions })]);
    expect(read.match(/✖ g\/a \[.\]/g)).toEqual(['✖ g/a [a]', '✖ g/a [b]', '✖ g/a [c]']);
    expect(read).toContain('… and 2 more partitions of g/a');
    expect(read).toMatch(/5 of 7 partitions failed: C/);
  });

  test('goes on with a backfill by the command for it', () => {
    const lines = [lineOf('g/a', { status: 'failed', error: failure })];
    expect(text(lines)).toContain('Once fixed, run: npx nx run g:a\n');
    expect(text(lines, ['run', 'g:a', '--backfill=b1'])).toContain('npx nx-assets backfill --resume b1\n');
  });
});
