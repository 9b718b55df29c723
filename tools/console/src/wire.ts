/**
 * What the server says to pages. Plain data, as types, and by which addresses it is asked for. Times are
 * milliseconds since the epoch, spans milliseconds, and an asset is named by its key, `group/name`.
 */

export type Status = 'fresh' | 'stale' | 'due' | 'overdue' | 'failed' | 'missing';
export type StepStatus =
  'running' | 'materialized' | 'reused' | 'cached' | 'failed' | 'blocked' | 'cancelled' | 'done' | 'lost';
export type RunStatus = 'running' | 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** Where a page asks for what. The server answers these, and an export has a file for each. */
export interface Answers {
  '/api/workspace': WorkspaceView;
  '/api/assets/:group/:name': AssetDetail;
  '/api/assets/:group/:name/history': readonly MaterializationView[];
  '/api/assets/:group/:name/preview': PreviewView;
  '/api/assets/:group/:name/partitions': PartitionsView;
  '/api/runs': readonly RunView[];
  '/api/runs/:id': RunDetail;
  '/api/runs/:id/logs': LogPage;
  '/api/checks': readonly CheckView[];
  '/api/automation': AutomationView;
  '/api/automation/ticks': readonly TickView[];
  '/api/compare': CompareView;
  '/api/compare/rows': RowsDiff;
}

export type Path = keyof Answers;
type Names<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Name | Names<Rest>
  : P extends `${string}:${infer Name}`
    ? Name
    : never;
/** What stands for the `:names` of a path. */
export type ParamsOf<P extends Path> = Readonly<Record<Names<P>, string>>;

/**
 * `/api/runs/:id` with its names filled in, and a query in a fixed order. Pages ask by it, and the files of an export are
 * found by it.
 */
