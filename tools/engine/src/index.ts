// The light entry: planning. Nothing here loads definitions, zod or DuckDB.
export { actionKey, hashEnv, type FingerprintInputs } from './action-key.ts';
export { configFor } from './config.ts';
export { decide, type Decision, type StepState } from './decide.ts';
export type { GroupSource } from './definitions.ts';
export type { Failure, OpOutcome, Outcome, PartitionSummary, RunEvent } from './events.ts';
export { describeFacts } from './facts.ts';
export { type Input, inputsOf } from './inputs.ts';
export { lastObservation, observe } from './observation.ts';
export {
  Partitioning,
  type PartitionKey,
  type PartitionSource,
  readsOf,
  type Wanted,
  withUpstream,
} from './partitioning.ts';
export { plan, type PlannedStep, type PlanOptions, fingerprintsOnDisk, type StateReader } from './plan.ts';
export { dataTimes, type StatusFacts, statusesOf } from './status.ts';
export {
  describeFreshness,
  describeMissing,
  describeReason,
  describeReasons,
  type Reason,
} from './reason.ts';
export { emitTo, type RunListener } from './listeners.ts';
export { Redactor, secretsIn } from './redact.ts';
export { localLocks } from './execution/locks.ts';
