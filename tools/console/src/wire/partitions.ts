import type { PartitionCounts } from './status.ts';

export interface PartitionsView {
  readonly counts: PartitionCounts;
  /** Names of the dimensions; one without a name for an asset that has one. */
  readonly dimensions: readonly string[];
  /**
   * One letter for each partition, in order: f(resh), s(tale), m(issing), x (failed), r(unning). A hundred thousand of
   * them are a string.
   */
  readonly states: string;
  /** The keys from `offset` on, with details: a page. */
  readonly page: readonly PartitionView[];
  readonly offset: number;
  /** The first and the last key of all. */
  readonly ends: readonly [first: string, last: string] | null;
}

export interface PartitionView {
  readonly key: string;
  readonly state: 'fresh' | 'stale' | 'missing' | 'failed' | 'running';
  readonly why: string;
  readonly rowCount: number | null;
  readonly bytes: number | null;
  readonly madeAt: number | null;
}
