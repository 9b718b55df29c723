import type { LogEvent } from '../events.ts';
import type { Pruned, PruneOptions } from '../model.ts';

/** Keeps what runs do. Any number of processes may write at the same time. */
export interface HistoryWriter {
  /**
   * Keeps all of the events or none, in order. Resolves when they are durable: await it before the process exits, and
   * before the next append where the order of the two matters. It waits at most ten seconds for other processes.
   *
   * Log messages are cut at 8 kB, and a step keeps 50,000 lines; when it finishes, a last line says how many more there
   * were. A run that has not started yet belongs to this process until it does.
   *
   * Rejects with `STORAGE_WRITE_FAILED`, or with `HISTORY_UNREADABLE` where the history turns out to be damaged: this one
   * is closed then, and opening again begins a new one.
   */
  append(events: readonly LogEvent[]): Promise<void>;
  /**
   * Removes whole runs. Runs in progress stay, and so does the newest materialization of each key and partition: its
   * event alone, when its run is removed. Others may write meanwhile, and do not wait long.
   */
  prune(options: PruneOptions): Promise<Pruned>;
}
