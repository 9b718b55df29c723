/** How an asset is cut into partitions, as data. */
export type PartitionSpec = StaticSpec | TimeSpec | DynamicSpec | ProductSpec;

interface StaticSpec {
  readonly kind: 'static';
  readonly keys: readonly string[];
}

export interface TimeSpec {
  readonly kind: 'time';
  readonly every: 'hour' | 'day' | 'week' | 'month' | 'cron';
  /** Where `every` is `cron`: when windows begin. */
  readonly cron: string | null;
  /** Where `every` is `week`: the day on which it begins, 0 is Sunday. */
  readonly weekStart: number;
  /** Local times as if they were UTC, milliseconds since the epoch. */
  readonly start: number;
  readonly end: number | null;
  readonly timeZone: string;
}

/** Keys that are added and removed while the workspace is in use. */
interface DynamicSpec {
  readonly kind: 'dynamic';
  readonly name: string;
}

/** One partition for each pair of keys, called `first/second`. */
export interface ProductSpec {
  readonly kind: 'product';
  /** Two, in the order in which keys name them. */
  readonly dimensions: readonly { readonly name: string; readonly spec: DimensionSpec }[];
}

export type DimensionSpec = StaticSpec | TimeSpec | DynamicSpec;

export const sameSpec = (a: PartitionSpec, b: PartitionSpec): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);
