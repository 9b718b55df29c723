import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cannotWrite, moveIntoPlace, temporaryBeside } from './atomic.ts';
import { hashFile } from './hash.ts';
import { absolute, recordPath, valuePath } from './layout.ts';
import { readRecord, writeRecord } from './record.ts';
import type {
  Publication,
  RecordedValue,
  StagedValue,
  ValueAddress,
  ValueState,
  ValueStore,
} from './value-store.ts';

/**
 * Values by their hash in one folder, as a store that machines share would keep them: bytes are written once, equal
 * values are one file, and a record alone says what an asset holds.
 */
export class ContentFolder implements ValueStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async stage({ key, output, partition }: ValueAddress): Promise<StagedValue> {
    const path = temporaryBeside(this.#contentPath('staged'));
    const place = absolute(this.#root, valuePath(key, output, partition));
    return { path, place, discard: async () => rmSync(path, { force: true }) };
  }

  async publish(publications: readonly Publication[]): Promise<void> {
    for (const { staged, record } of publications) {
      try {
        moveIntoPlace(staged.path, this.#contentPath(record.dataVersion));
      } catch (error) {
        throw cannotWrite(staged.place, error);
      }
    }
    for (const { record } of publications) {
      mkdirSync(dirname(absolute(this.#root, recordPath(record.key, record.partition))), { recursive: true });
      writeRecord(this.#root, record);
    }
  }

  async locate(value: RecordedValue): Promise<string | null> {
    const path = this.#contentPath(value.dataVersion);
    return this.#isHeld(value) && existsSync(path) ? path : null;
  }

  async state(value: RecordedValue): Promise<ValueState> {
    const path = await this.locate(value);
    const hash = path === null ? null : hashFile(path);
    if (hash === null) return 'missing';
    return hash === value.dataVersion ? 'intact' : 'edited';
  }

  /** The bytes stay: others may hold the same. */
  async remove({ key, partition }: Parameters<ValueStore['remove']>[0]): Promise<void> {
    rmSync(absolute(this.#root, recordPath(key, partition)), { force: true });
  }

  #isHeld({ key, partition, dataVersion }: RecordedValue): boolean {
    const reading = readRecord(this.#root, key, partition);
    return reading.status === 'found' && reading.record.dataVersion === dataVersion;
  }

  #contentPath(name: string): string {
    return join(this.#root, 'content', name);
  }
}
