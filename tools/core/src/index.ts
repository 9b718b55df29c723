export {
  type AnyAsset,
  asset,
  type Asset,
  type AssetDefinition,
  type Deps,
  type InputsOf,
  isAsset,
} from './asset.ts';
export type { Output, RowOf, TableResult, Upstream, ValueOf } from './asset.ts';
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
export type { Context, CopyOptions, Json, Logger } from './context.ts';
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
export { assetKey, type AssetKey, type DataVersion, groupOf, nameOf, parseAssetKey } from './key.ts';
export type { AssetManifest, CodeManifest, GroupManifest, OutputManifest } from './manifest.ts';
export { resource, type Resource, type Resources, type ResourceScope } from './resource.ts';
export { identifier, isSql, sql, type Sql, type SqlValue } from './sql.ts';
export type { Column, ColumnType, Condition, FileValue, JsonDocument, Table, TableQuery } from './table.ts';
