import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DefinitionKey } from '@nx-assets/core';
import { absolute, outcomesPath, STATE } from '@nx-assets/storage/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JobReport } from './job/report.ts';
import {
  appendJob,
  appendOutcome,
  appendPlan,
  appendRemoteCache,
  appendReport,
  appendRequested,
  forgetOldRuns,
  readRun,
} from './run-file.ts';
import { key, lineOf, NOON, outcomeOf, temporaryRoot } from './test-support.ts';

const job = 'jobs/nightly' as DefinitionKey;
const report: JobReport = {
  job,
  runId: 'j',
  status: 'succeeded',
  startedAt: NOON,
  finishedAt: NOON + 5,
  steps: [],
  assets: [],
  error: null,
};
const fileOf = (root: string, runId = 'r') => absolute(root, outcomesPath(runId));
const put = (root: string, text: string) => {
  mkdirSync(dirname(fileOf(root)), { recursive: true });
  writeFileSync(fileOf(root), text);
};

describe('the file of a run', () => {
  test('of a run that nobody knows says nothing', () => {
    expect(readRun(temporaryRoot(), 'r')).toEqual({
      requested: new Set(),
      plan: null,
      outcomes: new Map(),
      report: [],
      jobs: new Map(),
      remoteCache: [],
    });
  });

  test('gives back what was put there, in whatever order', () => {
    const parts = {
      plan: { now: NOON, wanted: { 'g/a': ['eu'], 'g/b': 'all' }, forced: [key('g/a')] } as const,
      outcome: outcomeOf('g/a', { error: { code: 'C', blame: 'author', message: 'line\nbreak', stack: '' } }),
      lines: [lineOf('g/a'), lineOf('g/b', { status: 'up-to-date' })],
      problem: { kind: 'unread', hash: 'abc', key: key('g/a'), reason: 'no answer' } as const,
    };
    const writes = [
      (root: string) => appendRequested(root, 'r', [key('g/a'), key('g/b')]),
      (root: string) => appendPlan(root, 'r', parts.plan),
      (root: string) => appendOutcome(root, 'r', parts.outcome),
      (root: string) => appendReport(root, 'r', parts.lines),
      (root: string) => appendJob(root, 'r', { key: job, runId: 'j', report: null }),
      (root: string) => appendRemoteCache(root, 'r', parts.problem),
    ];
    const expected = {
      requested: new Set([key('g/a'), key('g/b')]),
      plan: parts.plan,
      outcomes: new Map([[key('g/a'), parts.outcome]]),
      report: parts.lines,
      jobs: new Map([['j', { key: job, runId: 'j', report: null }]]),
      remoteCache: [parts.problem],
    };
    for (const order of [writes, [...writes].reverse()]) {
      const root = temporaryRoot();
      for (const write of order) write(root);
      expect(readRun(root, 'r')).toEqual(expected);
    }
  });

  test('of another run is another file, and that of a part too', () => {
    const root = temporaryRoot();
    appendRequested(root, 'r', [key('g/whole')]);
    appendRequested(root, 'r.1', [key('g/part')]);
    expect([...readRun(root, 'r').requested]).toEqual(['g/whole']);
    expect([...readRun(root, 'r.1').requested]).toEqual(['g/part']);
    expect(readRun(root, 'r.2').requested.size).toBe(0);
  });

  test('adds up what is requested, and has the last of everything else', () => {
    const root = temporaryRoot();
    appendRequested(root, 'r', [key('g/a')]);
    appendRequested(root, 'r', []);
    appendRequested(root, 'r', [key('g/b'), key('g/a')]);
    for (const now of [1, 2]) appendPlan(root, 'r', { now, wanted: {}, forced: [] });
    for (const name of ['g/a', 'g/b']) appendReport(root, 'r', [lineOf(name)]);
    for (const given of [null, report]) appendJob(root, 'r', { key: job, runId: 'j', report: given });
    appendJob(root, 'r', { key: job, runId: 'k', report: null });
    const read = readRun(root, 'r');
    expect([...read.requested]).toEqual(['g/a', 'g/b']);
    expect(read.plan?.now).toBe(2);
    expect(read.report.map((line) => line.key)).toEqual(['g/b']);
    expect([...read.jobs].map(([id, one]) => [id, one.report?.status ?? null])).toEqual([
      ['j', 'succeeded'],
      ['k', null],
    ]);
  });

  test.each([
    ['nothing', ''],
    ['empty lines', '\n\n'],
    ['no JSON', 'what\n'],
    ['JSON that says nothing', 'null\n1\n"text"\n[]\n{}\n{"requested":null}\n{"later":1}\n'],
    ['zeros of a disk that lost power', '\0\0\0\0\n'],
  ])('with %s before a line still has the line', (_, before) => {
    const root = temporaryRoot();
    put(root, before);
    appendOutcome(root, 'r', outcomeOf('g/a'));
    const read = readRun(root, 'r');
    expect([...read.outcomes.keys()]).toEqual(['g/a']);
    expect(read.requested.size).toBe(0);
  });

  test('that was cut off anywhere has all whole lines before that, and nothing made up', () => {
    const whole = [
      JSON.stringify({ requested: ['g/a', 'g/b'] }),
      JSON.stringify({ outcome: outcomeOf('g/a') }),
      JSON.stringify({ outcome: outcomeOf('g/b') }),
    ];
    const text = whole.join('\n');
    const root = temporaryRoot();
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        put(root, text.slice(0, length));
        const read = readRun(root, 'r');
        const ends = whole.map((_, at) => whole.slice(0, at + 1).join('\n').length);
        const [requested, a, b] = ends.map((end) => end <= length);
        expect([...read.requested]).toEqual(requested ? ['g/a', 'g/b'] : []);
        expect([...read.outcomes.keys()]).toEqual([...(a ? ['g/a'] : []), ...(b ? ['g/b'] : [])]);
      }),
    );
  });

  test('goes on in a new line where a killed process left half of one', () => {
    const root = temporaryRoot();
    appendOutcome(root, 'r', outcomeOf('g/a'));
    appendFileSync(fileOf(root), JSON.stringify({ outcome: outcomeOf('g/b') }).slice(0, 20));
    appendOutcome(root, 'r', outcomeOf('g/c'));
    appendOutcome(root, 'r', outcomeOf('g/d'));
    expect([...readRun(root, 'r').outcomes.keys()]).toEqual(['g/a', 'g/c', 'g/d']);
  });
});

