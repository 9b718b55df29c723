import type { Json } from './json.ts';
import type { AssetKey } from './key.ts';
import type { Logger } from './logger.ts';
import type { PartitionOf, Partitions } from './partitions/partitions.ts';
import type { Resource, Resources } from './resource.ts';
import type { Sql } from './sql.ts';

/** What `materialize` gets besides its inputs. */
export interface Context<
  R extends Resources = Resources,
  P extends Partitions | undefined = Partitions | undefined,
  Config = unknown,
> {
  readonly asset: AssetKey;
  readonly runId: string;
  /** What is made now, of an asset with partitions. */
  readonly partition: P extends Partitions ? PartitionOf<P> : 'This asset has no `partitions`.';
  /** The keys of `dynamicPartitions` of that name. What is added or removed counts from the next run on. */
  partitionKeys(name: string): PartitionKeys;
  /** Folder of the workspace, absolute. */
  readonly root: string;
  readonly log: Logger;
  /** Aborts when the run is cancelled. Hand it to whatever can wait. */
  readonly signal: AbortSignal;
  readonly resources: { readonly [K in keyof R]: R[K] extends Resource<infer Client> ? Client : never };
  /** What the run gives, checked against the `config` of the asset, with its defaults. */
  readonly config: Config;
  /** A folder of this step alone, gone when the step ends. */
  readonly scratch: string;
  /** Where a file asset writes its value. It moves into place only when `materialize` succeeds. */
  readonly file: string;
  /** Runs a query over input tables and gives its rows as plain objects. */
  query<Row = Record<string, unknown>>(query: Sql): Promise<Row[]>;
  /** Streams a query over input tables into a file, without passing through JavaScript. Gives the rows written. */
  copy(query: Sql, path: string, options: CopyOptions): Promise<number>;
  /** Facts for the record and the console. They never make anything downstream run. */
  metadata(entries: { readonly [name: string]: Json }): void;
}

/** A set of partitions that changes while the workspace is in use. */
export interface PartitionKeys {
  list(): readonly string[];
  /** Throws `PARTITION_KEY_INVALID`. */
  add(...keys: readonly string[]): Promise<void>;
  /** What was made of these partitions stays on disk until `nx-assets prune`. */
  remove(...keys: readonly string[]): Promise<void>;
}

export interface CopyOptions {
  /** `lines` writes the text of the only column as it is, a line for each row, after the column's name. */
  readonly format: 'csv' | 'parquet' | 'lines';
}
