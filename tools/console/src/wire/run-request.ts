/** `POST /api/runs`: what to bring up to date. */
export interface RunRequest {
  /** Keys; or all assets, or those that are not fresh. */
  readonly assets: readonly string[] | 'all' | 'stale';
  /** As on a command line: keys, ranges and lists. */
  readonly partition?: string;
  readonly only?: 'missing' | 'stale' | 'failed';
  /** Compute everything again. */
  readonly force?: boolean;
  /** Ask for data from outside again. */
  readonly refresh?: boolean;
  /** A job instead of assets: `group/name`. */
  readonly job?: string;
  /** The command of an earlier run instead, as it was: its id. */
  readonly again?: string;
}

export interface RunStarted {
  /** Ids that the runs will have. Several where one nx command cannot name what was asked for. */
  readonly runs: readonly string[];
  /** What a person would have typed. */
  readonly commands: readonly string[];
  /** Nothing is to do: nothing was started. */
  readonly isUpToDate: boolean;
}
