import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import {
  absolute,
  type AssetRecord,
  hashFile,
  readRecord,
  RecordIndex,
  type RecordReading,
} from '@nx-assets/storage/records';
import type { Partitioning, PartitionKey } from '../partitioning.ts';
import { partitionId } from './asset-partition.ts';

/** What a run knows of records: those of partitions are remembered, and whose bytes it has seen. */
export class Records {
  readonly #root: string;
  readonly #partitioning: Partitioning;
  readonly #indexes = new Map<AssetKey, RecordIndex>();
  readonly #verified = new Map<string, string | null>();

  constructor(root: string, partitioning: Partitioning) {
    this.#root = root;
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
      ? hashFile(absolute(this.#root, value.path))
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
  verify({ records }: StepInput): void {
    for (const { key, partition, value, dataVersion } of records) {
      const id = partitionId(key, partition);
      if (this.#verified.get(id) === dataVersion) continue;
      const path = absolute(this.#root, value.path);
      const bytes = partition === null ? hashFile(path) : this.#indexes.get(key)?.bytesOnDisk(partition);
      this.#verified.set(id, bytes ?? null);
      if (bytes === dataVersion) continue;
      const facts = `${value.path} is not what the record of ${key} says it is.`;
      throw new AssetError('UPSTREAM_MISSING', facts);
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
