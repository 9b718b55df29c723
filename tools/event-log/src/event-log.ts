import { type Stats, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { AssetError, type AssetKey } from '@nx-assets/core';
import { isBusy, isCorrupt, lock, setAside, type SetAside, transaction } from './database.ts';
import type { LogEvent } from './events.ts';
import type {
  CheckResult,
  ChecksOptions,
  EventsOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  Run,
  RunsOptions,
  Step,
  StoredEvent,
} from './model.ts';
import { openDatabase } from './open.ts';
import { prune, type Pruned, type PruneOptions } from './prune.ts';
import type { Reads } from './reads.ts';
import { Writer } from './writer.ts';

/** The history of runs: one file, which any number of processes may write and read at the same time. */
export class EventLog {
  readonly path: string;
  /** The corrupt file that was in the way when this one was opened. Say it to the user. */
  readonly setAside: SetAside | null;
  readonly #database: DatabaseSync;
  readonly #file: Stats;
  readonly #writer: Writer;
  #reads: Reads | undefined;

  private constructor(path: string, database: DatabaseSync, aside: SetAside | null) {
    this.path = path;
    this.setAside = aside;
    this.#database = database;
    this.#file = statSync(path);
    this.#writer = new Writer(database);
  }

  /**
   * Opens the history, or begins one. Throws `HISTORY_UNREADABLE` where a newer version has written it, and
   * `STORAGE_WRITE_FAILED` where the disk refuses. Neither should stop a run.
   */
  static async open(path: string): Promise<EventLog> {
    const opened = await openDatabase(path);
    return new EventLog(path, opened.database, opened.setAside);
  }

  /**
   * Writes all of the events or none. It returns when they are written, so that it can be called where nobody waits
   * for a promise: before `process.exit`, or on a signal. It may wait ten seconds for other processes.
   *
   * Throws `STORAGE_WRITE_FAILED`, or `HISTORY_UNREADABLE` when the file turns out to be corrupt: it is moved aside then,
   * this log is closed, and to open again begins a new one.
   */
  append(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    try {
      transaction(this.#database, () => this.#writer.write(events));
    } catch (error) {
      throw this.#failure(error as Error);
    }
  }

  #failure(error: Error): AssetError {
    if (!isCorrupt(error)) {
      const hint = isBusy(error)
        ? ' Another process has been writing it for ten seconds: end it if it hangs.'
        : '';
      const facts = `The history ${this.path} cannot be written (${error.message}).${hint}`;
      return new AssetError('STORAGE_WRITE_FAILED', facts, { cause: error });
    }
    this.close();
    const held = lock(this.path);
    try {
      const aside = setAside(this.path, this.#file, error.message);
      const facts = `The history ${this.path} is corrupt (${error.message})${aside ? ` and is now at ${aside.path}` : ''}.`;
      return new AssetError('HISTORY_UNREADABLE', facts, { cause: error });
    } finally {
      held.close();
    }
  }

  /** Newest first. */
  async runs(options: RunsOptions): Promise<Run[]> {
    return (await this.#load()).runs(options);
  }

  async run(runId: string): Promise<Run | null> {
    return (await this.#load()).run(runId);
  }

  /** In the order in which they began. */
  async steps(runId: string): Promise<Step[]> {
    return (await this.#load()).steps(runId);
  }

  /** Oldest first. */
  async logs(runId: string, options: LogsOptions): Promise<LogLine[]> {
    return (await this.#load()).logs(runId, options);
  }

  /** Oldest first. Who asks again after the last id that came sees every event once. */
  async events(options: EventsOptions): Promise<StoredEvent[]> {
    return (await this.#load()).events(options);
  }

  /** Newest first. */
  async materializations(key: AssetKey, options: MaterializationsOptions): Promise<Materialization[]> {
    return (await this.#load()).materializations(key, options);
  }

  /** By its id; `null` where it was removed, or never was. */
  async materialization(id: number): Promise<Materialization | null> {
    return (await this.#load()).materialization(id);
  }

  /** The newest of each asset, whichever partition it is of. */
  async lastMaterializations(keys: readonly AssetKey[]): Promise<Map<AssetKey, Materialization>> {
    return (await this.#load()).lastMaterializations(keys);
  }

  /** Newest first. */
  async checks(key: AssetKey, options: ChecksOptions): Promise<CheckResult[]> {
    return (await this.#load()).checks(key, options);
  }

  /** The median milliseconds of the last five steps that materialized an asset; nothing for one that never was. */
  async durations(keys: readonly AssetKey[]): Promise<Map<AssetKey, number>> {
    return (await this.#load()).durations(keys);
  }

  /** The newest step of each asset that has an end. */
  async lastSteps(keys: readonly AssetKey[]): Promise<Map<AssetKey, Step>> {
    return (await this.#load()).lastSteps(keys);
  }

  /** The newest step of each partition of an asset that has an end. */
  async lastPartitionSteps(key: AssetKey): Promise<Step[]> {
    return (await this.#load()).lastPartitionSteps(key);
  }

  /** The last steps of each asset that have an end, at most so many, the oldest first. */
  async recentSteps(keys: readonly AssetKey[], limit: number): Promise<Map<AssetKey, Step[]>> {
    return (await this.#load()).recentSteps(keys, limit);
  }

  /** The id of the newest event; 0 where there is none. */
  async lastEvent(): Promise<number> {
    return (await this.#load()).lastEvent();
  }

  /** Changes when another process, or another opening of the file, has written anything. */
  stamp(): number {
    const row = this.#database.prepare('PRAGMA data_version').get() as { readonly data_version: number };
    return row.data_version;
  }

  prune(options: PruneOptions): Promise<Pruned> {
    return prune(this.#database, options);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** The query builder takes 100 ms to load, and a process that only writes has no use for it. */
  async #load(): Promise<Reads> {
    const { readsOf } = await import('./reads.ts');
    this.#reads ??= readsOf(this.#database);
    return this.#reads;
  }
}
