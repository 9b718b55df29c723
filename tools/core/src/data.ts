// What definitions say, as data, for whoever reads that and defines nothing. Each nx command loads this: neither zod nor
// what checks definitions belongs here.
export { isPattern } from './asset-reads.ts';
export type { CheckResult } from './check-model.ts';
export { AssetError } from './diagnostics.ts';
export { prerequisitesOf } from './graph.ts';
export type { GroupManifest } from './group-manifest.ts';
export type { Json } from './json.ts';
export { type AssetKey, type DataVersion, groupOf, nameOf } from './key.ts';
export type { AssetManifest, CodeManifest, OutputManifest } from './manifest.ts';
export type { OtherManifest } from './other-manifest.ts';
export { PARTITION_IN_PATH } from './partition-name.ts';
export type { Column } from './table.ts';
