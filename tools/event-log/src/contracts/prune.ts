import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEvent } from '../events.ts';
import type { PruneOptions, StoredEvent } from '../model.ts';
import type { History } from '../ports/history.ts';
import type { Place } from './place.ts';
import { A, key, logged, materialized, runFinished, runStarted, stepFinished } from './sample-events.ts';

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

async function check(log: History, all: readonly StoredEvent[], gone: ReadonlySet<string>): Promise<void> {
  const events = await log.events({ limit: 10_000 });
  expect(events).toEqual(expected(all, gone));
}

/** Pruning removes whole runs, and never what is newest. */
export function pruneContract(place: Place): void {
  const open = () => place()();

  test('removes the oldest first where it may not take long', async () => {
    const log = await open();
    for (let at = 0; at < 5; at++)
      await log.append(eventsOf({ at, end: 'finished', assets: [] }, `run-${at}`));
    expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 3 });
    const left = async () => (await log.runs({ limit: 9 })).map(({ runId }) => runId);
    expect(await left()).toEqual(['run-4', 'run-3']);
    expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 1 });
    expect(await log.prune({ keepRuns: 1, atMost: 3 })).toMatchObject({ runs: 0 });
    expect(await left()).toEqual(['run-4']);
    await log.close();
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
            await log.append(eventsOf(run, runId));
          }
          const all = await log.events({ limit: 10_000 });
          const newestFirst = [...plans]
            .filter(([runId]) => !gone.has(runId))
            .sort(([a, x], [b, y]) => y.at - x.at || (b > a ? 1 : -1));
          const { olderThan, keepRuns } = options;
          const now = newestFirst.filter(([, { at, end }], rank) => {
            if (end === 'running' || (olderThan === undefined && keepRuns === undefined)) return false;
            return (
              (olderThan === undefined || at < olderThan) && (keepRuns === undefined || rank >= keepRuns)
            );
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
        await log.close();
      }),
      { numRuns: 150 },
    );
  });

  test('the newest materialization is still found when its run is gone', async () => {
    const log = await open();
    await log.append([runStarted(), materialized({ record: { why: 'kept' } }), runFinished()]);
    await log.prune({ keepRuns: 0 });
    expect(await log.runs({ limit: 9 })).toEqual([]);
    expect(await log.run('r1')).toBe(null);
    const found = (await log.lastMaterializations([A])).get(A);
    expect(found).toMatchObject({ runId: 'r1', record: { why: 'kept' } });
  });
}
