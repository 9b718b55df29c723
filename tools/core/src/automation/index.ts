export {
  allUpstreams,
  and,
  anyUpstream,
  codeChanged,
  type Condition,
  cron,
  dataChanged,
  eager,
  inProgress,
  isOfLatest,
  latestWindow,
  missing,
  not,
  onCron,
  onMissing,
  or,
} from './condition.ts';
export { schedule, type Schedule, type ScheduleDefinition, type ScheduleFacts } from './schedule.ts';
export type { CatchUp, ScheduleSpec } from './schedule-times.ts';
export {
  type OneLook,
  type RunRequest,
  type Seen,
  sensor,
  type Sensor,
  type SensorContext,
  type SensorDefinition,
  type SensorFacts,
  type SensorFunction,
} from './sensor.ts';
export type { Runnable, RunOptions, Target } from './target.ts';
export {
  files,
  type FilesOptions,
  materialized,
  runs,
  url,
  type Watch,
  type WatchedStatus,
  type WatchFacts,
} from './watch.ts';
export { lastTimes, nextTime, type Times } from '../times.ts';
