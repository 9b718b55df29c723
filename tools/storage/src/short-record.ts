import type { AssetKey, CodeManifest, OutputManifest } from '@nx-assets/core';
import { valuePath } from './layout.ts';
import type { AssetRecord, RecordReading } from './record.ts';
import type { RecordRows } from './record-rows.ts';

/** Of one asset: what its short records share. */
export interface ShortRecords {
  readonly asset: { readonly key: AssetKey; readonly output: OutputManifest };
  readonly rows: RecordRows;
  /** The whole record of a partition. */
  load(partition: string): RecordReading;
}

/** A record of which a row has the main part. The rest is read from its file when somebody asks. */
export class ShortRecord implements Partial<AssetRecord> {
  readonly #all: ShortRecords;
  readonly #place: number;
  readonly partition: string;

  constructor(all: ShortRecords, place: number, partition: string) {
    this.#all = all;
    this.#place = place;
    this.partition = partition;
  }

  get key() {
    return this.#all.asset.key;
  }
  get actionKey() {
    return this.#all.rows.actionKey(this.#place);
  }
  get dataVersion() {
    return this.#all.rows.dataVersion(this.#place);
  }
  get code() {
    return this.#all.rows.shared(this.#place, 'code') as CodeManifest;
  }
  get env() {
    return this.#all.rows.shared(this.#place, 'env') as AssetRecord['env'];
  }
  get config() {
    return (this.#all.rows.shared(this.#place, 'config') as AssetRecord['config'] | null) ?? undefined;
  }
  get runId() {
    return this.#all.rows.shared(this.#place, 'run') as string;
  }
  get finishedAt() {
    return new Date(this.#all.rows.number(this.#place, 'finishedAt')).toISOString();
  }
  get observedAt() {
    return null; // what has partitions does not age
  }
  get inputs() {
    return this.#all.rows.inputs(this.#place);
  }
  get value(): AssetRecord['value'] {
    return new ShortValue(this.#all, this.#place, this.partition);
  }
  get recordVersion() {
    return this.#read().recordVersion;
  }
  get startedAt() {
    return this.#read().startedAt;
  }
  get statistics() {
    return this.#read().statistics;
  }
  get checks() {
    return this.#read().checks;
  }
  get metadata() {
    return this.#read().metadata;
  }
  get preview() {
    return this.#read().preview;
  }
  get engine() {
    return this.#read().engine;
  }

  #read(): AssetRecord {
    return wholeOf(this.#all, this.partition);
  }
}

function wholeOf({ load, asset }: ShortRecords, partition: string): AssetRecord {
  const reading = load(partition);
  if (reading.status === 'found') return reading.record;
  throw new Error(`The record of ${asset.key} [${partition}] is gone.`);
}

class ShortValue {
  readonly #all: ShortRecords;
  readonly #place: number;
  readonly #partition: string;

  constructor(all: ShortRecords, place: number, partition: string) {
    this.#all = all;
    this.#place = place;
    this.#partition = partition;
  }

  get type() {
    return this.#all.asset.output.type;
  }
  get path() {
    return valuePath(this.#all.asset.key, this.#all.asset.output, this.#partition);
  }
  get bytes() {
    return this.#all.rows.number(this.#place, 'bytes');
  }
  get rowCount() {
    return this.#all.rows.rowCount(this.#place);
  }
  get columns() {
    return wholeOf(this.#all, this.#partition).value.columns;
  }
}
