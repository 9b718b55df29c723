import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Pruned, PruneOptions } from '../model.ts';
import { isGone } from '../process.ts';
import { transaction } from './database.ts';

/**
 * Removes whole runs. Runs that go on stay, and so does the newest materialization of each key and partition: its
 * event alone, when its run is removed. Each run is a transaction of its own, so that nobody waits long.
 */
export async function prune(database: DatabaseSync, options: PruneOptions): Promise<Pruned> {
  const candidates = removable(database, options);
  if (candidates.length === 0 && options.atMost !== undefined)
    return { runs: 0, steps: 0, events: 0, bytes: 0 };
  const before = fileSize(database);
  const counts = { runs: 0, steps: 0, events: 0 };
  for (const { id, pruned } of candidates) {
    const { steps, events } = options.dryRun ? count(database, id) : remove(database, id);
    counts.runs += pruned === 0 ? 1 : 0;
    counts.steps += steps;
    counts.events += events;
    await breathe();
  }
  if (options.dryRun) {
    const all = number(database, 'select count(*) from events');
    return { ...counts, bytes: all === 0 ? 0 : Math.round((before * counts.events) / all) };
  }
  await vacuum(database);
  return { ...counts, bytes: Math.max(0, before - fileSize(database)) };
}

interface Candidate {
  readonly id: number;
  readonly pruned: number;
}

interface RunRow extends Candidate {
  readonly started_at: number;
  readonly status: string | null;
  readonly pid: number;
  readonly host: string;
  readonly start: string | null;
}

/** What an earlier prune kept of a run is looked at again: it may no longer be the newest. */
function removable(database: DatabaseSync, { olderThan, keepRuns, atMost }: PruneOptions): Candidate[] {
  if (olderThan === undefined && keepRuns === undefined) return [];
  const runs = database
    .prepare(
      `select id, pruned, started_at, status, pid, host, process_start as start from runs
       order by started_at desc, run_id desc`,
    )
    .all() as unknown as RunRow[];
  const rest = runs.filter(({ pruned }) => pruned === 1);
  const old = runs
    .filter(({ pruned }) => pruned === 0)
    .slice(keepRuns ?? 0)
    .filter((run) => run.started_at < (olderThan ?? Infinity))
    .filter((run) => run.status !== null || isGone(run))
    .slice(atMost === undefined ? 0 : -atMost);
  return old.length === 0 && atMost !== undefined ? [] : [...rest, ...old];
}

/** The events of a run that may go. */
const EVENTS = `from events where run = ? and not (type = 'materialized' and not exists (
  select 1 from events as newer where newer.type = 'materialized' and newer.key = events.key
    and newer.partition = events.partition and newer.id > events.id))`;

function count(database: DatabaseSync, run: number): { steps: number; events: number } {
  return {
    steps: number(database, 'select count(*) from steps where run = ?', run),
    events: number(database, `select count(*) ${EVENTS}`, run),
  };
}

function remove(database: DatabaseSync, run: number): { steps: number; events: number } {
  return transaction(database, () => {
    const change = (text: string) => Number(database.prepare(text).run(run).changes);
    const events = change(`delete ${EVENTS}`);
    const steps = change('delete from steps where run = ?');
    change('update runs set pruned = 1 where id = ?');
    change('delete from runs where id = ? and not exists (select 1 from events where run = runs.id)');
    return { steps, events };
  });
}

/** A few pages at a time, since each part holds the write lock. */
async function vacuum(database: DatabaseSync): Promise<void> {
  const free = () => number(database, 'PRAGMA freelist_count');
  for (let left = free(), last = Infinity; left > 0 && left < last; last = left, left = free()) {
    database.exec('PRAGMA incremental_vacuum(2000)');
    await breathe();
  }
  // Until then the freed pages are free in the log alone. Readers may be in the way: the next one will do it.
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

const fileSize = (database: DatabaseSync): number =>
  number(database, 'PRAGMA page_count') * number(database, 'PRAGMA page_size');

const number = (database: DatabaseSync, text: string, ...values: readonly number[]): number =>
  Number(Object.values(database.prepare(text).get(...values) ?? {})[0]);
