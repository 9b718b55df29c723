import type { AssetKey } from '@nx-assets/core';
import type {
  CheckResult,
  ChecksOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  Run,
  RunsOptions,
  Step,
} from '../model.ts';

/**
 * Answers what runs did. Times are milliseconds since the epoch. Rejects with `HISTORY_UNREADABLE` or an error of the
 * store where it cannot be read; what is not there is `null`, or empty.
 */
export interface HistoryReader {
  /** Newest first. */
  runs(options: RunsOptions): Promise<Run[]>;
  /** `null` where there is no such run, or it was pruned. */
  run(runId: string): Promise<Run | null>;
  /** The steps of a run, in the order in which they began. */
  steps(runId: string): Promise<Step[]>;
  /** The log lines of a run, oldest first. */
  logs(runId: string, options: LogsOptions): Promise<LogLine[]>;
  /** Newest first. */
  materializations(key: AssetKey, options: MaterializationsOptions): Promise<Materialization[]>;
  /** By its id; `null` where it was removed, or never was. */
  materialization(id: number): Promise<Materialization | null>;
  /** The newest of each asset, whichever partition it is of. Assets without one are left out. */
  lastMaterializations(keys: readonly AssetKey[]): Promise<Map<AssetKey, Materialization>>;
  /**
   * The data version that each asset without partitions had at a time, by the newest of its steps that had ended then and left
   * it with data: also those that were up to date, or restored. Assets without such a step are left out.
   */
  dataVersionsAt(keys: readonly AssetKey[], at: number): Promise<Map<AssetKey, string>>;
  /** Newest first. */
  checks(key: AssetKey, options: ChecksOptions): Promise<CheckResult[]>;
  /** The median milliseconds of the last five steps that materialized an asset. Assets without one are left out. */
  durations(keys: readonly AssetKey[]): Promise<Map<AssetKey, number>>;
  /** The newest finished step of each asset. */
  lastSteps(keys: readonly AssetKey[]): Promise<Map<AssetKey, Step>>;
  /** The newest finished step of each partition of an asset, in no order. */
  lastPartitionSteps(key: AssetKey): Promise<Step[]>;
  /** The last finished steps of each asset, at most `limit` of each, oldest first. */
  recentSteps(keys: readonly AssetKey[], limit: number): Promise<Map<AssetKey, Step[]>>;
}
