import type { Json } from '@nx-assets/core';
import type { Seen, WatchFacts } from '@nx-assets/core/automation';
import type { HistoryReader } from '@nx-assets/event-log';

/** What a look at something outside may use. */
export interface SenseScope {
  /** Folder of the workspace, absolute. */
  readonly root: string;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** The history; `null` where there is none yet. */
  readonly history: HistoryReader | null;
  /** Ids of runs that the sensor itself has started. */
  ownRuns(): Promise<ReadonlySet<string>>;
}

/** One way of looking: what it saw, given what it saw last; `undefined` at the first look, which only remembers. */
export type Sense<K extends WatchFacts['kind']> = (
  watch: Extract<WatchFacts, { kind: K }>,
  cursor: Json | undefined,
  scope: SenseScope,
) => Promise<Seen>;

export const FIRST = 'first check: it remembers what is there';
export const UNCHANGED = 'unchanged';
