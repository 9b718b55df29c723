import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { logged, materialized, runFinished, runStarted, stepFinished } from '../contracts/sample-events.ts';
import { freshPath, open } from './test-support.ts';

test('nothing is left of a run but its newest materializations', async () => {
  const log = await open();
  const step = { runId: 'r2', at: 2_000 };
  await log.append([runStarted(), materialized(), stepFinished(), runFinished()]);
  await log.append([runStarted(step), logged(step), stepFinished(step), runFinished({ ...step, at: 3_000 })]);
  await log.prune({ keepRuns: 0 });
  const database = new DatabaseSync(log.path);
  const rows = database.prepare(
    `select (select count(*) from runs where pruned = 1 and not exists (select 1 from events where run = runs.id)) as empty,
       (select count(*) from steps join runs on runs.id = run where pruned = 1) as steps`,
  );
  expect({ ...rows.get() }).toEqual({ empty: 0, steps: 0 });
  expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  database.close();
});

test('the file becomes smaller, by what is said', async () => {
  const path = freshPath();
  const log = await open(path);
  for (let n = 0; n < 20; n++) {
    const lines = Array.from({ length: 200 }, () => logged({ runId: `r${n}`, message: 'x'.repeat(500) }));
    await log.append([runStarted({ runId: `r${n}`, at: n }), ...lines, runFinished({ runId: `r${n}` })]);
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
