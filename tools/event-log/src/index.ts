export type {
  Decisions,
  HeldLease,
  Lease,
  NewRequest,
  NewTick,
  RunRequest,
  RequestResult,
  RequestsOptions,
  RequestStatus,
  Tick,
  TickKind,
  TickOutcome,
  TicksOptions,
} from './automation.ts';
export type { EventOf, LogEvent, LogLevel, RunResult, StepResult } from './events.ts';
export type {
  CheckResult,
  EventsOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  Pruned,
  PruneOptions,
  Run,
  RunsOptions,
  RunStatus,
  Step,
  StepStatus,
  StoredEvent,
} from './model.ts';
export type {
  AutomationLedger,
  DecisionStore,
  LeaseKeeper,
  RequestQueue,
  TickLog,
} from './ports/automation-ledger.ts';
export type { ChangeFeed, StopWatching } from './ports/change-feed.ts';
export type { History } from './ports/history.ts';
export type { HistoryReader } from './ports/reader.ts';
export type { HistoryWriter } from './ports/writer.ts';
export { isGone, type ProcessIdentity, thisProcess } from './process.ts';
