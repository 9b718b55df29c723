import type { DefinitionKey } from '@nx-assets/core';
import type { Failure } from '@nx-assets/engine';
import type { ReportLine } from '../report-line.ts';

/** What a job came to. */
export interface JobReport {
  readonly job: DefinitionKey;
  readonly runId: string;
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly steps: readonly JobStepReport[];
  /** What became of its assets. */
  readonly assets: readonly ReportLine[];
  /** What failed before anything could run. */
  readonly error: Failure | null;
}

/** An op, or the assets as a whole. */
export interface JobStepReport {
  readonly name: string;
  /** `blocked`: something before it failed. */
  readonly status: 'done' | 'failed' | 'blocked' | 'cancelled';
  readonly milliseconds: number | null;
  readonly error: Failure | null;
}
