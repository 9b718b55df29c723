import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  notAsRecorded,
  readRecord,
  RecordIndex,
  type RecordReading,
  stampOf,
  type ValueStore,
  workingCopyHash,
} from '@nx-assets/storage/records';
import type { Partitioning, PartitionKey } from '../partitioning.ts';
import { partitionId } from './asset-partition.ts';

/** Bytes that a run has seen: whose they were, and by what it would show if somebody wrote there since. */
interface Seen {
  readonly dataVersion: string | null;
  readonly stamp: string | null;
}

/** What a run knows of records: those of partitions are remembered, and whose bytes it has seen. */
export class Records {
  readonly #root: string;
  readonly #store: ValueStore;
  readonly #partitioning: Partitioning;
  readonly #indexes = new Map<AssetKey, RecordIndex>();
  readonly #verified = new Map<string, Seen>();

  constructor(root: string, store: ValueStore, partitioning: Partitioning) {
    this.#root = root;
    this.#store = store;
    this.#partitioning = partitioning;
  }

  reading(manifest: AssetManifest, partition: PartitionKey): RecordReading {
    return partition === null
      ? readRecord(this.#root, manifest.key)
      : this.#index(manifest).reading(partition);
  }

  /** The record of an asset that something is made from; `null` where there is none. */
  find(key: AssetKey, partition: PartitionKey): AssetRecord | null {
    const manifest = this.#partitioning.manifest(key);
    const reading = manifest ? this.reading(manifest, partition) : readRecord(this.#root, key);
    return reading.status === 'found' ? reading.record : null;
  }

  /** The hash of the bytes that a record is of, as they lie on disk; `null` where there are none. */
  bytesOnDisk(manifest: AssetManifest, { partition, value }: AssetRecord): string | null {
    return partition === null
      ? workingCopyHash(this.#root, value)
      : this.#index(manifest).bytesOnDisk(partition);
  }

  /** What is remembered of a record may be old. */
  forget(key: AssetKey, partition: PartitionKey): void {
    this.#indexes.get(key)?.forget(partition ?? '');
  }

  made(record: AssetRecord): void {
    this.trust(record);
    this.#indexes.get(record.key)?.made(record);
  }

  /** The bytes of this record have been seen, or made, by this run. */
  trust({ key, partition, dataVersion, value }: AssetRecord): void {
    this.#verified.set(partitionId(key, partition), { dataVersion, stamp: this.#stamp(value) });
  }

  /** An input is only used when its bytes are those of its record, and nobody has written there since they were seen. */
  async verify({ records }: StepInput): Promise<void> {
    for (const record of records) {
      const { key, partition, dataVersion, value } = record;
      const id = partitionId(key, partition);
      // First the stamp: what is written after it is seen.
      const stamp = this.#stamp(value);
      const seen = this.#verified.get(id);
      if (seen?.dataVersion === dataVersion && seen.stamp === stamp) continue;
      // What an index remembers may be from before that.
      const isIntact =
        partition === null || seen
          ? (await this.#store.state(record)) === 'intact'
          : this.#indexes.get(key)?.bytesOnDisk(partition) === dataVersion;
      this.#verified.set(id, { dataVersion: isIntact ? dataVersion : null, stamp });
      if (!isIntact) throw notAsRecorded(record);
    }
  }

  /**
   * Throws `INPUT_CHANGED_DURING_RUN` where somebody has written an input since it was verified, even if it was undone: who read
   * it in between cannot be told.
   */
  confirm({ records }: StepInput, reader: AssetKey): void {
    for (const { key, partition, value } of records) {
      if (this.#verified.get(partitionId(key, partition))?.stamp === this.#stamp(value)) continue;
      const facts = `${value.path}, which ${reader} reads, was written while it ran.`;
      throw new AssetError('INPUT_CHANGED_DURING_RUN', facts);
    }
  }

  #stamp({ path }: AssetRecord['value']): string | null {
    return stampOf(absolute(this.#root, path));
  }

  /** Keeps what was learned for the next run. */
  save(): void {
    for (const index of this.#indexes.values()) index.save();
  }

  #index(manifest: AssetManifest): RecordIndex {
    const known = this.#indexes.get(manifest.key);
    if (known) return known;
    const index = new RecordIndex(this.#root, manifest);
    this.#indexes.set(manifest.key, index);
    return index;
  }
}
