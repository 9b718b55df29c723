import { AssetError, type AssetKey } from '@nx-assets/core';
import type { LogEvent } from '../events.ts';
import type {
  CheckResult,
  ChecksOptions,
  EventsOptions,
  LogLine,
  LogsOptions,
  Materialization,
  MaterializationsOptions,
  Pruned,
  PruneOptions,
  Run,
  RunsOptions,
  Step,
  StoredEvent,
} from '../model.ts';
import type { StopWatching } from '../ports/change-feed.ts';
import type { History } from '../ports/history.ts';
import type { Connection, Session } from './connection.ts';
import { isCorrupt, lock, setAside, type SetAside, transaction } from './database.ts';
import { writeFailure } from './failures.ts';
import { SqliteLedger } from './ledger.ts';
import { prune } from './prune.ts';
import type { Reads } from './reads.ts';
import { watchFile } from './watch-file.ts';

/** The history as one SQLite file, which any number of processes may write and read at the same time. */
export class SqliteHistory implements History {
  readonly path: string;
  /** The corrupt file that was in the way when this one was opened. */
  readonly setAside: SetAside | null;
  readonly ledger: SqliteLedger;
  readonly #connection: Connection;
  /** Made of the database that it reads. */
  readonly #reads = new WeakMap<Session, Reads>();

  constructor(connection: Connection, setAside: SetAside | null) {
    this.path = connection.path;
    this.setAside = setAside;
    this.#connection = connection;
    this.ledger = new SqliteLedger(connection);
  }

  get notice(): string | null {
    return this.setAside && `The history was damaged and is now ${this.setAside.path}; a new one begins.`;
  }

  /**
   * Writes before it returns its promise: what was appended is there even if the process ends at the next moment. Where
   * the file was deleted or replaced, it has to be opened first.
   */
  async append(events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    const session = this.#connection.here ?? (await this.#connection.session());
    try {
      transaction(session.database, () => session.writer.write(events));
    } catch (error) {
      throw this.#failure(error as Error, session);
    }
  }

  #failure(error: Error, { file }: Session): AssetError {
    if (!isCorrupt(error)) return writeFailure(this.path, error);
    this.#connection.close();
    const held = lock(this.path);
    try {
      const aside = setAside(this.path, file, error.message);
      const facts = `The history ${this.path} is corrupt (${error.message})${aside ? ` and is now at ${aside.path}` : ''}.`;
      return new AssetError('HISTORY_UNREADABLE', facts, { cause: error });
    } finally {
      held.close();
    }
  }

  async prune(options: PruneOptions): Promise<Pruned> {
    return (await this.#connection.session()).use((database) => prune(database, options));
  }

  async runs(options: RunsOptions): Promise<Run[]> {
    return this.#read((reads) => reads.runs(options));
  }

  async run(runId: string): Promise<Run | null> {
    return this.#read((reads) => reads.run(runId));
  }

  async steps(runId: string): Promise<Step[]> {
    return this.#read((reads) => reads.steps(runId));
  }

  async logs(runId: string, options: LogsOptions): Promise<LogLine[]> {
    return this.#read((reads) => reads.logs(runId, options));
  }

  async materializations(key: AssetKey, options: MaterializationsOptions): Promise<Materialization[]> {
    return this.#read((reads) => reads.materializations(key, options));
  }

  async materialization(id: number): Promise<Materialization | null> {
    return this.#read((reads) => reads.materialization(id));
  }

  async lastMaterializations(keys: readonly AssetKey[]): Promise<Map<AssetKey, Materialization>> {
    return this.#read((reads) => reads.lastMaterializations(keys));
  }

  async dataVersionsAt(keys: readonly AssetKey[], at: number): Promise<Map<AssetKey, string>> {
    return this.#read((reads) => reads.dataVersionsAt(keys, at));
  }

  async checks(key: AssetKey, options: ChecksOptions): Promise<CheckResult[]> {
    return this.#read((reads) => reads.checks(key, options));
  }

  async durations(keys: readonly AssetKey[]): Promise<Map<AssetKey, number>> {
    return this.#read((reads) => reads.durations(keys));
  }

  async lastSteps(keys: readonly AssetKey[]): Promise<Map<AssetKey, Step>> {
    return this.#read((reads) => reads.lastSteps(keys));
  }

  async lastPartitionSteps(key: AssetKey): Promise<Step[]> {
    return this.#read((reads) => reads.lastPartitionSteps(key));
  }

  async recentSteps(keys: readonly AssetKey[], limit: number): Promise<Map<AssetKey, Step[]>> {
    return this.#read((reads) => reads.recentSteps(keys, limit));
  }

  async events(options: EventsOptions): Promise<StoredEvent[]> {
    return this.#read((reads) => reads.events(options));
  }

  async lastEvent(): Promise<number> {
    return this.#read((reads) => reads.lastEvent());
  }

  /** SQLite counts the commits of other connections to the file. */
  async stamp(): Promise<string> {
    const { database } = await this.#connection.session();
    const commits = String(database.prepare('PRAGMA data_version').get()?.['data_version']);
    return `${await this.generation()}:${commits}`;
  }

  generation(): Promise<number> {
    return this.#connection.generation();
  }

  async watch(listener: () => void): Promise<StopWatching> {
    const stop = watchFile(this.path, listener);
    return async () => stop();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  /** The query builder takes 100 ms to load, and a process that only writes has no use for it. */
  async #read<T>(work: (reads: Reads) => Promise<T>): Promise<T> {
    const { readsOf } = await import('./reads.ts');
    const session = await this.#connection.session();
    return session.use((database) => {
      const reads = this.#reads.get(session) ?? readsOf(database);
      this.#reads.set(session, reads);
      return work(reads);
    });
  }
}
