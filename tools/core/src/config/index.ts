// The entry for what runs assets: where their configs come from, and what is wrong with them. Definitions need `env` and
// `secret` alone.
export { environmentOf, knownEnvironments } from './environment.ts';
export {
  configError,
  configOfResource,
  configOfRun,
  configProblems,
  unknownEnvironment,
} from './problems.ts';
export {
  checkRunConfig,
  configGiven,
  configOfAsset,
  mergeRunConfigs,
  parseAssignment,
  type RunConfig,
  unknownIn,
} from './run-config.ts';
export { type AnyValues, type Resolved, resolveValues } from './values.ts';
export { secretNamesIn } from './variable.ts';
