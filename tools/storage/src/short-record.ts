import type { AssetKey, OutputManifest } from '@nx-assets/core/data';
import { valuePath } from './layout.ts';
import type { AssetRecord, RecordReading, ValueRecord } from './record.ts';
import type { RecordRows } from './record-rows.ts';

/** Of one asset: what its short records share. */
export interface ShortRecords {
  readonly asset: { readonly key: AssetKey; readonly output: OutputManifest };
  readonly rows: RecordRows;
  /** The whole record of a partition. */
  load(partition: string): RecordReading;
}

/** A record of which a row has the main part. The rest is read from its file when somebody asks. */
export class ShortRecord implements AssetRecord {
  readonly #all: ShortRecords;
  readonly #place: number;
  readonly partition: string;
  /** What has partitions does not age. */
  readonly observedAt = null;

  constructor(all: ShortRecords, place: number, partition: string) {
    this.#all = all;
    this.#place = place;
    this.partition = partition;
  }

  get key() {
    return this.#all.asset.key;
  }
  get actionKey() {
    return this.#all.rows.get(this.#place, 'actionKey');
  }
  get dataVersion() {
    return this.#all.rows.get(this.#place, 'dataVersion');
  }
  get code() {
    return this.#all.rows.shared(this.#place).code;
  }
  get env() {
    return this.#all.rows.shared(this.#place).env;
  }
  get config() {
    return this.#all.rows.shared(this.#place).config;
  }
  get runId() {
    return this.#all.rows.get(this.#place, 'runId');
  }
  get finishedAt() {
    return new Date(this.#all.rows.get(this.#place, 'finishedAt')).toISOString();
  }
  get inputs() {
    return this.#all.rows.inputs(this.#place);
  }
  get value(): ValueRecord {
    const { rows, asset } = this.#all;
    const whole = () => this.#whole().value;
    return {
      type: asset.output.type,
      path: valuePath(asset.key, asset.output, this.partition),
      bytes: rows.get(this.#place, 'bytes'),
      rowCount: rows.get(this.#place, 'rowCount'),
      get columns() {
        return whole().columns;
      },
    };
  }
  get recordVersion() {
    return this.#whole().recordVersion;
  }
  get startedAt() {
    return this.#whole().startedAt;
  }
  get statistics() {
    return this.#whole().statistics;
  }
  get checks() {
    return this.#whole().checks;
  }
  get metadata() {
    return this.#whole().metadata;
  }
  get preview() {
    return this.#whole().preview;
  }
  get engine() {
    return this.#whole().engine;
  }

  #whole(): AssetRecord {
    const reading = this.#all.load(this.partition);
    if (reading.status === 'found') return reading.record;
    throw new Error(`The record of ${this.key} [${this.partition}] is missing.`);
  }
}
