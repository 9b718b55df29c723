import type { DatabaseSync } from 'node:sqlite';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { queryBuilder } from './query-builder.ts';

/** Never edit one that was released: add the next, and raise SCHEMA_VERSION to the number of them. */
const MIGRATIONS: Record<string, Migration> = {
  '0001_events': { up: createEvents },
  '0002_automation': { up: createAutomation },
  '0003_up_to_date': { up: renameUpToDate },
};

/** Brings the schema up to date. The caller holds the transaction, so it happens as a whole or not at all. */
export async function migrate(database: DatabaseSync): Promise<void> {
  const migrator = new Migrator({
    db: queryBuilder(database),
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    disableTransactions: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error as Error;
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('run_id', 'text', (column) => column.notNull().unique())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('finished_at', 'integer')
    .addColumn('status', 'text')
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('requested', 'text', (column) => column.notNull())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('process_start', 'text')
    .addColumn('pruned', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('steps')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('partition', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('started_at', 'integer', (column) => column.notNull())
    .addColumn('finished_at', 'integer')
    .addColumn('reasons', 'text', (column) => column.notNull())
    .addColumn('changed', 'integer')
    .addColumn('row_count', 'integer')
    .addColumn('bytes', 'integer')
    .addColumn('data_version', 'text')
    .addColumn('error', 'text')
    .addColumn('log_lines', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('dropped_lines', 'integer', (column) => column.notNull().defaultTo(0))
    .addUniqueConstraint('steps_once', ['run', 'key', 'partition'])
    .execute();
  // AUTOINCREMENT: an id is never given twice, also when the newest run was removed, so that followers miss nothing.
  await db.schema
    .createTable('events')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('run', 'integer', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('key', 'text')
    .addColumn('partition', 'text')
    .addColumn('payload', 'text', (column) => column.notNull())
    .execute();
  await createIndices(db);
  await createViews(db);
}

/** An index ends with the row's id by itself, so each of these also gives the order. */
async function createIndices(db: Kysely<unknown>): Promise<void> {
  const indices = [
    'runs_by_time on runs (started_at, run_id)',
    'runs_by_status on runs (status, started_at, run_id)',
    'steps_finished on steps (key, finished_at) where finished_at is not null',
    "steps_materialized on steps (key, finished_at, started_at) where status = 'materialized'",
    'events_of_run on events (run)',
    "events_log on events (run, key) where type = 'log'",
    "events_materialized on events (key) where type = 'materialized'",
    "events_materialized_partition on events (key, partition) where type = 'materialized'",
    "events_checked on events (key) where type = 'checked'",
  ];
  for (const index of indices) await sql`create index ${sql.raw(index)}`.execute(db);
}

/** Events by kind, with columns. They cost nothing: they are read through the partial indices. */
async function createViews(db: Kysely<unknown>): Promise<void> {
  const views = {
    logs: ['log', { level: 'level', message: 'message' }],
    materializations: [
      'materialized',
      {
        data_version: 'dataVersion',
        action_key: 'actionKey',
        code_version: 'codeVersion',
        row_count: 'rowCount',
        bytes: 'bytes',
        record: '*record',
      },
    ],
    observations: ['observed', { observed_at: 'observedAt', data_version: 'dataVersion' }],
    check_results: ['checked', { name: 'check', severity: 'severity', passed: 'passed', facts: '*facts' }],
  } as const;
  for (const [view, [type, fields]] of Object.entries(views)) {
    // What has a star stays JSON.
    const columns = Object.entries(fields).map(([column, field]: [string, string]) =>
      field.startsWith('*')
        ? `payload -> '${field.slice(1)}' as ${column}`
        : `payload ->> '${field}' as ${column}`,
    );
    const common = 'events.id, events.run, runs.run_id, events.at, events.key, events.partition';
    await sql`create view ${sql.raw(view)} as select ${sql.raw([common, ...columns].join(', '))}
      from events join runs on runs.id = events.run where events.type = ${sql.lit(type)}`.execute(db);
  }
}

/** What the daemon of automation keeps: who leads, what definitions remember, what they decided and asked for. */
async function createAutomation(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `create table automation_lease (id integer primary key check (id = 1), epoch integer not null, owner text not null,
      pid integer not null, host text not null, process_start text, since integer not null, expires_at integer not null)`,
    'create table automation_states (name text primary key, state text not null) without rowid',
    // A tick that came to the same as the one before is the same row, once more.
    `create table automation_ticks (id integer primary key autoincrement, name text not null, kind text not null,
      at integer not null, last_at integer not null, times integer not null default 1, outcome text not null,
      because text not null, detail text, request text)`,
    'create index automation_ticks_by_name on automation_ticks (name, id)',
    `create table automation_requests (seq integer primary key autoincrement, id text not null unique,
      name text not null, at integer not null, created_at integer not null, because text not null, target text not null,
      status text not null, pid integer, host text, process_start text, started_at integer, finished_at integer,
      runs text not null default '[]', problem text)`,
    `create index automation_requests_open on automation_requests (status) where status in ('pending', 'running')`,
    'create index automation_requests_by_name on automation_requests (name, seq)',
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}

/**
 * Two words for a step that had nothing to do became one, as its reasons still say which of the two it was; and one
 * reason got another name.
 */
async function renameUpToDate(db: Kysely<unknown>): Promise<void> {
  const statements = [
    "update steps set status = 'up-to-date' where status in ('reused', 'cached')",
    `update events set payload = json_set(payload, '$.status', 'up-to-date')
      where type = 'step-finished' and json_valid(payload) and payload ->> 'status' in ('reused', 'cached')`,
    `update steps set reasons = replace(reasons, '"made-together"', '"sibling-runs"')
      where reasons like '%"made-together"%'`,
    `update events set payload = replace(payload, '"made-together"', '"sibling-runs"')
      where type in ('step-started', 'step-finished') and payload like '%"made-together"%'`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
