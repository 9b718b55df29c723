import { type Stats, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
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
import { isCorrupt, lock, setAside, type SetAside, transaction } from './database.ts';
import { writeFailure } from './failures.ts';
import { SqliteLedger } from './ledger.ts';
import type { Opened } from './open.ts';
import { prune } from './prune.ts';
import type { Reads } from './reads.ts';
import { watchFile } from './watch-file.ts';
import { Writer } from './writer.ts';

/** The history as one SQLite file, which any number of processes may write and read at the same time. */
export class SqliteHistory implements History {
  readonly path: string;
  /** The corrupt file that was in the way when this one was opened. */
  readonly setAside: SetAside | null;
  readonly #database: DatabaseSync;
  readonly #file: Stats;
  #writer: Writer | undefined;
  #ledger: SqliteLedger | undefined;
  #reads: Reads | undefined;

  constructor(path: string, { database, setAside }: Opened) {
    this.path = path;
    this.setAside = setAside;
    this.#database = database;
    this.#file = statSync(path);
  }

  get notice(): string | null {
    return this.setAside && `The history was damaged and is now ${this.setAside.path}; a new one begins.`;
  }

  get ledger(): SqliteLedger {
    return (this.#ledger ??= new SqliteLedger(this.path, this.#database));
  }

  /** Writes before it returns its promise: what was appended is there even if the process ends at the next moment. */
  async append(events: readonly LogEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      const writer = (this.#writer ??= new Writer(this.#database));
      transaction(this.#database, () => writer.write(events));
    } catch (error) {
      throw this.#failure(error as Error);
    }
  }

  #failure(error: Error): AssetError {
    if (!isCorrupt(error)) return writeFailure(this.path, error);
    this.#close();
    const held = lock(this.path);
    try {
      const aside = setAside(this.path, this.#file, error.message);
      const facts = `The history ${this.path} is corrupt (${error.message})${aside ? ` and is now at ${aside.path}` : ''}.`;
      return new AssetError('HISTORY_UNREADABLE', facts, { cause: error });
    } finally {
      held.close();
    }
  }

  async prune(options: PruneOptions): Promise<Pruned> {
    return prune(this.#database, options);
  }

  async runs(options: RunsOptions): Promise<Run[]> {
    return (await this.#load()).runs(options);
  }

  async run(runId: string): Promise<Run | null> {
    return (await this.#load()).run(runId);
  }

  async steps(runId: string): Promise<Step[]> {
    return (await this.#load()).steps(runId);
  }

  async logs(runId: string, options: LogsOptions): Promise<LogLine[]> {
    return (await this.#load()).logs(runId, options);
  }

  async materializations(key: AssetKey, options: MaterializationsOptions): Promise<Materialization[]> {
    return (await this.#load()).materializations(key, options);
  }

  async materialization(id: number): Promise<Materialization | null> {
    return (await this.#load()).materialization(id);
  }

  async lastMaterializations(keys: readonly AssetKey[]): Promise<Map<AssetKey, Materialization>> {
    return (await this.#load()).lastMaterializations(keys);
  }

  async checks(key: AssetKey, options: ChecksOptions): Promise<CheckResult[]> {
    return (await this.#load()).checks(key, options);
  }

  async durations(keys: readonly AssetKey[]): Promise<Map<AssetKey, number>> {
    return (await this.#load()).durations(keys);
  }

  async lastSteps(keys: readonly AssetKey[]): Promise<Map<AssetKey, Step>> {
    return (await this.#load()).lastSteps(keys);
  }

  async lastPartitionSteps(key: AssetKey): Promise<Step[]> {
    return (await this.#load()).lastPartitionSteps(key);
  }

  async recentSteps(keys: readonly AssetKey[], limit: number): Promise<Map<AssetKey, Step[]>> {
    return (await this.#load()).recentSteps(keys, limit);
  }

  async events(options: EventsOptions): Promise<StoredEvent[]> {
    return (await this.#load()).events(options);
  }

  async lastEvent(): Promise<number> {
    return (await this.#load()).lastEvent();
  }

  /** SQLite counts the commits of other connections to the file. */
  async stamp(): Promise<string> {
    return String(this.#database.prepare('PRAGMA data_version').get()?.['data_version']);
  }

  async isReplaced(): Promise<boolean> {
    return statSync(this.path, { throwIfNoEntry: false })?.ino !== this.#file.ino;
  }

  async watch(listener: () => void): Promise<StopWatching> {
    const stop = watchFile(this.path, listener);
    return async () => stop();
  }

  async close(): Promise<void> {
    this.#close();
  }

  #close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** The query builder takes 100 ms to load, and a process that only writes has no use for it. */
  async #load(): Promise<Reads> {
    const { readsOf } = await import('./reads.ts');
    this.#reads ??= readsOf(this.#database);
    return this.#reads;
  }
}
