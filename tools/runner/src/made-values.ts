import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { RunEvent } from '@nx-assets/engine';
import { absolute, LocalValueStore, readRecord, stampOf, valuePath } from '@nx-assets/storage/records';
import { supersede } from '@nx-assets/workspace/nx-cache';
import type { RunContext } from '@nx-assets/workspace/run-context';

interface Made {
  readonly key: AssetKey;
  readonly partition: string | null;
  /** Absolute. */
  readonly path: string;
  readonly stamp: string | null;
}

/**
 * The values that a run has made, as they were then. Nx copies them into its cache when the whole run ends, and does not
 * look whether somebody wrote there meanwhile.
 */
export class MadeValues {
  readonly #place: Pick<RunContext, 'root' | 'env'>;
  readonly #manifestOf: (key: AssetKey) => AssetManifest | undefined;
  readonly #made: Made[] = [];

  constructor(
    place: Pick<RunContext, 'root' | 'env'>,
    manifestOf: (key: AssetKey) => AssetManifest | undefined,
  ) {
    this.#place = place;
    this.#manifestOf = manifestOf;
  }

  on(event: RunEvent): void {
    if (event.type !== 'step-finished' || event.outcome.status !== 'materialized') return;
    const { key, partition } = event.outcome;
    const manifest = this.#manifestOf(key);
    if (!manifest) return;
    const path = absolute(this.#place.root, valuePath(key, manifest.output, partition));
    this.#made.push({ key, partition, path, stamp: stampOf(path) });
  }

  /** At the end of the run: what Nx is about to cache, and is not what was made, must not be restored from there. */
  async disownChanged(): Promise<void> {
    const store = new LocalValueStore(this.#place.root);
    for (const { key, partition, path, stamp } of this.#made) {
      if (stampOf(path) === stamp) continue;
      const reading = readRecord(this.#place.root, key, partition);
      if (reading.status === 'found' && (await store.state(reading.record)) !== 'intact')
        supersede(this.#place, reading.record.actionKey);
    }
  }
}
