import type { Answers, LiveEvent, Path, RunRequest, RunStarted } from './wire/index.ts';

export type { Path } from './wire/index.ts';
export type Params = Readonly<Record<string, string>>;
/** Only what `QUERIES` names comes through, as it stands in the address. */
export type Query = Readonly<Partial<Record<string, string>>>;

/** An event of history, as pages receive it, with its id there. */
export interface ServerEvent {
  readonly id: number;
  readonly event: LiveEvent;
}

export interface Listener {
  /** The run whose lines it wants. */
  readonly run: string | null;
  onEvent(event: ServerEvent): void;
}

/** What the console shows, wherever it comes from. Throws `AssetError` for what a page can say to people. */
export interface ConsoleApi {
  readonly answers: {
    readonly [P in Path]: (params: Params, query: Query) => Promise<Answers[P]>;
  };
  /** What a request would run. */
  plan(request: RunRequest): Promise<RunStarted>;
  /** Starts it, in processes that outlive this one. */
  start(request: RunRequest): Promise<RunStarted>;
  /** As Ctrl-C where it runs. */
  cancel(runId: string): Promise<void>;
  /** What has happened after an event; a page that was away for long is told to ask for everything again. */
  since(after: number, listener: Listener): Promise<readonly ServerEvent[]>;
  /** Hands over what happens from now on, until what it gives is called. */
  follow(listener: Listener): () => void;
}

/** Which questions a path takes, so that nothing else is looked at. */
export const QUERIES: { readonly [P in Path]: readonly string[] } = {
  '/api/workspace': [],
  '/api/assets/:group/:name': [],
  '/api/assets/:group/:name/history': ['limit', 'partition'],
  '/api/assets/:group/:name/preview': ['offset', 'limit', 'sort', 'direction', 'partition'],
  '/api/assets/:group/:name/partitions': ['offset', 'limit', 'state'],
  '/api/runs': ['limit', 'before', 'status', 'asset'],
  '/api/runs/:id': [],
  '/api/runs/:id/logs': ['after', 'limit', 'key'],
  '/api/checks': [],
  '/api/automation': [],
  '/api/automation/ticks': ['name', 'limit'],
  '/api/compare': ['from', 'to'],
  '/api/compare/rows': ['from', 'to', 'asset', 'limit'],
};
