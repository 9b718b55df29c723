// Suites for tests of whoever implements a port of the engine.
export { locksContract } from './contracts/locks.contract.ts';
export { type RunnerHarness, stepRunnerContract } from './contracts/step-runner.contract.ts';
