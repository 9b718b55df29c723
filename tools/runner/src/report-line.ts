import type { AssetKey, CheckResult } from '@nx-assets/core';
import type { Outcome, PartitionSummary, Reason } from '@nx-assets/engine';

/** One line of the report: what became of one asset, whoever took care of it. */
export interface ReportLine {
  readonly key: AssetKey;
  readonly status: Outcome['status'];
  /** What made its value, or failed to: this run, an earlier one whose output is in place, or one in Nx's cache. */
  readonly source: 'run' | 'output' | 'cache' | null;
  readonly reasons: readonly Reason[];
  readonly changed: boolean | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly milliseconds: number | null;
  readonly error: Outcome['error'];
  readonly announcements: readonly string[];
  readonly checks: readonly CheckResult[];
  /** Made elsewhere, and only observed. */
  readonly isExternal: boolean;
  /** Of an asset with partitions. */
  readonly partitions?: PartitionSummary;
}

export interface CheckedAsset {
  readonly key: AssetKey;
  /** `null` for an asset without partitions. */
  readonly partition: string | null;
  /** Why nothing could be checked. */
  readonly problem: string | null;
  readonly checks: readonly CheckResult[];
}
