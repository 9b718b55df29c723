// The heavy entry: what computes.
export { type GroupSource, loadDefinitions, loadGroups, type NamedAsset } from './definitions.ts';
export { describeDefinition } from './describe-definition.ts';
export { outputOf } from './describe-outputs.ts';
export type { AssetPartition } from './execution/asset-partition.ts';
export { execute, type ExecuteOptions } from './execution/execute.ts';
export { InProcessRunner, type InProcessOptions } from './execution/in-process-runner.ts';
export { type Lock, localLocks, type Locks } from './execution/locks.ts';
export { outcomeOf } from './execution/outcome.ts';
export { runOps, type OpsOptions, type OpsResult } from './execution/ops.ts';
export { checkMaterialized } from './execution/check-materialized.ts';
export { authorStack, toFailure } from './failure.ts';
export { withoutExit } from './execution/no-exit.ts';
export { queriesOn } from './execution/queries.ts';
export { runStep } from './execution/step.ts';
export type { StepEnvironment, StepOrder } from './execution/step-environment.ts';
export type { StepRunner, StepScene, StepUnit } from './execution/step-runner.ts';
export { Redactor, secretsIn } from './redact.ts';
export { engineVersions } from './versions.ts';
