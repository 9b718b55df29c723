import type { AssetKey, AssetManifest } from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import {
  type AssetRecord,
  notAsRecorded,
  readRecord,
  RecordIndex,
  type RecordReading,
  type ValueStore,
  workingCopyHash,
} from '@nx-assets/storage/records';
import type { Partitioning, PartitionKey } from '../partitioning.ts';
import { partitionId } from './asset-partition.ts';

/** What a run knows of records: those of partitions are remembered, and whose bytes it has seen. */
export class Records {
  readonly #root: string;
  readonly #store: ValueStore;
  readonly #partitioning: Partitioning;
  readonly #indexes = new Map<AssetKey, RecordIndex>();
  readonly #verified = new Map<string, string | null>();

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
  trust({ key, partition, dataVersion }: AssetRecord): void {
    this.#verified.set(partitionId(key, partition), dataVersion);
  }

  /** An input that this run did not make itself is only used when its bytes are those of its record. */
  async verify({ records }: StepInput): Promise<void> {
    for (const record of records) {
      const { key, partition, dataVersion } = record;
      const id = partitionId(key, partition);
      if (this.#verified.get(id) === dataVersion) continue;
      const isIntact =
        partition === null
          ? (await this.#store.state(record)) === 'intact'
          : this.#indexes.get(key)?.bytesOnDisk(partition) === dataVersion;
      this.#verified.set(id, isIntact ? dataVersion : null);
      if (!isIntact) throw notAsRecorded(record);
    }
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
