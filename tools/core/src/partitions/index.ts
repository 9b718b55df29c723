// What commands and runs need of partitions, beside their definitions.
export { choosePartitions } from './choose.ts';
export type { CustomMapping, Mapping } from './mapping-spec.ts';
export { defaultMapping, downstreamKeys, type Sides, upstreamKeys } from './mapping.ts';
export { missingKeys } from './missing.ts';
export { checkKeys } from './partitions.ts';
export { Places } from './places.ts';
export { type Bounds, type PartitionScene, partitionSet, type PartitionSet, type Window } from './set.ts';
export type { PartitionSpec } from './spec.ts';
