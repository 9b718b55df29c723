import type { AssetKey } from '@nx-assets/core';
import { type Kysely, sql } from 'kysely';
import type { LogLevel } from '../events.ts';
import type {
  CheckResult,
  ChecksOptions,
  EventsOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  StoredEvent,
} from '../model.ts';
import { parse, partitionOf, toEvent } from './rows.ts';
import type { Schema } from './schema.ts';

const runNumber = (runId: string) => sql<number>`(select id from runs where run_id = ${runId})`;

/** Oldest first. */
export async function readEvents(db: Kysely<Schema>, options: EventsOptions): Promise<StoredEvent[]> {
  const { after = 0, runId, limit } = options;
  let query = db
    .selectFrom('events')
    .innerJoin('runs', 'runs.id', 'events.run')
    .select(['events.id', 'runs.run_id', 'events.at', 'events.type', 'events.key', 'events.partition'])
    .select('events.payload')
    .where('events.id', '>', after)
    .orderBy('events.id')
    .limit(limit);
  if (runId !== undefined) query = query.where('events.run', '=', runNumber(runId));
  return (await query.execute()).map(toEvent);
}

/** The id of the newest event; 0 where there is none. */
export async function readLastEvent(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom('events')
    .select((make) => make.fn.max('id').as('id'))
    .executeTakeFirst();
  return row?.id ?? 0;
}

/** Oldest first. */
export async function readLogs(db: Kysely<Schema>, runId: string, options: LogsOptions): Promise<LogLine[]> {
  const { after = 0, key, limit } = options;
  let query = db
    .selectFrom('logs')
    .select(['id', 'at', 'key', 'partition', 'level', 'message'])
    .where('run', '=', runNumber(runId))
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit);
  if (key !== undefined) query = query.where('key', '=', key);
  const rows = await query.execute();
  return rows.map((row) => ({
    ...row,
    key: row.key as AssetKey,
    partition: partitionOf(row.partition),
    level: row.level as LogLevel,
  }));
}

const selectMaterializations = (db: Kysely<Schema>) => db.selectFrom('materializations').selectAll();
type MaterializationRow = Awaited<ReturnType<ReturnType<typeof selectMaterializations>['execute']>>[number];

function toMaterialization(row: MaterializationRow): Materialization {
  return {
    id: row.id,
    at: row.at,
    runId: row.run_id,
    key: row.key as AssetKey,
    partition: partitionOf(row.partition),
    dataVersion: row.data_version,
    actionKey: row.action_key,
    codeVersion: row.code_version,
    rowCount: row.row_count,
    bytes: row.bytes,
    record: parse(row.record),
  };
}

/** Newest first. */
export async function readMaterializations(
  db: Kysely<Schema>,
  key: AssetKey,
  { partition, dataVersion, limit }: MaterializationsOptions,
): Promise<Materialization[]> {
  let query = selectMaterializations(db).where('key', '=', key).orderBy('id', 'desc').limit(limit);
  if (partition !== undefined) query = query.where('partition', '=', partition ?? '');
  if (dataVersion !== undefined) query = query.where('data_version', '=', dataVersion);
  return (await query.execute()).map(toMaterialization);
}

export async function readMaterialization(db: Kysely<Schema>, id: number): Promise<Materialization | null> {
  const row = await selectMaterializations(db).where('id', '=', id).executeTakeFirst();
  return row ? toMaterialization(row) : null;
}

export async function readLastMaterializations(
  db: Kysely<Schema>,
  keys: readonly AssetKey[],
): Promise<Map<AssetKey, Materialization>> {
  const rows = await selectMaterializations(db)
    .where(
      sql<boolean>`id in (select (select max(id) from events where type = 'materialized' and key = asked.value)
        from json_each(${JSON.stringify(keys)}) as asked)`,
    )
    .execute();
  return new Map(rows.map(toMaterialization).map((found) => [found.key, found]));
}

/** Newest first. */
export async function readChecks(
  db: Kysely<Schema>,
  key: AssetKey,
  { limit, check, passed }: ChecksOptions,
): Promise<CheckResult[]> {
  let query = db
    .selectFrom('check_results')
    .selectAll()
    .where('key', '=', key)
    .orderBy('id', 'desc')
    .limit(limit);
  if (check !== undefined) query = query.where('name', '=', check);
  if (passed !== undefined) query = query.where('passed', '=', passed ? 1 : 0);
  return (await query.execute()).map((row) => ({
    id: row.id,
    at: row.at,
    runId: row.run_id,
    key: row.key as AssetKey,
    partition: partitionOf(row.partition),
    check: row.name,
    severity: row.severity as CheckResult['severity'],
    passed: row.passed === 1,
    facts: parse(row.facts),
  }));
}
