import type { EventsOptions, StoredEvent } from '../model.ts';

/** Ends a watch. Resolves when the listener will not be called again. */
export type StopWatching = () => Promise<void>;

/** Tells a follower what others write, as they write it. */
export interface ChangeFeed {
  /** Oldest first. Asking again after the last id that came gives every event once, in the order of commits. */
  events(options: EventsOptions): Promise<StoredEvent[]>;
  /** The id of the newest event; 0 where there is none. */
  lastEvent(): Promise<number>;
  /**
   * Changes whenever anybody else has written anything, events or what automation decided. Compare it with the one
   * before; it means nothing else.
   */
  stamp(): Promise<string>;
  /**
   * How often this history was removed, replaced or set aside since it was opened: it went on with a new one each time,
   * whose events have ids of their own. A follower reads from event 0 when it changes.
   */
  generation(): Promise<number>;
  /**
   * Calls the listener soon after anybody else has written, within two seconds at the latest. It may call when nothing
   * was written: look at the stamp.
   */
  watch(listener: () => void): Promise<StopWatching>;
}
