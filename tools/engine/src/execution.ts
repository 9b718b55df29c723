// The heavy entry: what computes.
export { type GroupSource, loadDefinitions, type NamedAsset } from './definitions.ts';
export { execute, type ExecuteOptions } from './execute.ts';
export { checkMaterialized } from './check-materialized.ts';
export { authorStack, toFailure } from './failure.ts';
export { runStep, type StepOrder, type Workshop } from './step.ts';
export { engineVersions } from './versions.ts';
