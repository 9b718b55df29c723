import { existsSync, rmSync } from 'node:fs';
import { cannotWrite, moveIntoPlace, sweepTemporaries, temporaryBeside } from './atomic.ts';
import { hashFile } from './hash.ts';
import { absolute, recordPath, valuePath } from './layout.ts';
import { writeRecordBeside } from './record.ts';
import type {
  Publication,
  RecordedValue,
  StagedValue,
  ValueAddress,
  ValueState,
  ValueStore,
} from './value-store.ts';

/** A rename that publishes a value or a record; `place` names the value in errors. */
interface Move {
  readonly from: string;
  readonly to: string;
  readonly place: string;
}

/** Values and records as files under `output/` of a workspace. */
export class LocalValueStore implements ValueStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async stage({ key, output, partition }: ValueAddress): Promise<StagedValue> {
    const place = absolute(this.#root, valuePath(key, output, partition));
    sweepTemporaries(place);
    sweepTemporaries(absolute(this.#root, recordPath(key, partition)));
    const path = temporaryBeside(place);
    return { path, place, discard: async () => rmSync(path, { force: true }) };
  }

  /** The old records go first, then the bytes come, then the new records, each durable before the next. */
  async publish(publications: readonly Publication[]): Promise<void> {
    const records: Move[] = [];
    let current = '';
    try {
      // Before anything is replaced: a disk may have room for the value and none for the record.
      for (const { staged, record } of publications) {
        current = staged.place;
        const to = absolute(this.#root, recordPath(record.key, record.partition));
        records.push({ from: writeRecordBeside(this.#root, record), to, place: current });
      }
      for (const { to } of records) rmSync(to, { force: true });
      const values = publications.map(({ staged: { path, place } }) => ({ from: path, to: place, place }));
      for (const { from, to, place } of [...values, ...records]) {
        current = place;
        moveIntoPlace(from, to);
      }
    } catch (error) {
      for (const { from } of records) rmSync(from, { force: true });
      throw cannotWrite(current, error);
    }
  }

  async locate({ value }: RecordedValue): Promise<string | null> {
    const path = absolute(this.#root, value.path);
    return existsSync(path) ? path : null;
  }

  async state({ value, dataVersion }: RecordedValue): Promise<ValueState> {
    const hash = hashFile(absolute(this.#root, value.path));
    if (hash === null) return 'missing';
    return hash === dataVersion ? 'intact' : 'edited';
  }

  async remove({ key, partition, value }: Parameters<ValueStore['remove']>[0]): Promise<void> {
    rmSync(absolute(this.#root, recordPath(key, partition)), { force: true });
    rmSync(absolute(this.#root, value.path), { force: true });
  }
}
