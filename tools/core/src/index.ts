export {
  type AnyAsset,
  asset,
  type Asset,
  type AssetDefinition,
  type Backfill,
  type ByPartition,
  type Deps,
  type InputsOf,
  isAsset,
  PARTITION_IN_PATH,
} from './asset.ts';
export { assets, type AssetSet, entriesOf, memberOf, membersOf } from './asset-set.ts';
export { multiAsset, type MultiAssetDefinition, type OutputDefinition, type Outputs } from './multi-asset.ts';
export type { Output, RowOf, TableResult, Together, Upstream, ValueOf } from './asset.ts';
export {
  accepted,
  type Check,
  type CheckAnswer,
  type CheckFunction,
  type CheckOptions,
  type CheckResult,
  type CheckSubject,
  newest,
  notNull,
  pattern,
  range,
  refersTo,
  rowCount,
  sameSchema,
  type Severity,
  type Statistic,
  steady,
  type SteadyOptions,
  steadyRowCount,
  unique,
} from './check.ts';
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
export type { Given, Values } from './config/values.ts';
export type { Context, CopyOptions, Json, Logger, PartitionKeys } from './context.ts';
export {
  type DefinitionScope,
  isOtherDefinition,
  type OtherDefinition,
  type OtherFacts,
  type OtherManifest,
} from './definition.ts';
export { AssetError, type Blame, type DiagnosticCode, DIAGNOSTICS } from './diagnostics.ts';
export { partitionName } from './partition-name.ts';
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
export type {
  AssetManifest,
  CodeManifest,
  ConfigManifest,
  GroupManifest,
  OutputManifest,
} from './manifest.ts';
export {
  allPartitions,
  customMapping,
  type CustomMapping,
  lastPartition,
  mapPartitions,
  sameTime,
  trailing,
} from './partitions/mapping.ts';
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
export type { Column, ColumnType, Condition, FileValue, JsonDocument, Table, TableQuery } from './table.ts';
