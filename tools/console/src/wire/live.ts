import type { LogLine, RunView, StepView } from './runs.ts';
import type { AssetStatus } from './status.ts';
import type { Problem } from './workspace.ts';

/** What is said live. Each has the id of the newest event that it takes in, so that a page can go on after it. */
export type LiveEvent =
  | { readonly type: 'run'; readonly run: RunView }
  | { readonly type: 'steps'; readonly steps: readonly StepView[] }
  /** Only of the run that a page looks at. */
  | { readonly type: 'logs'; readonly runId: string; readonly lines: readonly LogLine[] }
  | { readonly type: 'statuses'; readonly statuses: Readonly<Record<string, AssetStatus>> }
  /** Definitions have changed: ask for the workspace again. */
  | { readonly type: 'definitions'; readonly revision: number }
  | { readonly type: 'problem'; readonly problem: Problem | null }
  | { readonly type: 'automation' }
  /** Something went wrong that belongs to no run: for example a command that ended before its run began. */
  | { readonly type: 'notice'; readonly code: string; readonly message: string };
