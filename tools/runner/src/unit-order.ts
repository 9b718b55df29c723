import type { AssetKey } from '@nx-assets/core';
import type { Outcome, RunEvent } from '@nx-assets/engine';

/** What a process of its own is to make: a whole unit. */
export interface UnitOrder {
  readonly root: string;
  readonly runId: string;
  /** What is made in one go, the asset whose function is called first. */
  readonly partitions: readonly {
    readonly key: AssetKey;
    readonly partition: string | null;
    readonly coProduct: boolean;
  }[];
  readonly force: boolean;
  readonly refresh: boolean;
}

/** What the process says: events on the way, and at the end what came of it. */
export type UnitMessage = { readonly event: RunEvent } | { readonly outcomes: readonly Outcome[] };
