import type { StepView } from './runs.ts';
import type { AssetStatus } from './status.ts';

/** Everything that groups and lineage show. The rest is asked for when it is looked at. */
export interface WorkspaceView {
  /** Grows each time that definitions change. */
  readonly revision: number;
  /** Steps that are under way as of `cursor`; later ones come live. */
  readonly running: readonly StepView[];
  /** As its package.json calls it. */
  readonly name: string;
  readonly branch: string | null;
  readonly versions: { readonly nx: string; readonly node: string };
  readonly groups: readonly GroupView[];
  /** Deps before dependents. */
  readonly assets: readonly AssetView[];
  readonly jobs: readonly JobView[];
  /** Why definitions do not load; what is shown is what last did. */
  readonly problem: Problem | null;
  /** The newest event that this takes in: live events are asked for after it. */
  readonly cursor: number;
  /** When it was put together. */
  readonly at: number;
}

export interface GroupView {
  readonly name: string;
  /** Folder from the workspace root. */
  readonly path: string;
  readonly owner: string | null;
  readonly description: string;
}

export interface AssetView {
  readonly key: string;
  readonly group: string;
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly type: 'table' | 'json' | 'file';
  readonly owners: readonly string[];
  readonly tags: readonly string[];
  /** Keys of what it is made from. */
  readonly deps: readonly string[];
  /** Checks that must have passed before it runs. */
  readonly blockingChecks: readonly string[];
  /** The asset that its checks are on, where it is a group of checks on somebody else's. */
  readonly checked: string | null;
  /** Made elsewhere, and only observed. */
  readonly isExternal: boolean;
  readonly hasPartitions: boolean;
  /** When it brings itself up to date, in words. */
  readonly automation: string | null;
  /** File that declares it, from the workspace root. */
  readonly file: string;
  readonly status: AssetStatus;
}

export interface JobView {
  /** `group/name`. */
  readonly key: string;
  readonly description: string;
  readonly selection: string;
  /** When it runs by itself, in words. */
  readonly schedule: string | null;
  /** What a person types. */
  readonly command: string;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  /** From the workspace root, with the line where that is known. */
  readonly file: string | null;
  readonly line: number | null;
}
