import type { ScheduleSpec } from './automation/schedule-times.ts';
import type { RunConfig } from './config/run-config.ts';
import type { Control } from './control.ts';
import type { AssetKey } from './key.ts';

/** A job as data. */
export interface JobFacts {
  readonly type: 'job';
  /** The selection as text. */
  readonly select: string;
  /** What it selects, deps first; `null` where that is only known when it runs, because it asks for statuses. */
  readonly assets: readonly AssetKey[] | null;
  readonly before: readonly OpFacts[];
  readonly after: readonly OpFacts[];
  readonly partition: string | null;
  readonly config: RunConfig;
  readonly schedule: ScheduleSpec | null;
  readonly onSuccess: readonly string[];
  readonly onFailure: readonly string[];
  /** Names of the environment variables that nobody may read, of ops, their resources and hooks. */
  readonly secrets: readonly string[];
}

/** An op of a job as data. */
export interface OpFacts {
  readonly name: string;
  readonly description: string;
  /** Alias to the asset whose value it takes. */
  readonly deps: Readonly<Record<string, AssetKey>>;
  readonly control: Control;
}
