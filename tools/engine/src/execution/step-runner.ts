import type { AssetManifest } from '@nx-assets/core';
import type { Outcome, RunEvent } from '../events.ts';
import type { AssetPartition } from './asset-partition.ts';

/** What is made in one go: a value, the partitions of a ranged step, or all that one function makes. */
export interface StepUnit {
  /** The asset whose function is called; where it makes several, the first that was asked for. */
  readonly manifest: AssetManifest;
  readonly partitions: readonly AssetPartition[];
}

/** What a runner is given besides the unit. */
export interface StepScene {
  /** Ends the unit: what has not finished then is `cancelled`. */
  readonly signal: AbortSignal;
  /** Hears what steps say on their way. What they came to is the result, and is not said here. */
  emit(event: RunEvent): void;
}

/**
 * Runs units, here or elsewhere: each is brought up to date, which may come to finding that it is. Gives exactly one
 * outcome for each partition of the unit that was asked for, whatever happens to the step, and one for each co-product that
 * was made on the way; a rejection is a bug of the runner. No upstream has failed when it is called.
 */
export interface StepRunner {
  run(unit: StepUnit, scene: StepScene): Promise<readonly Outcome[]>;
}
