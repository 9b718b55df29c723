import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import type { Partitioning, PartitionKey } from '@nx-assets/engine';
import type { RequestStatus } from '@nx-assets/event-log';

/** How assets are now. Nothing that it calls changes anything. */
export interface StateView {
  readonly partitioning: Partitioning;
  manifest(key: AssetKey): AssetManifest | undefined;
  /** What is known of a value; `null` where there is none. */
  made(key: AssetKey, partition: PartitionKey): Made | null;
  /** What is about to make it: a run, or a request; `null` where nothing is. */
  maker(key: AssetKey, partition: PartitionKey): string | null;
}

/** What conditions look at. */
export interface View extends StateView {
  /** What became of a request. */
  requested(id: string): RequestStatus | null;
}

/** How a value came about. */
export interface Made {
  readonly dataVersion: DataVersion;
  readonly codeVersion: string;
  /** The data of each dep that it was made from, by alias. */
  readonly inputs: Readonly<Record<string, { readonly key: AssetKey; readonly dataVersion: DataVersion }>>;
}
