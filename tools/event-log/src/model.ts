import type { AssetKey, Json } from '@nx-assets/core';
import type { EventOf, LogEvent, LogLevel, RunResult, StepResult } from './events.ts';

/** `lost`: it has no end, and its process is gone. */
export type RunStatus = RunResult | 'running' | 'lost';
/** `lost`: it has no end, and its run has ended or is lost. */
export type StepStatus = StepResult | 'running' | 'lost';

export interface Run {
  readonly runId: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly command: readonly string[];
  readonly requested: readonly AssetKey[];
  readonly pid: number;
  readonly host: string;
  /** How many steps have each status; a status that none has is left out. */
  readonly steps: Readonly<Partial<Record<StepStatus, number>>>;
}

/** What is known of one asset, or one partition of it, in one run. */
export interface Step {
  readonly runId: string;
  readonly key: AssetKey;
  readonly partition: string | null;
  readonly status: StepStatus;
  /** How often it was tried, this time included. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  readonly reasons: Json;
  readonly changed: boolean | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly dataVersion: string | null;
  readonly error: Json | null;
  readonly logLines: number;
  /** Lines beyond the limit of a step, which are not kept. */
  readonly droppedLines: number;
}

/** An event and its place in history. Ids grow in the order of commits, so a follower that asks after one misses none. */
export interface StoredEvent {
  readonly id: number;
  readonly event: LogEvent;
}

export interface LogLine {
  readonly id: number;
  readonly at: number;
  readonly key: AssetKey;
  readonly partition: string | null;
  readonly level: LogLevel;
  readonly message: string;
}

type Stored<T extends LogEvent['type']> = Omit<EventOf<T>, 'type'> & { readonly id: number };
export type Materialization = Stored<'materialized'>;
export type CheckResult = Stored<'checked'>;

export interface RunsOptions {
  readonly limit: number;
  /** Only runs that are older than this one: the last of the page before. */
  readonly before?: Pick<Run, 'startedAt' | 'runId'>;
  readonly status?: RunStatus;
  /** Only runs with a step of this asset. */
  readonly key?: AssetKey;
}

export interface LogsOptions {
  readonly limit: number;
  readonly key?: AssetKey;
  /** The id of the last line that is known already. */
  readonly after?: number;
}

export interface EventsOptions {
  readonly limit: number;
  readonly runId?: string;
  /** The id of the last event that is known already. */
  readonly after?: number;
}

export interface ChecksOptions {
  readonly limit: number;
  /** Only results of this check. */
  readonly check?: string;
  readonly passed?: boolean;
}

export interface MaterializationsOptions {
  readonly limit: number;
  /** `null` asks for those without a partition; left out, for all. */
  readonly partition?: string | null;
  /** Only those that made this data. */
  readonly dataVersion?: string;
}

/** With both, a run must be old enough and not among the newest. With neither, nothing is removed. */
export interface PruneOptions {
  /** Only runs that started before this time, in milliseconds since the epoch. */
  readonly olderThan?: number;
  /** So many of the newest runs stay. */
  readonly keepRuns?: number;
  /** No more runs than these, the oldest first: for a caller that must not wait long. */
  readonly atMost?: number;
  /** Says what would be removed, and removes nothing. */
  readonly dryRun?: boolean;
}

export interface Pruned {
  readonly runs: number;
  readonly steps: number;
  readonly events: number;
  /** By which what is kept became smaller; an estimate in a dry run. */
  readonly bytes: number;
}
