import type { AssetKey } from '@nx-assets/core';
import { type Kysely, sql } from 'kysely';
import type { Step } from '../model.ts';
import { parse, toStep } from './rows.ts';
import type { Schema } from './schema.ts';

const asked = (keys: readonly AssetKey[]) =>
  sql<{ value: string }>`json_each(${JSON.stringify(keys)})`.as('asked');

/** The median milliseconds of the last five steps that materialized an asset; nothing for one that never was. */
export async function readDurations(
  db: Kysely<Schema>,
  keys: readonly AssetKey[],
): Promise<Map<AssetKey, number>> {
  const rows = await db
    .selectFrom(asked(keys))
    .select('asked.value as key')
    .select(
      sql<string>`(select json_group_array(took) from (select max(finished_at - started_at, 0) as took from steps
        where steps.key = asked.value and steps.status = 'materialized' order by finished_at desc limit 5))`.as(
        'took',
      ),
    )
    .execute();
  const times = rows.map((row) => [row.key as AssetKey, parse(row.took) as number[]] as const);
  return new Map(
    times.filter(([, took]) => took.length > 0).map(([key, took]) => [key, median(took)] as const),
  );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

/** The newest step of each partition of an asset that has an end, in no order. */
export async function readLastPartitionSteps(db: Kysely<Schema>, key: AssetKey): Promise<Step[]> {
  const rows = await db
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run')
    .selectAll('steps')
    .select('runs.run_id')
    .where('steps.id', 'in', (inner) =>
      inner
        .selectFrom('steps as s')
        // SQLite takes the id of the row that has the maximum.
        .select(sql<number>`s.id`.as('id'))
        .where('s.key', '=', key)
        .where('s.partition', '<>', '')
        .where('s.finished_at', 'is not', null)
        .groupBy('s.partition')
        .having(sql`max(s.finished_at)`, 'is not', null),
    )
    .execute();
  return rows.map((row) => toStep(row, 'lost'));
}

/** The newest step of each asset that has an end. */
export async function readLastSteps(
  db: Kysely<Schema>,
  keys: readonly AssetKey[],
): Promise<Map<AssetKey, Step>> {
  const rows = await db
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run')
    .selectAll('steps')
    .select('runs.run_id')
    .where('steps.id', 'in', (inner) =>
      inner.selectFrom(asked(keys)).select(
        sql<number>`(select s.id from steps s where s.key = asked.value and s.finished_at is not null
          order by s.finished_at desc, s.id desc limit 1)`.as('id'),
      ),
    )
    .execute();
  return new Map(rows.map((row) => [row.key as AssetKey, toStep(row, 'lost')]));
}

/** What data each asset without partitions had at a time. */
export async function readDataVersionsAt(
  db: Kysely<Schema>,
  keys: readonly AssetKey[],
  at: number,
): Promise<Map<AssetKey, string>> {
  const rows = await db
    .selectFrom(asked(keys))
    .select('asked.value as key')
    .select(
      sql<string | null>`(select s.data_version from steps s where s.key = asked.value and s.partition = ''
        and s.finished_at <= ${at} and s.data_version is not null order by s.finished_at desc, s.id desc limit 1)`.as(
        'version',
      ),
    )
    .execute();
  return new Map(rows.flatMap(({ key, version }) => (version === null ? [] : [[key as AssetKey, version]])));
}

/** The last steps of each asset that have an end, the oldest first. */
export async function readRecentSteps(
  db: Kysely<Schema>,
  keys: readonly AssetKey[],
  limit: number,
): Promise<Map<AssetKey, Step[]>> {
  const rows = await db
    .selectFrom(asked(keys))
    .innerJoin('steps', (join) =>
      join.on(
        'steps.id',
        'in',
        sql<number>`(select s.id from steps s where s.key = asked.value and s.finished_at is not null
          order by s.finished_at desc, s.id desc limit ${limit})`,
      ),
    )
    .innerJoin('runs', 'runs.id', 'steps.run')
    .selectAll('steps')
    .select('runs.run_id')
    .orderBy('steps.finished_at')
    .orderBy('steps.id')
    .execute();
  return Map.groupBy(
    rows.map((row) => toStep(row, 'lost')),
    ({ key }) => key,
  );
}
