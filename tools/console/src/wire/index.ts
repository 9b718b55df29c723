/**
 * What the server says to pages. Plain data, as types, and by which addresses it is asked for. Times are
 * milliseconds since the epoch, spans milliseconds, and an asset is named by its key, `group/name`.
 */
export type {
  AssetStatus,
  Failure,
  PartitionCounts,
  RunStatus,
  Status,
  StepMark,
  StepStatus,
} from './status.ts';
export type { AssetView, GroupView, JobView, Problem, WorkspaceView } from './workspace.ts';
export type {
  AssetDetail,
  ColumnView,
  MaterializationView,
  PreviewView,
  RecordView,
  WhyLink,
} from './asset.ts';
export type { PartitionView, PartitionsView } from './partitions.ts';
export type { LogLine, LogPage, RunDetail, RunView, StepView } from './runs.ts';
export type { RunRequest, RunStarted } from './run-request.ts';
export type { CheckView } from './checks.ts';
export type { AutomationLine, AutomationView, TickTree, TickView } from './automation.ts';
export type { AssetDiff, CompareView, RowsDiff } from './compare.ts';
export type { LiveEvent } from './live.ts';
export type { ErrorView } from './error.ts';
export { addressOf, type Answers, type ParamsOf, type Path } from './answers.ts';
