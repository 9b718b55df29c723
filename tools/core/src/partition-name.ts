/** An asset, or one partition of it, as people read it: `shop/days`, `shop/days [2026-03-01]`. */
export const partitionName = (key: string, partition: string | null): string =>
  partition === null ? key : `${key} [${partition}]`;

/** Stands for the key of a partition in the path of a file. */
export const PARTITION_IN_PATH = '{partition}';
