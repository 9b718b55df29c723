export interface ConsoleFlags extends JsonFlag {
  readonly port: number;
  readonly host?: string;
  readonly name?: readonly string[];
}
export interface ConsoleExportFlags extends JsonFlag {
  readonly to?: string;
  readonly runs: number;
}
export interface JsonFlag {
  readonly json?: boolean;
}
export type JobsFlags = JsonFlag;
export interface TickFlags extends JsonFlag {
  readonly runs: number;
}
export interface ServeFlags extends TickFlags {
  /** Milliseconds, as all durations. */
  readonly every: number;
  readonly for?: number;
  readonly verbose?: boolean;
}
export interface HistoryFlags extends JsonFlag {
  readonly limit: number;
  readonly tree?: boolean;
}
interface CutFlags extends JsonFlag {
  readonly partition?: string;
  readonly missing?: boolean;
  readonly stale?: boolean;
  readonly failed?: boolean;
}
export interface BackfillFlags extends CutFlags {
  readonly force?: boolean;
  readonly resume?: string | boolean;
  readonly list?: boolean;
  readonly retries: number;
  readonly parallel?: number;
  readonly dryRun?: boolean;
}
export interface PartitionsFlags extends JsonFlag {
  readonly partition?: string;
  readonly status?: string;
  readonly limit: number;
  readonly page: number;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}
export interface PlanFlags extends CutFlags {
  readonly refresh?: boolean;
  readonly force?: boolean;
  readonly exitCode?: boolean;
  readonly config?: readonly string[];
}
export interface MaterializeFlags extends CutFlags {
  readonly config?: readonly string[];
  readonly refresh?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly parallel?: number;
  readonly batch?: boolean;
}
export interface StatusFlags extends JsonFlag {
  readonly exitCode?: boolean;
}
export interface LsFlags extends JsonFlag {
  readonly names?: boolean;
}
export interface RunsFlags extends JsonFlag {
  readonly limit: number;
  readonly status?: string;
}
export interface PruneFlags extends JsonFlag {
  readonly olderThan?: number;
  readonly keepRuns?: number;
  readonly dryRun?: boolean;
}
export interface PreviewFlags extends JsonFlag {
  readonly partition?: string;
  readonly limit: number;
  readonly sql?: string;
}
