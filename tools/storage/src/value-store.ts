import { AssetError, type AssetKey, type OutputManifest } from '@nx-assets/core/data';
import type { AssetRecord } from './record.ts';

/** Names one value: that of an asset, or of one of its partitions. */
export interface ValueAddress {
  readonly key: AssetKey;
  readonly output: { readonly type: OutputManifest['type']; readonly path?: string };
  /** `null` for an asset without partitions. */
  readonly partition: string | null;
}

/** What a record says of its value: enough to find the bytes, and to recognise them. */
export type RecordedValue = Pick<AssetRecord, 'key' | 'partition' | 'actionKey' | 'dataVersion' | 'value'>;

/** A value on its way: a file that no reader sees. */
export interface StagedValue {
  /** Absolute path of the file to write. Nothing is there yet, and its folder exists. */
  readonly path: string;
  /** Absolute path of its place once it is published, for messages. */
  readonly place: string;
  /** Removes the file. After the value was published, or a second time, it does nothing. */
  discard(): Promise<void>;
}

/** A staged value, written as a whole, and the record that belongs to it. */
export interface Publication {
  readonly staged: StagedValue;
  readonly record: AssetRecord;
}

/** `edited`: there are bytes, and they are not those of the record. */
export type ValueState = 'intact' | 'edited' | 'missing';

/**
 * Where values live, each with its record. Nobody else knows where that is: who writes asks for a staged file, who reads
 * asks where the bytes of a record are. A record is only there while the bytes that it tells of are, whenever a process
 * is killed: readers find the old pair, the new pair, or no record.
 */
export interface ValueStore {
  /** A new file for a value. Two at once for the same address are two files. */
  stage(address: ValueAddress): Promise<StagedValue>;
  /**
   * Replaces values and their records: no new record is there before every value is. Throws `STORAGE_WRITE_FAILED`; then
   * a value that may have been replaced has no record.
   */
  publish(publications: readonly Publication[]): Promise<void>;
  /**
   * Absolute path at which the bytes of a record can be read; `null` where there are none. A local copy may have been
   * edited by hand since: whoever must be sure asks for its state.
   */
  locate(value: RecordedValue): Promise<string | null>;
  /** Compares the bytes with the hash that the record keeps of them. */
  state(value: RecordedValue): Promise<ValueState>;
  /** Removes a value and its record. Where there is none, it does nothing. */
  remove(value: Pick<RecordedValue, 'key' | 'partition' | 'value'>): Promise<void>;
}

/** Only the bytes that a record tells of may be read. Throws `UPSTREAM_MISSING` for others, and for none. */
export async function requireIntact(store: ValueStore, value: RecordedValue): Promise<void> {
  if ((await store.state(value)) !== 'intact') throw notAsRecorded(value);
}

export const notAsRecorded = ({ key, value }: Pick<RecordedValue, 'key' | 'value'>): AssetError =>
  new AssetError('UPSTREAM_MISSING', `${value.path} is not what the record of ${key} says it is.`);
