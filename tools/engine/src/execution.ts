// The heavy entry: what computes.
export { type GroupSource, loadDefinitions, loadGroups, type NamedAsset } from './definitions.ts';
export { execute, type ExecuteOptions } from './execute.ts';
export { runOps, type OpsOptions, type OpsResult } from './ops.ts';
export { checkMaterialized } from './check-materialized.ts';
export { authorStack, toFailure } from './failure.ts';
export { withoutExit } from './no-exit.ts';
export { type Slot, takeSlot } from './slots.ts';
export { queriesOn } from './queries.ts';
export { runStep, type StepOrder, type Workshop } from './step.ts';
export { Redactor, secretsIn } from './redact.ts';
export { engineVersions } from './versions.ts';
