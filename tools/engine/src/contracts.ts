// For tests: suites for whoever implements a port of the engine, and manifests for whoever reads them.
export { locksContract } from './contracts/locks.contract.ts';
export { type RunnerHarness, stepRunnerContract } from './contracts/step-runner.contract.ts';
export {
  afterDays,
  DAYS,
  DAYS_AND_REGIONS,
  manifestOf,
  REGIONS,
  WEEKS,
} from './contracts/sample-manifests.ts';
