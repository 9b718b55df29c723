import type { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { queryBuilder } from './query-builder.ts';
import {
  readChecks,
  readEvents,
  readLastEvent,
  readLastMaterializations,
  readLogs,
  readMaterialization,
  readMaterializations,
} from './read-events.ts';
import { readRun, readRuns, readSteps } from './read-runs.ts';
import {
  readDataVersionsAt,
  readDurations,
  readLastPartitionSteps,
  readLastSteps,
  readRecentSteps,
} from './read-steps.ts';
import type { Schema } from './schema.ts';

export type Reads = ReturnType<typeof readsOf>;

/** All reads, in one module, so that one `import()` brings them, and the query builder with them. */
export function readsOf(database: DatabaseSync) {
  const db = queryBuilder(database);
  const bind =
    <Args extends unknown[], Result>(read: (db: Kysely<Schema>, ...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      read(db, ...args);
  return {
    runs: bind(readRuns),
    run: bind(readRun),
    steps: bind(readSteps),
    logs: bind(readLogs),
    events: bind(readEvents),
    materialization: bind(readMaterialization),
    materializations: bind(readMaterializations),
    lastMaterializations: bind(readLastMaterializations),
    dataVersionsAt: bind(readDataVersionsAt),
    checks: bind(readChecks),
    durations: bind(readDurations),
    lastSteps: bind(readLastSteps),
    lastPartitionSteps: bind(readLastPartitionSteps),
    recentSteps: bind(readRecentSteps),
    lastEvent: bind(readLastEvent),
  };
}
