import type { AssetView, StepView } from '@nx-assets/console/wire';

/** What a row of the chart shows: an asset with all of its partitions, or one of them. */
export interface GanttRow {
  readonly key: string;
  /** Set in a row that is one partition, below the row of its asset. */
  readonly partition: string | null;
  readonly steps: readonly StepView[];
  readonly state: RowState;
  /** Milliseconds since the run began. */
  readonly from: number;
  readonly to: number;
}

export type RowState = 'ran' | 'running' | 'up-to-date' | 'failed' | 'blocked' | 'waiting';

const WORST: readonly RowState[] = ['failed', 'running', 'blocked', 'ran', 'up-to-date', 'waiting'];

function stateOf({ status }: Pick<StepView, 'status'>): RowState {
  switch (status) {
    case 'materialized':
    case 'done':
      return 'ran';
    case 'cancelled':
    case 'lost':
      return 'blocked';
    default:
      return status;
  }
}

interface Span {
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

/** From the first beginning to the last end. A loop, since an asset may have more partitions than a call has arguments. */
function rowOf(key: string, partition: string | null, steps: readonly StepView[], run: Span, end: number) {
  let [from, to] = [Infinity, 0];
  const states = new Set<RowState>();
  for (const step of steps) {
    from = Math.min(from, step.startedAt - run.startedAt);
    to = Math.max(to, (step.finishedAt ?? end) - run.startedAt);
    states.add(stateOf(step));
  }
  const state = WORST.find((one) => states.has(one)) ?? 'waiting';
  // Nx says only at the end what came out of its cache, and it was there from the beginning.
  if (state === 'up-to-date' && steps.some(({ source }) => source !== null)) [from, to] = [0, 0];
  const begun = Math.max(0, from);
  return { key, partition, steps, state, from: begun, to: Math.max(begun, to) } satisfies GanttRow;
}

/**
 * Rows in the order in which their assets began; what is `awaited` and has no step yet waits at the end. `until` is the
 * length of the chart. Assets in `opened` have a row for each partition below their own.
 */
export function ganttRows(
  steps: readonly StepView[],
  awaited: readonly string[],
  run: Span,
  now: number,
  opened: ReadonlySet<string> = new Set(),
): { readonly rows: readonly GanttRow[]; readonly until: number } {
  const end = run.finishedAt ?? now;
  const byKey = Map.groupBy(steps, ({ key }) => key);
  const rows = [...byKey].map(([key, own]) => rowOf(key, null, own, run, end));
  rows.sort((a, b) => a.from - b.from || a.to - b.to);
  let until = Math.max(1, end - run.startedAt);
  for (const { to } of rows) until = Math.max(until, to);
  const shown = rows.flatMap((row): GanttRow[] =>
    opened.has(row.key)
      ? [row, ...row.steps.map((step) => rowOf(row.key, step.partition ?? '', [step], run, end))]
      : [row],
  );
  if (run.finishedAt !== null) return { rows: shown, until };
  const at = end - run.startedAt;
  const waiting = awaited
    .filter((key) => !byKey.has(key))
    .map((key): GanttRow => ({ key, partition: null, steps: [], state: 'waiting', from: at, to: at }));
  return { rows: [...shown, ...waiting], until };
}

/** What nx makes for what was asked for: also what that is made from, deps first. Jobs and ops stay as they are. */
export function withUpstream(
  requested: readonly string[],
  assets: readonly Pick<AssetView, 'key' | 'deps' | 'blockingChecks'>[],
): readonly string[] {
  const byKey = new Map(assets.map((asset) => [asset.key, asset]));
  const found = new Set(requested);
  for (const key of found) {
    const asset = byKey.get(key);
    for (const dep of asset ? [...asset.deps, ...asset.blockingChecks] : []) found.add(dep);
  }
  const inOrder = assets.flatMap(({ key }) => (found.has(key) ? [key] : []));
  return [...inOrder, ...requested.filter((key) => !byKey.has(key))];
}

/** Round times for the axis, at most `most` of them. */
export function ticksOf(until: number, most: number): number[] {
  const steps = [
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5,
  ];
  const step = steps.find((one) => until / one <= most) ?? Math.ceil(until / most);
  return Array.from({ length: Math.floor(until / step) + 1 }, (_, index) => index * step);
}