describe('old runs', () => {
  const names = (root: string, folder: string) => readdirSync(absolute(root, `${STATE}/${folder}`)).sort();

  test('are none where nothing ran', () => {
    const root = temporaryRoot();
    forgetOldRuns(root);
    expect(readdirSync(root)).toEqual([]);
  });

  test('stay while they are not more than twenty', () => {
    const root = temporaryRoot();
    for (let run = 10; run < 30; run++) appendRequested(root, `${run}`, [key('g/a')]);
    forgetOldRuns(root);
    expect(names(root, 'runs')).toHaveLength(20);
    appendRequested(root, '30', [key('g/a')]);
    forgetOldRuns(root);
    expect(names(root, 'runs')).toHaveLength(20);
    expect(readRun(root, '10').requested.size).toBe(0);
    expect(readRun(root, '11').requested.size).toBe(1);
  });

  test('are counted whole, and go with the files of their parts and all marks', () => {
    const root = temporaryRoot();
    const files = (run: number) => [`${run}`, `${run}.1`, `${run}.2`, `${run}.10`];
    for (let run = 10; run < 31; run++) {
      for (const file of files(run)) appendRequested(root, file, [key('g/a')]);
      writeFileSync(`${fileOf(root, `${run}`)}.no-history`, '');
      writeFileSync(`${fileOf(root, `${run}.1`)}.no-history`, '');
    }
    forgetOldRuns(root);
    const kept = Array.from({ length: 20 }, (_, at) => at + 11);
    expect(names(root, 'runs')).toEqual(
      kept
        .flatMap((run) => [
          ...files(run).map((file) => `${file}.jsonl`),
          ...[`${run}.jsonl.no-history`, `${run}.1.jsonl.no-history`],
        ])
        .sort(),
    );
  });

  test('leave nothing in the scratch space, whatever they had in it', () => {
    const root = temporaryRoot();
    const scratch = absolute(root, `${STATE}/scratch`);
    for (let run = 10; run < 35; run++) {
      mkdirSync(join(scratch, `${run}/spill/deep`), { recursive: true });
      writeFileSync(join(scratch, `${run}/spill/deep/file`), 'x');
    }
    forgetOldRuns(root);
    expect(names(root, 'scratch')).toEqual(Array.from({ length: 20 }, (_, at) => `${at + 15}`));
  });
});
