import type { AssetKey } from '@nx-assets/core';
import { type Kysely, sql } from 'kysely';
import type { Run, RunsOptions, RunStatus, Step, StepStatus } from '../model.ts';
import { isGone } from '../process.ts';
import { parse, toStep } from './rows.ts';
import type { Schema } from './schema.ts';

/** Newest first. */
export async function readRuns(db: Kysely<Schema>, options: RunsOptions): Promise<Run[]> {
  const { limit, status } = options;
  const found: Run[] = [];
  let { before } = options;
  for (;;) {
    const wanted = limit - found.length;
    const page = await readPage(db, { ...options, limit: wanted, ...(before && { before }) });
    // Whether a run is lost is known to the system, and not to the file.
    found.push(...page.filter((run) => status === undefined || run.status === status));
    before = page.at(-1);
    if (page.length < wanted || found.length >= limit || !before) return found;
  }
}

async function readPage(db: Kysely<Schema>, { limit, before, status, key }: RunsOptions): Promise<Run[]> {
  let query = selectRuns(db).orderBy('started_at', 'desc').orderBy('run_id', 'desc').limit(limit);
  if (status === 'running' || status === 'lost') query = query.where('status', 'is', null);
  else if (status !== undefined) query = query.where('status', '=', status);
  if (key !== undefined) {
    query = query.where('id', 'in', (inner) =>
      inner.selectFrom('steps').select('steps.run').where('steps.key', '=', key),
    );
  }
  if (before) {
    query = query.where(sql<boolean>`(started_at, run_id) < (${before.startedAt}, ${before.runId})`);
  }
  return (await query.execute()).map(toRun);
}

export async function readRun(db: Kysely<Schema>, runId: string): Promise<Run | null> {
  const row = await selectRuns(db).where('run_id', '=', runId).executeTakeFirst();
  return row ? toRun(row) : null;
}

/** In the order in which they began. */
export async function readSteps(db: Kysely<Schema>, runId: string): Promise<Step[]> {
  const run = await readRun(db, runId);
  if (!run) return [];
  const rows = await db
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run')
    .selectAll('steps')
    .select('runs.run_id')
    .where('runs.run_id', '=', runId)
    .orderBy('steps.started_at')
    .orderBy('steps.id')
    .execute();
  return rows.map((row) => toStep(row, openStatus(run.status)));
}

const openStatus = (status: RunStatus) => (status === 'running' ? 'running' : 'lost');

interface RunRow {
  readonly run_id: string;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly status: string | null;
  readonly command: string;
  readonly requested: string;
  readonly pid: number;
  readonly host: string;
  readonly process_start: string | null;
  readonly steps: string;
}

function selectRuns(db: Kysely<Schema>) {
  return db
    .selectFrom('runs')
    .where('pruned', '=', 0)
    .select(['run_id', 'started_at', 'finished_at', 'status', 'command', 'requested'])
    .select(['pid', 'host', 'process_start'])
    .select(
      sql<string>`(select json_group_object(status, n) from
        (select status, count(*) as n from steps where steps.run = runs.id group by status))`.as('steps'),
    );
}

function toRun(row: RunRow): Run {
  const { pid, host } = row;
  const open = () => (isGone({ pid, host, start: row.process_start }) ? 'lost' : 'running');
  const status = (row.status as RunStatus | null) ?? open();
  const { running, ...ended } = parse(row.steps) as Partial<Record<StepStatus, number>>;
  return {
    runId: row.run_id,
    status,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    command: parse(row.command) as string[],
    requested: parse(row.requested) as AssetKey[],
    pid,
    host,
    steps: running === undefined ? ended : { ...ended, [openStatus(status)]: running },
  };
}
