import type { Generated } from 'kysely';

/**
 * The tables, for the query builder; `migrations.ts` makes them. JSON is text. A partition is never NULL, since NULLs
 * are all different to a unique index: '' is an asset without partitions.
 */
export interface Schema {
  readonly runs: RunsTable;
  readonly steps: StepsTable;
  readonly events: EventsTable;
  readonly logs: LogsView;
  readonly materializations: MaterializationsView;
  readonly check_results: CheckResultsView;
}

interface RunsTable {
  /** Small, where a run's own id is long and would be in every event and index. */
  readonly id: Generated<number>;
  readonly run_id: string;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly status: string | null;
  readonly command: string;
  readonly requested: string;
  readonly pid: number;
  readonly host: string;
  readonly process_start: string | null;
  /** 1 where all was removed but materializations that are still the newest of their keys. */
  readonly pruned: Generated<number>;
}

export interface StepsTable {
  readonly id: Generated<number>;
  readonly run: number;
  readonly key: string;
  readonly partition: string;
  readonly status: string;
  readonly attempt: number;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly reasons: string;
  readonly changed: number | null;
  readonly row_count: number | null;
  readonly bytes: number | null;
  readonly data_version: string | null;
  readonly error: string | null;
  readonly log_lines: Generated<number>;
  readonly dropped_lines: Generated<number>;
}

interface EventsTable {
  readonly id: Generated<number>;
  readonly run: number;
  readonly at: number;
  readonly type: string;
  /** NULL for events of the whole run. */
  readonly key: string | null;
  readonly partition: string | null;
  /** The rest of the event. */
  readonly payload: string;
}

interface StepEventView {
  readonly id: number;
  readonly run: number;
  readonly run_id: string;
  readonly at: number;
  readonly key: string;
  readonly partition: string;
}

interface LogsView extends StepEventView {
  readonly level: string;
  readonly message: string;
}

interface MaterializationsView extends StepEventView {
  readonly data_version: string;
  readonly action_key: string;
  readonly code_version: string;
  readonly row_count: number | null;
  readonly bytes: number | null;
  readonly record: string;
}

interface CheckResultsView extends StepEventView {
  readonly name: string;
  readonly severity: string;
  readonly passed: number;
  readonly facts: string;
}
