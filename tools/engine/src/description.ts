// The entry for looking at definitions: what they are, and what they consist of.
export { Code } from './code/closure.ts';
export { type GroupSource, loadDefinitions, loadGroups, type NamedAsset } from './definitions.ts';
export { describe, type Description } from './describe.ts';
export { forbidIo } from './forbid-io.ts';
export { explainLoadError } from './load-error.ts';
export { watchLoading } from './loaded-code.ts';
export { authorStack } from './failure.ts';
