import type { Failure, RunStatus, StepStatus } from './status.ts';

export interface RunView {
  readonly id: string;
  readonly status: RunStatus;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** What was typed, word by word. */
  readonly command: readonly string[];
  readonly requested: readonly string[];
  /** How many steps have each status. */
  readonly counts: Readonly<Partial<Record<StepStatus, number>>>;
  /** The process that started it. */
  readonly by: { readonly pid: number; readonly host: string };
  /** It runs on this machine, so that it can be cancelled. */
  readonly isHere: boolean;
}

export interface RunDetail {
  readonly run: RunView;
  /** In the order in which they began. Assets that were asked for and have no step yet wait. */
  readonly steps: readonly StepView[];
  /** The commands that run what failed again. */
  readonly again: readonly string[];
  readonly cursor: number;
}

export interface StepView {
  readonly runId: string;
  readonly key: string;
  readonly partition: string | null;
  readonly status: StepStatus;
  readonly attempt: number;
  readonly startedAt: number;
  readonly finishedAt: number | null;
  /** Why it ran, or did not, in words. */
  readonly why: string;
  /** Where Nx took it from: one of its caches, or the output that lay there already; `null` where it did not. */
  readonly source: 'output' | 'local' | 'remote' | null;
  readonly changed: boolean | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly failure: Failure | null;
  readonly logLines: number;
}

export interface LogLine {
  readonly id: number;
  readonly at: number;
  readonly key: string;
  readonly partition: string | null;
  /** Steps say the first three; that one has failed is said by whoever shows its lines. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  /** There are more after the last of these. */
  readonly hasMore: boolean;
}
