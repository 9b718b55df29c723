// The light entry: planning. Nothing here loads definitions, zod or DuckDB.
export { actionKey, hashEnv, type Ingredients } from './action-key.ts';
export { configFor } from './config.ts';
export { decide, type Decision, type Situation } from './decide.ts';
export type { GroupSource } from './definitions.ts';
export type { Failure, OpOutcome, Outcome, PartitionTally, RunEvent } from './events.ts';
export { describeFacts } from './facts.ts';
export { type Input, inputsOf } from './inputs.ts';
export { lastObservation, observe } from './observation.ts';
export {
  Partitioning,
  type PartitionKey,
  type PartitionWorld,
  type Wanted,
  withUpstream,
} from './partitioning.ts';
export { plan, type PlannedStep, type PlanOptions, recipesOnDisk, type World } from './plan.ts';
export { dataTimes, type Standing, statusesOf } from './status.ts';
export { describeFreshness, describeReason, describeReasons, type Reason } from './reason.ts';
export { Redactor, secretsIn } from './redact.ts';
export { takeSlot } from './slots.ts';
