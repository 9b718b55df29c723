import type { Lock, Locks } from './locks.ts';

/** Steps of a pool at the same time. A pool that has no size here takes one. */
export type PoolSizes = Readonly<Record<string, number>>;

export const sizeOfPool = (pools: PoolSizes, pool: string): number => Math.max(1, pools[pool] ?? 1);

/** Waits for a place in a pool, which runs share. */
export const takePoolSlot = (
  locks: Locks,
  pools: PoolSizes,
  pool: string,
  signal: AbortSignal,
): Promise<Lock> => locks.take(`pool ${pool}`, sizeOfPool(pools, pool), signal);
