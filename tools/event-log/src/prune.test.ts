import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventLog } from './event-log.ts';
import type { LogEvent } from './events.ts';
import type { StoredEvent } from './model.ts';
import type { PruneOptions } from './prune.ts';
import {
  A,
  freshPath,
  key,
  logged,
  materialized,
  open,
  runFinished,
  runStarted,
  stepFinished,
} from './test-support.ts';

const ended = spawnSync(process.execPath, ['-e', '0']).pid;

interface PlannedRun {
  readonly at: number;
  readonly end: 'finished' | 'running' | 'lost';
  readonly assets: readonly { readonly name: string; readonly partition: string | null }[];
}

const plannedRun: fc.Arbitrary<PlannedRun> = fc.record({
  at: fc.integer({ min: 0, max: 9 }),
  end: fc.constantFrom('finished', 'finished', 'running', 'lost'),
  assets: fc.array(
    fc.record({ name: fc.constantFrom('a', 'b', 'c'), partition: fc.constantFrom(null, 'x', 'y') }),
    { maxLength: 4 },
  ),
});
const options: fc.Arbitrary<PruneOptions> = fc.record(
  { olderThan: fc.integer({ min: 0, max: 10 }), keepRuns: fc.integer({ min: 0, max: 8 }) },
  { requiredKeys: [] },
);

function eventsOf({ at, end, assets }: PlannedRun, runId: string): LogEvent[] {
  const steps = assets.flatMap(({ name, partition }) => {
    const step = { runId, at, key: key(`group/${name}`), partition };
    return [logged(step), materialized(step), stepFinished(step)];
  });
  const start = runStarted({ runId, at, ...(end === 'lost' && { pid: ended }) });
  return [start, ...steps, ...(end === 'finished' ? [runFinished({ runId, at })] : [])];
}

/** The rule, once more and in the plainest way. */
function expected(all: readonly StoredEvent[], gone: ReadonlySet<string>): StoredEvent[] {
  const newest = new Map<string, number>();
  for (const { id, event } of all) {
    if (event.type === 'materialized') newest.set(`${event.key} ${event.partition}`, id);
  }
  const kept = new Set(newest.values());
  return all.filter(({ id, event }) => !gone.has(event.runId) || kept.has(id));
}

async function check(log: EventLog, all: readonly StoredEvent[], gone: ReadonlySet<string>): Promise<void> {
  const events = await log.events({ limit: 10_000 });
  expect(events).toEqual(expected(all, gone));
  const database = new DatabaseSync(log.path);
  const rows = database.prepare(
    `select (select count(*) from runs where pruned = 1 and not exists (select 1 from events where run = runs.id)) as empty,
       (select count(*) from steps join runs on runs.id = run where pruned = 1) as steps`,
  );
  expect({ ...rows.get() }).toEqual({ empty: 0, steps: 0 });
  expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  database.close();
}

test('removes the oldest first where it may not take long', async () => {
  const log = await open(freshPath());
  for (let at = 0; at < 5; at++) log.append(eventsOf({ at, end: 'finished', assets: [] }, `run-${at}`));
  expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 3 });
  const left = async () => (await log.runs({ limit: 9 })).map(({ runId }) => runId);
  expect(await left()).toEqual(['run-4', 'run-3']);
  expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 1 });
  expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 0 });
  expect(await left()).toEqual(['run-4']);
  log.close();
});

test('what stays is what the rule says', { timeout: 60_000 }, async () => {
  const round = fc.record({ runs: fc.array(plannedRun, { maxLength: 6 }), options });
  const history = fc.array(round, { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(history, async (rounds) => {
      const log = await open();
      const plans = new Map<string, PlannedRun>();
      const gone = new Set<string>();
      for (const { runs, options } of rounds) {
        for (const run of runs) {
          const runId = `r${plans.size}`;
          plans.set(runId, run);
          log.append(eventsOf(run, runId));
        }
        const all = await log.events({ limit: 10_000 });
        const newestFirst = [...plans]
          .filter(([runId]) => !gone.has(runId))
          .sort(([a, x], [b, y]) => y.at - x.at || (b > a ? 1 : -1));
        const { olderThan, keepRuns } = options;
        const now = newestFirst.filter(([, { at, end }], rank) => {
          if (end === 'running' || (olderThan === undefined && keepRuns === undefined)) return false;
          return (olderThan === undefined || at < olderThan) && (keepRuns === undefined || rank >= keepRuns);
        });
        const dry = await log.prune({ ...options, dryRun: true });
        expect(await log.events({ limit: 10_000 })).toEqual(all);
        const pruned = await log.prune(options);
        for (const [runId] of now) gone.add(runId);
        const isAsked = options.olderThan !== undefined || options.keepRuns !== undefined;
        if (isAsked) await check(log, all, gone);
        else expect(await log.events({ limit: 10_000 })).toEqual(all);
        expect({ ...pruned, bytes: 0 }).toEqual({ ...dry, bytes: 0 });
        expect(pruned.runs).toBe(now.length);
        expect(pruned.events).toBe(all.length - (await log.events({ limit: 10_000 })).length);
        const left = await log.runs({ limit: 100 });
        expect(left.map(({ runId }) => runId)).toEqual(
          newestFirst.map(([runId]) => runId).filter((runId) => !gone.has(runId)),
        );
      }
      log.close();
    }),
    { numRuns: 150 },
  );
});

test('the newest materialization is still found when its run is gone', async () => {
  const log = await open();
  log.append([runStarted(), materialized({ record: { why: 'kept' } }), runFinished()]);
  await log.prune({ keepRuns: 0 });
  expect(await log.runs({ limit: 9 })).toEqual([]);
  expect(await log.run('r1')).toBe(null);
  const found = (await log.lastMaterializations([A])).get(A);
  expect(found).toMatchObject({ runId: 'r1', record: { why: 'kept' } });
});

test('the file becomes smaller, by what is said', async () => {
  const path = freshPath();
  const log = await open(path);
  for (let n = 0; n < 20; n++) {
    const lines = Array.from({ length: 200 }, () => logged({ runId: `r${n}`, message: 'x'.repeat(500) }));
    log.append([runStarted({ runId: `r${n}`, at: n }), ...lines, runFinished({ runId: `r${n}` })]);
  }
  // Into the file, so that its size means something.
  await log.prune({ olderThan: 0 });
  const before = statSync(path).size;
  const dry = await log.prune({ olderThan: 10, dryRun: true });
  const pruned = await log.prune({ olderThan: 10 });
  expect(pruned).toMatchObject({ runs: 10, steps: 10, events: 2020 });
  expect(before - statSync(path).size).toBe(pruned.bytes);
  expect(pruned.bytes).toBeGreaterThan(before * 0.4);
  expect(Math.abs(dry.bytes - pruned.bytes)).toBeLessThan(before * 0.1);
});
