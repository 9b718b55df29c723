// The light entry: planning. Nothing here loads definitions, zod or DuckDB.
export { actionKey, hashEnv, type Ingredients } from './action-key.ts';
export { decide, type Decision, type Situation } from './decide.ts';
export type { GroupSource } from './definitions.ts';
export type { Failure, Outcome, RunEvent } from './events.ts';
export { describeFacts } from './facts.ts';
export { lastObservation, observe } from './observation.ts';
export { plan, type PlannedStep, type PlanOptions, type World } from './plan.ts';
export { dataTimes, type Standing, statusesOf } from './status.ts';
export { describeFreshness, describeReason, describeReasons, type Reason } from './reason.ts';
export { Redactor, secretsIn } from './redact.ts';
