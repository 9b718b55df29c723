import type {
  LiveEvent,
  LogLine,
  RunDetail,
  RunView,
  StepView,
  WorkspaceView,
} from '@nx-assets/console/wire';
import { useEffect, useSyncExternalStore } from 'react';
import type { InfiniteData } from '@tanstack/react-query';
import { forget, queryClient, queryKey } from './client.ts';
import { nameOf, withRun, withSteps } from './patch.ts';
import { source } from './source.ts';

type Connection = 'live' | 'connecting' | 'lost' | 'static';

/** How many lines of a run are kept here; the page asks for older ones. */
const LINES = 100_000;

let connection: Connection = source.isLive ? 'connecting' : 'static';
let stream: EventSource | undefined;
/** The newest event that was seen: where to go on. */
let cursor: number | undefined;
let watched: string | undefined;
const listeners = new Set<() => void>();
const steps = new Map<string, StepView>();
const lines = new Map<string, LogLine[]>();
let running: readonly StepView[] = [];

const noticeListeners = new Set<(message: string) => void>();

/** Calls a listener with each problem that belongs to no run. */
export function onNotice(listener: (message: string) => void): () => void {
  noticeListeners.add(listener);
  return () => void noticeListeners.delete(listener);
}

const publish = () => listeners.forEach((listener) => listener());
const become = (next: Connection) => {
  connection = next;
  publish();
};

function patchWorkspace(change: (workspace: WorkspaceView) => WorkspaceView): void {
  queryClient.setQueryData<WorkspaceView>(queryKey('/api/workspace', {}), (was) => was && change(was));
}

function patchRun(run: RunView): void {
  const key = queryKey('/api/runs/:id', { id: run.id });
  const detail = queryClient.getQueryState<RunDetail>(key);
  if (detail?.data) queryClient.setQueryData<RunDetail>(key, (was) => was && { ...was, run });
  // Its page was opened before it had begun.
  else if (detail?.status === 'error') void queryClient.invalidateQueries({ queryKey: key });
  queryClient.setQueriesData<readonly RunView[]>(
    { queryKey: ['/api/runs'] },
    (was) => was && withRun([was], run)[0],
  );
  queryClient.setQueriesData<RunPages>(
    { queryKey: RUN_PAGES },
    (was) => was && { ...was, pages: withRun(was.pages, run) },
  );
}

/** Under which runs are kept page by page. */
export const RUN_PAGES = ['pages of runs'] as const;
type RunPages = InfiniteData<readonly RunView[]>;

function patchSteps(changed: readonly StepView[]): void {
  for (const step of changed) {
    if (step.status === 'running') steps.set(nameOf(step), step);
    else steps.delete(nameOf(step));
  }
  for (const [id, own] of Map.groupBy(changed, ({ runId }) => runId)) {
    queryClient.setQueryData<RunDetail>(
      queryKey('/api/runs/:id', { id }),
      (was) => was && { ...was, steps: withSteps(was.steps, own) },
    );
  }
  running = [...steps.values()];
}

function take(event: LiveEvent): void {
  switch (event.type) {
    case 'run':
      patchRun(event.run);
      if (event.run.status !== 'running') {
        for (const [name, step] of steps) if (step.runId === event.run.id) steps.delete(name);
        running = [...steps.values()];
      }
      break;
    case 'steps':
      patchSteps(event.steps);
      break;
    case 'logs': {
      const known = lines.get(event.runId) ?? [];
      lines.set(event.runId, [...known, ...event.lines].slice(-LINES));
      break;
    }
    case 'statuses': {
      const { statuses } = event;
      patchWorkspace((was) => ({
        ...was,
        assets: was.assets.map((asset) => {
          const status = statuses[asset.key];
          return status ? { ...asset, status } : asset;
        }),
      }));
      forget('/api/assets/:group/:name');
      forget('/api/assets/:group/:name/history');
      forget('/api/assets/:group/:name/preview');
      forget('/api/assets/:group/:name/partitions');
      forget('/api/checks');
      break;
    }
    case 'definitions':
      void queryClient.invalidateQueries();
      break;
    case 'problem':
      patchWorkspace((was) => ({ ...was, problem: event.problem }));
      break;
    case 'notice':
      for (const listener of noticeListeners) listener(event.message);
      break;
    case 'automation':
      forget('/api/automation');
      forget('/api/automation/ticks');
      break;
  }
  publish();
}

/** A browser opens six connections to a server, for all of its tabs: one that nobody looks at gives its own back. */
function connect(): void {
  stream?.close();
  stream = undefined;
  if (!source.isLive || document.hidden) return;
  const address = new URLSearchParams();
  if (cursor !== undefined) address.set('after', String(cursor));
  if (watched !== undefined) {
    address.set('run', watched);
  }
  stream = new EventSource(`/api/live?${address.toString()}`);
  stream.onopen = () => become('live');
  // It connects again by itself, and says which event it saw last.
  stream.onerror = () => become(stream?.readyState === EventSource.CLOSED ? 'lost' : 'connecting');
  stream.onmessage = (message: MessageEvent<string>) => {
    if (message.lastEventId !== '') cursor = Number(message.lastEventId);
    take(JSON.parse(message.data) as LiveEvent);
  };
}

/** Begins to listen, to what comes after the workspace as it was answered. */
export function startLive(): () => void {
  const workspace = queryClient.getQueryData<WorkspaceView>(queryKey('/api/workspace', {}));
  if (cursor === undefined && workspace) {
    cursor = workspace.cursor;
    patchSteps(workspace.running);
    publish();
  }
  connect();
  // What stood still behind another window has missed what time alone changes.
  const onVisible = () => {
    connect();
    if (!document.hidden) forget('/api/workspace');
  };
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    stream?.close();
    stream = undefined;
  };
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => connection);
/** Steps that run now, of all runs. */
export const useRunning = (): readonly StepView[] => useSyncExternalStore(subscribe, () => running);

const NO_LINES: readonly LogLine[] = [];
/** Lines of a run as they are said, from the moment on at which somebody looks. */
export function useLiveLines(runId: string | undefined): readonly LogLine[] {
  useEffect(() => {
    if (runId === undefined || !source.isLive) return undefined;
    watched = runId;
    connect();
    return () => {
      watched = undefined;
      // What is said from now on is not heard here: who comes back asks for all of it.
      lines.delete(runId);
      connect();
    };
  }, [runId]);
  return useSyncExternalStore(subscribe, () => (runId && lines.get(runId)) || NO_LINES);
}
