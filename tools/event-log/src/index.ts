export { Ledger, type TicksOptions } from './automation/ledger.ts';
export type {
  Decisions,
  Holder,
  Lease,
  NewRequest,
  NewTick,
  Request,
  RequestStatus,
  Tick,
  TickKind,
  TickOutcome,
} from './automation/model.ts';
export type { SetAside } from './database.ts';
export { EventLog } from './event-log.ts';
export type { EventOf, LogEvent, LogLevel, RunResult, StepResult } from './events.ts';
export type {
  CheckResult,
  EventsOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  Run,
  RunsOptions,
  RunStatus,
  Step,
  StepStatus,
  StoredEvent,
} from './model.ts';
export type { Pruned, PruneOptions } from './prune.ts';
export { isGone, type ProcessIdentity, thisProcess } from './process.ts';