export function addressOf<P extends Path>(
  path: P,
  params: ParamsOf<P>,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((params as Readonly<Record<string, string>>)[name] ?? ''),
  );
  const given = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given).toString()}`;
}

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
  readonly standing: Standing;
}

/** How an asset stands. */
export interface Standing {
  /** Those that are true, the most urgent first; never empty. */
  readonly statuses: readonly Status[];
  /** Why it is not fresh, or what kept it so, in a few words. */
  readonly why: string;
  /** Upstream assets of which the data that it was made from is not what there is now. */
  readonly staleFrom: readonly string[];
  readonly rowCount: number | null;
  readonly bytes: number | null;
  /** When what is there was made. */
  readonly madeAt: number | null;
  readonly failure: Failure | null;
  readonly partitions: PartitionCounts | null;
  /** Of the checks of what is there. */
  readonly checks: { readonly passed: number; readonly warned: number; readonly failed: number };
  /** Its last steps that came to an end, the oldest first, at most twelve. */
  readonly last: readonly StepMark[];
}

export interface StepMark {
  readonly runId: string;
  readonly status: StepStatus;
  readonly at: number;
  /** How long it took. */
  readonly took: number;
  readonly rowCount: number | null;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly stack: string | null;
  /** Whose bug it is, in a word. */
  readonly blame: string;
  readonly runId: string | null;
  readonly at: number | null;
}

export interface PartitionCounts {
  readonly total: number;
  readonly fresh: number;
  readonly stale: number;
  readonly missing: number;
  readonly failed: number;
}

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
  /** From the workspace root, with the line where that is known. */
  readonly file: string | null;
  readonly line: number | null;
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

/** One asset, with all that its page leads with. */
export interface AssetDetail {
  readonly asset: AssetView;
  /** What a person types to make it. */
  readonly command: string;
  /** Where its value is, from the workspace root. */
  readonly path: string;
  /** First the asset itself, then what its state hangs on. */
  readonly why: WhyLink;
  /** What failed last keeps these from running. */
  readonly blocks: readonly string[];
  readonly downstream: readonly string[];
  readonly columns: readonly ColumnView[] | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly freshness: string | null;
  readonly resources: readonly string[];
  /** The record of what is there, whole; `null` where nothing is. */
  readonly record: RecordView | null;
  readonly checks: readonly CheckView[];
  /** Whether its rows may be shown. */
  readonly preview: boolean;
  /** Made by the same function. */
  readonly siblings: readonly string[];
}

export interface WhyLink {
  readonly key: string;
  readonly statuses: readonly Status[];
  readonly reasons: readonly string[];
  /** Files that changed, each with the commit that did it last. */
  readonly files: readonly { readonly path: string; readonly change: string }[];
  readonly upstream: readonly WhyLink[];
}

export interface ColumnView {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** How it differs from the schema before: its type then, or that it was not there. */
  readonly change: { readonly kind: 'added' } | { readonly kind: 'changed'; readonly was: string } | null;
  readonly nulls: number | null;
  readonly min: string | null;
  readonly max: string | null;
}

export interface RecordView {
  readonly runId: string;
  readonly dataVersion: string;
  readonly codeVersion: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly rowCount: number | null;
  readonly bytes: number;
  readonly inputs: readonly { readonly key: string; readonly dataVersion: string }[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Columns that were removed since the schema before. */
  readonly removedColumns: readonly string[];
}

/** One materialization, for plots and for the lineage of what was there then. */
export interface MaterializationView {
  readonly id: number;
  readonly runId: string;
  readonly partition: string | null;
  readonly at: number;
  readonly took: number | null;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly dataVersion: string;
  readonly codeVersion: string;
  readonly inputs: readonly { readonly key: string; readonly dataVersion: string }[];
  /** Numbers of its metadata: each can be plotted. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** A page of rows of a table, or of lines of a document or file. */
export type PreviewView =
  | {
      readonly kind: 'rows';
      readonly columns: readonly { readonly name: string; readonly type: string }[];
      readonly rows: readonly Readonly<Record<string, unknown>>[];
      readonly total: number;
      readonly offset: number;
    }
  | { readonly kind: 'lines'; readonly lines: readonly string[]; readonly isWhole: boolean }
  /** Nothing can be shown: why. */
  | { readonly kind: 'none'; readonly because: string };

export interface PartitionsView {
  readonly counts: PartitionCounts;
  /** Names of the dimensions; one without a name for an asset that has one. */
  readonly dimensions: readonly string[];
  /**
   * One letter for each partition, in order: f(resh), s(tale), m(issing), x (failed), r(unning). A hundred thousand of
   * them are a string.
   */
  readonly states: string;
  /** The keys from `offset` on, with details: a page. */
  readonly page: readonly PartitionView[];
  readonly offset: number;
  /** The first and the last key of all. */
  readonly ends: readonly [first: string, last: string] | null;
}

export interface PartitionView {
  readonly key: string;
  readonly state: 'fresh' | 'stale' | 'missing' | 'failed' | 'running';
  readonly why: string;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly madeAt: number | null;
}

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
  /** Which process began it. */
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

export interface CheckView {
  /** The asset that it is on. */
  readonly asset: string;
  /** Who says so: the same asset, or one of kind `check`. */
  readonly by: string;
  readonly name: string;
  readonly description: string;
  readonly severity: 'warn' | 'error';
  /** `null`: it has not run yet. */
  readonly passed: boolean | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Rows that do not pass, a few. */
  readonly rows: readonly unknown[];
  readonly at: number | null;
  readonly runId: string | null;
  /** The last results, the oldest first. */
  readonly last: readonly { readonly passed: boolean; readonly at: number; readonly runId: string }[];
}

export interface AutomationView {
  /** Which process serves; `null` where none does. */
  readonly leader: { readonly pid: number; readonly host: string; readonly since: number } | null;
  readonly automations: readonly AutomationLine[];
  readonly underWay: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  /** What a person types to have it served. */
  readonly command: string;
}

export interface AutomationLine {
  /** `group/name`; of a condition the asset's key. */
  readonly name: string;
  readonly kind: 'schedule' | 'sensor' | 'condition';
  readonly description: string;
  /** When it is asked, in words. */
  readonly when: string;
  readonly nextAt: number | null;
  readonly last: TickView | null;
}

export interface TickView {
  readonly id: number;
  readonly name: string;
  /** When the first and the last of equal ticks were. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: number;
  readonly outcome: string;
  readonly because: string;
  readonly request: {
    readonly id: string;
    readonly status: string;
    readonly runs: readonly string[];
    /** What stopped it before its first step. */
    readonly problem: string | null;
  } | null;
  /** Each part of a condition: whether it held, and why. */
  readonly tree: TickTree | null;
}

export interface TickTree {
  readonly kind: string;
  readonly held: boolean;
  readonly because: string;
  readonly of: readonly TickTree[];
}

/** What differs between two states of the data: after two runs, or of two materializations as `record:<id>`. */
export interface CompareView {
  readonly from: string;
  readonly to: string;
  readonly assets: readonly AssetDiff[];
  readonly unchanged: number;
  /** Assets with partitions: of two runs their data is not compared. */
  readonly notCompared: number;
}

export interface AssetDiff {
  readonly key: string;
  readonly status: 'added' | 'removed' | 'changed';
  readonly rowCount: readonly [was: number | null, now: number | null];
  readonly columns: {
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly changed: readonly { readonly name: string; readonly was: string; readonly now: string }[];
  };
  readonly statistics: readonly { readonly column: string; readonly was: string; readonly now: string }[];
  /** `null` where one of the values is gone. */
  readonly rows: { readonly added: number; readonly removed: number; readonly changed: number } | null;
  readonly cause: string;
}

/** Rows that differ, matched by key. */
export interface RowsDiff {
  readonly asset: string;
  /** Columns that name a row; none where rows are compared whole. */
  readonly by: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly change: 'added' | 'removed' | 'changed';
    readonly was: Readonly<Record<string, unknown>> | null;
    readonly now: Readonly<Record<string, unknown>> | null;
  }[];
  readonly total: number;
  /** Why nothing can be compared, where nothing can. */
  readonly because: string | null;
}

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

/** What is said live. Each has the id of the newest event that it takes in, so that a page can go on after it. */
export type LiveEvent =
  | { readonly type: 'run'; readonly run: RunView }
  | { readonly type: 'steps'; readonly steps: readonly StepView[] }
  /** Only of the run that a page looks at. */
  | { readonly type: 'logs'; readonly runId: string; readonly lines: readonly LogLine[] }
  | { readonly type: 'standings'; readonly standings: Readonly<Record<string, Standing>> }
  /** Definitions have changed: ask for the workspace again. */
  | { readonly type: 'definitions'; readonly revision: number }
  | { readonly type: 'problem'; readonly problem: Problem | null }
  | { readonly type: 'automation' }
  /** Something went wrong that belongs to no run: for example a command that ended before its run began. */
  | { readonly type: 'notice'; readonly code: string; readonly message: string };

/** Any error of the server. */
export interface ErrorView {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}
