import type { AssetKey } from '@nx-assets/core';
import type { Outcome } from '../events.ts';
import type { PartitionKey } from '../partitioning.ts';
import { keyOfId, partitionId } from './asset-partition.ts';

/** What is left of an outcome for those that come after. */
interface StepEnd {
  readonly status: Outcome['status'];
  readonly cause: AssetKey | null;
}

const STOPS = new Set<Outcome['status']>(['failed', 'blocked', 'cancelled']);

/** How the steps of a run have ended so far. */
export class StepEnds {
  readonly #ends = new Map<string, StepEnd>();

  add({ key, partition, status, reasons }: Outcome): void {
    const cause = reasons.find((reason) => reason.kind === 'upstream-failed');
    this.#ends.set(partitionId(key, partition), { status, cause: cause?.key ?? null });
  }

  has(key: AssetKey, partition: PartitionKey): boolean {
    return this.#ends.has(partitionId(key, partition));
  }

  /** The asset that failed, not the last one that it stopped; `undefined` where nothing is in the way. */
  blocker(ids: readonly string[]): AssetKey | undefined {
    for (const id of ids) {
      const end = this.#ends.get(id);
      if (end && STOPS.has(end.status)) return end.cause ?? keyOfId(id);
    }
    return undefined;
  }
}
