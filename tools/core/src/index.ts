export { asset } from './asset.ts';
export type { AssetDefinition, TableResult } from './asset-definition.ts';
export {
  type AnyAsset,
  type Asset,
  type Backfill,
  type ByPartition,
  type Check,
  type Deps,
  type InputsOf,
  isAsset,
  type Output,
  type RowOf,
  type Siblings,
  type Upstream,
  type ValueOf,
} from './asset-model.ts';
export { escapePattern, fromFolder, fromRoot, isPattern } from './asset-reads.ts';
export { PARTITION_IN_PATH, partitionName } from './partition-name.ts';
export { assets, type AssetSet, entriesOf, memberOf, membersOf } from './asset-set.ts';
export { multiAsset, type MultiAssetDefinition, type OutputDefinition, type Outputs } from './multi-asset.ts';
export {
  accepted,
  newest,
  notNull,
  pattern,
  range,
  refersTo,
  rowCount,
  sameSchema,
  unique,
} from './check.ts';
export type {
  CheckAnswer,
  CheckFunction,
  CheckOptions,
  CheckResult,
  CheckSubject,
  Severity,
  Statistic,
} from './check-model.ts';
export type { DocumentAsset, FileAsset, TableAsset } from './typed-asset.ts';
export { steady, type SteadyOptions, steadyRowCount } from './steady.ts';
export { CHECKED, checksOn, type ChecksOnOptions } from './checks-on.ts';
export { type CheckScene, runChecks } from './check-run.ts';
export {
  type Control,
  type ControlOptions,
  type DuckDbLimits,
  type RetryPolicy,
  toControl,
  waitBefore,
} from './control.ts';
export { env, secret, type Variable } from './config/variable.ts';
export type { Given, ConfigValues } from './config/values.ts';
export type { Context, CopyOptions, PartitionKeys } from './context.ts';
export type { Json } from './json.ts';
export type { Logger } from './logger.ts';
export type { DefinitionScope } from './definition.ts';
export {
  isOtherDefinition,
  type OtherDefinition,
  type OtherFacts,
  type OtherManifest,
} from './other-manifest.ts';
export { AssetError, type Blame, type DiagnosticCode, DIAGNOSTICS } from './diagnostics.ts';
export {
  type AgePolicy,
  type DeadlinePolicy,
  type Duration,
  type Freshness,
  freshnessAt,
  type FreshnessPolicy,
  milliseconds,
  toFreshness,
} from './freshness.ts';
export { buildGraph, type Graph, type Node, prerequisitesOf } from './graph.ts';
export {
  type Hook,
  type HookContext,
  type HookFunction,
  hookName,
  isMessenger,
  type JobEvent,
  type JobFailure,
  type JobStep,
  type Message,
  type Messenger,
  type MessengerScope,
  type Sent,
} from './hook.ts';
export { job, type Job, type JobDefinition, type JobSelection } from './job.ts';
export type { JobFacts, OpFacts } from './job-manifest.ts';
export {
  assetKey,
  type AssetKey,
  type DataVersion,
  definitionKey,
  type DefinitionKey,
  groupOf,
  nameOf,
  opKey,
  parseAssetKey,
} from './key.ts';
export { type AnyOp, ASSETS, isOp, op, type Op, type OpContext, type OpDefinition } from './op.ts';
export type { AssetManifest, CodeManifest, ConfigManifest, OutputManifest } from './manifest.ts';
export type { GroupManifest } from './group-manifest.ts';
export {
  allPartitions,
  customMapping,
  existingPartitions,
  lastPartition,
  mapPartitions,
  sameTime,
  trailing,
} from './partitions/map-dep.ts';
export type { CustomMapping } from './partitions/mapping-spec.ts';
export { type Previous, previous } from './partitions/previous.ts';
export {
  cronWindows,
  daily,
  dynamicPartitions,
  hourly,
  monthly,
  type Partition,
  type PartitionOf,
  type Partitions,
  type ProductPartition,
  type StaticPartition,
  staticPartitions,
  type TimePartition,
  twoDimensions,
  weekly,
} from './partitions/partitions.ts';
export {
  configured,
  resource,
  type Resource,
  type ResourceConfig,
  type Resources,
  type ResourceScope,
} from './resource.ts';
export { identifier, isSql, sql, type Sql, type SqlValue } from './sql.ts';
export type {
  Column,
  ColumnType,
  ColumnFilter,
  FileValue,
  JsonDocument,
  Table,
  TableQuery,
} from './table.ts';
