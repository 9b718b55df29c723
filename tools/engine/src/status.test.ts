import { type AssetKey, type AssetManifest, assetKey, buildGraph } from '@nx-assets/core';
import type { RecordReading } from '@nx-assets/storage/records';
import { describe, expect, test } from 'vitest';
import type { PlannedStep } from './plan.ts';
import type { Reason } from './reason.ts';
import { dataTimes, type StatusFacts, statusesOf } from './status.ts';

const key = assetKey('g', 'a');
const HOUR = 3_600_000;
const NOW = Date.parse('2026-05-01T12:00:00Z');
const at = (hours: number) => new Date(NOW - hours * HOUR).toISOString();

const found = (record: object = {}): RecordReading => ({ status: 'found', record: record as never });
const step = (action: PlannedStep['action'], ...reasons: Reason[]): PlannedStep => ({
  key,
  partition: null,
  action,
  reasons,
});
const facts = (changes: Partial<StatusFacts>): StatusFacts => ({
  manifest: { freshness: null } as AssetManifest,
  step: step('keep', { kind: 'unchanged' }),
  reading: found(),
  failed: false,
  dataFrom: NOW - HOUR,
  now: NOW,
  ...changes,
});
const age = (due: number, overdue = due) =>
  ({ kind: 'age', due: due * HOUR, overdue: overdue * HOUR }) as const;
const policy = (due: number, overdue = due) => ({ freshness: age(due, overdue) }) as AssetManifest;
const tooOld: Reason = { kind: 'too-old', observedAt: at(2), freshness: age(1) };
const changed: Reason = { kind: 'code-changed', files: ['a.ts'] };

describe('the states of an asset', () => {
  test.each<[Partial<StatusFacts>, readonly string[]]>([
    [{}, ['fresh']],
    [{ failed: true }, ['failed']],
    [{ reading: { status: 'missing' }, step: step('run', { kind: 'missing' }) }, ['missing']],
    [{ step: step('restore', { kind: 'value-missing', path: 'x' }) }, ['missing']],
    [{ step: step('run', changed) }, ['stale']],
    [{ step: step('undecided', { kind: 'upstream-undecided', keys: [key] }) }, ['stale']],
    [{ step: step('run', changed), failed: true }, ['failed', 'stale']],
    [{ manifest: policy(1), step: step('run', tooOld) }, ['overdue']],
    [{ manifest: policy(1), step: step('run', tooOld, changed) }, ['overdue', 'stale']],
    [{ manifest: policy(1, 2), step: step('run', tooOld) }, ['due']],
    [{ manifest: policy(2) }, ['fresh']],
    [{ manifest: policy(1) }, ['overdue']],
    [{ manifest: policy(1), dataFrom: null }, ['fresh']],
    [{ manifest: policy(9), dataFrom: NOW + 1 }, ['overdue']],
    [
      { manifest: policy(1), reading: { status: 'missing' }, step: step('run', { kind: 'missing' }) },
      ['missing'],
    ],
  ])('%#', (changes, expected) => {
    expect(statusesOf(facts(changes))).toEqual(expected);
  });
});

describe('the time of the data', () => {
  const names = ['old', 'young', 'made', 'joined', 'alone'] as const;
  const keys = Object.fromEntries(names.map((name) => [name, assetKey('g', name)])) as Record<
    string,
    AssetKey
  >;
  const node = (name: string, ...deps: string[]) => ({
    key: assetKey('g', name),
    deps: Object.fromEntries(deps.map((dep) => [dep, assetKey('g', dep)])),
  });
  const graph = buildGraph([
    node('old'),
    node('young'),
    node('made'),
    node('joined', 'old', 'young'),
    node('alone', 'joined', 'made'),
  ] as unknown as AssetManifest[]);
  const readings = new Map<string | undefined, RecordReading>([
    [keys.old, found({ observedAt: at(5), finishedAt: at(1) })],
    [keys.young, found({ observedAt: at(2), finishedAt: at(1) })],
    [keys.made, found({ observedAt: null, finishedAt: at(3) })],
  ]);

  test('is that of the oldest source', () => {
    const times = dataTimes(
      graph,
      (asset) => readings.get(asset) ?? found({ observedAt: null, finishedAt: at(0) }),
    );
    expect(names.map((name) => times.get(keys[name] as AssetKey))).toEqual(
      [5, 2, 3, 5, 5].map((hours) => NOW - hours * HOUR),
    );
  });

  test('is unknown where a source is missing', () => {
    const times = dataTimes(graph, (asset) =>
      asset === keys.young ? { status: 'missing' } : found({ observedAt: at(1) }),
    );
    expect(names.map((name) => times.get(keys[name] as AssetKey) === null)).toEqual([
      false,
      true,
      false,
      true,
      true,
    ]);
  });
});
