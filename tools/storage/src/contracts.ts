/** Suites that every implementation of a port of this package passes. They call vitest. */
export { describeValueStore, type ValueStoreSetup } from './value-store.contract.ts';
