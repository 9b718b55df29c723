export type Status = 'fresh' | 'stale' | 'due' | 'overdue' | 'failed' | 'missing';

export type StepStatus =
  'running' | 'materialized' | 'up-to-date' | 'failed' | 'blocked' | 'cancelled' | 'done' | 'lost';

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** What is known of an asset now. */
export interface AssetStatus {
  /** Those that are true, the most urgent first; never empty. */
  readonly statuses: readonly Status[];
  /** Why it is not fresh, or what kept it so, in a few words. */
  readonly why: string;
  /** Upstream assets of which the data that it was made from is not what there is now. */
  readonly staleFrom: readonly string[];
  readonly rowCount: number | null;
  readonly bytes: number | null;
  /** When what is there was made. */
  readonly madeAt: number | null;
  readonly failure: Failure | null;
  readonly partitions: PartitionCounts | null;
  /** Of the checks of what is there. */
  readonly checks: { readonly passed: number; readonly warned: number; readonly failed: number };
  /** Its last steps that came to an end, the oldest first, at most twelve. */
  readonly last: readonly StepMark[];
}

export interface StepMark {
  readonly runId: string;
  readonly status: StepStatus;
  readonly at: number;
  /** How long it took. */
  readonly took: number;
  readonly rowCount: number | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stack: string | null;
  /** Whose bug it is, in a word. */
  readonly blame: string;
  readonly runId: string | null;
  readonly at: number | null;
}

export interface PartitionCounts {
  readonly total: number;
  readonly fresh: number;
  readonly stale: number;
  readonly missing: number;
  readonly failed: number;
}
