import { existsSync, readdirSync, statSync } from 'node:fs';
import type { AssetManifest } from '@nx-assets/core/data';
import { hashFile } from './hash.ts';
import { absolute, fileName, partitionsFolder, recordIndexPath, recordPath, valuePath } from './layout.ts';
import { type AssetRecord, readRecord, type RecordReading } from './record.ts';
import { RecordRows } from './record-rows.ts';
import { ShortRecord, type ShortRecords } from './short-record.ts';

/** Up to this many records are read from their files; for more it is worth to read the index. */
const FEW = 64;
/** A folder that changed later than this before it was listed may have changed again, and show the same time. */
const SETTLED_MS = 1_000;

const MISSING: RecordReading = { status: 'missing' };

/** What a look at all partitions needs. */
interface Bulk extends ShortRecords {
  /** Names of the records that there are, without their end; `null` where the rows are all there are. */
  readonly files: Set<string> | null;
  /** When the folder had last changed, where a later look may rely on it. */
  folder: number | null;
  /** What was found, by row. */
  readonly found: (RecordReading | undefined)[];
}

/** What the values of partitions come to together. */
export interface ValueSummary {
  readonly rowCount: number | null;
  readonly bytes: number | null;
  /** Milliseconds since the epoch: when the newest was made. */
  readonly finishedAt: number | null;
}

/**
 * The records of an asset's partitions, of which there may be a hundred thousand: too many files for a command to read.
 * What they say in short is kept in one file, and holds for as long as the value has the stamp that it had then: a
 * record is replaced together with its value, never alone. The file can be made again at any time.
 */
export class RecordIndex {
  readonly #root: string;
  readonly #asset: Pick<AssetManifest, 'key' | 'output' | 'partitions'>;
  /** Those that were read from their files. */
  readonly #whole = new Map<string, RecordReading>();
  /** Of these, what is known may be old. */
  readonly #doubted = new Set<string>();
  #asked = 0;
  #changed = 0;
  #bulk: Bulk | undefined;

  constructor(root: string, asset: Pick<AssetManifest, 'key' | 'output' | 'partitions'>) {
    this.#root = root;
    this.#asset = asset;
  }

  /** The record of a partition. Fields that are not kept are read from its file when somebody asks. */
  reading(partition: string): RecordReading {
    if (this.#whole.size > 0) {
      const known = this.#whole.get(partition);
      if (known) return known;
    }
    if (this.#bulk || ++this.#asked > FEW) return this.#lookUp(partition);
    const reading = this.#file(partition);
    this.#whole.set(partition, reading);
    return reading;
  }

  /** Whether there is a record, without a look into it. */
  has(partition: string): boolean {
    if (!this.#bulk || this.#doubted.has(partition))
      return existsSync(absolute(this.#root, recordPath(this.#asset.key, partition)));
    // Such a one may have no row.
    const known = this.#whole.get(partition);
    return known ? known.status !== 'missing' : this.#isListed(this.#bulk, partition);
  }

  /** sha256 of the bytes of a partition's value, hex; `null` where there is none. */
  bytesOnDisk(partition: string): string | null {
    // Of these no row counts.
    const isAside = this.#whole.has(partition) || this.#doubted.has(partition);
    const place = this.#bulk && !isAside ? this.#bulk.rows.find(partition) : -1;
    // Such a one was only found after a look at the stamp.
    return this.#bulk?.found[place] ? this.#bulk.rows.bytesOnDisk(place) : hashFile(this.#value(partition));
  }

  /** Adds up what partitions hold. */
  sum(partitions: readonly string[]): ValueSummary {
    let [rowCount, bytes, finishedAt]: [number | null, number | null, number | null] = [null, null, null];
    const add = (rows: number | null, size: number, at: number) => {
      if (rows !== null) rowCount = (rowCount ?? 0) + rows;
      bytes = (bytes ?? 0) + size;
      finishedAt = Math.max(finishedAt ?? 0, at);
    };
    for (const partition of partitions) {
      const reading = this.reading(partition);
      if (reading.status !== 'found') continue;
      const { record } = reading;
      const rows = record instanceof ShortRecord ? this.#bulk?.rows : undefined;
      const place = rows?.find(partition) ?? -1;
      if (!rows || place < 0) add(record.value.rowCount, record.value.bytes, Date.parse(record.finishedAt));
      else add(rows.get(place, 'rowCount'), rows.get(place, 'bytes'), rows.get(place, 'finishedAt'));
    }
    return { rowCount, bytes, finishedAt };
  }

  /** What is known of a partition may be old. */
  forget(partition: string): void {
    this.#whole.delete(partition);
    this.#doubted.add(partition);
  }

  /** A partition was made: its bytes are those of the record. */
  made(record: AssetRecord): void {
    const partition = record.partition ?? '';
    this.#whole.delete(partition);
    if (!this.#bulk) return;
    this.#bulk.folder = null;
    const stats = statSync(absolute(this.#root, record.value.path), { throwIfNoEntry: false });
    const place = stats ? this.#bulk.rows.put({ record, stats, hash: record.dataVersion }) : -1;
    if (place < 0) return this.forget(partition);
    this.#bulk.files?.add(fileName(partition));
    this.#doubted.delete(partition);
    this.#changed++;
  }

  /** Keeps what was learned for the next process, where it was much. */
  save(): void {
    if (!this.#bulk) return;
    const { rows, files, folder } = this.#bulk;
    // Nobody has to list a folder again that has not changed, if all that is in it has a row.
    const live = files ? rows.names.filter((name) => name !== '' && files.has(fileName(name))).length : 0;
    const isWhole = folder !== null && live === files?.size;
    if (this.#changed <= FEW && !isWhole) return;
    const path = absolute(this.#root, recordIndexPath(this.#asset.key));
    rows.write(path, (partition) => this.#isListed({ rows, files }, partition), isWhole ? folder : null);
    this.#changed = 0;
    this.#bulk.folder = null;
  }

  #file(partition: string): RecordReading {
    return readRecord(this.#root, this.#asset.key, partition);
  }

  /** Absolute path of a partition's value. */
  #value(partition: string): string {
    return `${this.#root}/${valuePath(this.#asset.key, this.#asset.output, partition)}`;
  }

  #isListed({ rows, files }: Pick<Bulk, 'rows' | 'files'>, partition: string): boolean {
    return files ? files.has(fileName(partition)) : rows.find(partition) >= 0;
  }

  #lookUp(partition: string): RecordReading {
    const bulk = this.#bulk ?? this.#begin();
    const { rows, files, found } = bulk;
    const place = rows.find(partition);
    if (this.#doubted.delete(partition)) {
      if (!existsSync(absolute(this.#root, recordPath(this.#asset.key, partition)))) {
        files?.delete(fileName(partition));
        rows.drop(partition);
        return MISSING;
      }
      files?.add(fileName(partition));
    } else {
      const known = found[place];
      if (known) return known;
      if (files ? !files.has(fileName(partition)) : place < 0) return MISSING;
    }
    const path = this.#value(partition);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (place >= 0 && stats && rows.isOf(place, stats)) return short(bulk, place, partition);
    rows.drop(partition);
    const reading = this.#file(partition);
    const hash = stats ? hashFile(path) : null;
    const after = statSync(path, { throwIfNoEntry: false });
    // Written while it was read: what is known may be of neither.
    const isSame = after?.ctimeMs === stats?.ctimeMs && after?.ino === stats?.ino;
    if (reading.status === 'found' && stats && hash !== null && isSame) {
      const next = rows.put({ record: reading.record, stats, hash });
      this.#changed++;
      if (next >= 0) return short(bulk, next, partition);
    }
    this.#whole.set(partition, reading);
    return reading;
  }

  /** Looks at all from now on, also at those that were read one by one. */
  #begin(): Bulk {
    this.#bulk = this.#load();
    const first = [...this.#whole.keys()];
    this.#whole.clear();
    for (const partition of first) this.#lookUp(partition);
    return this.#bulk;
  }

  #load(): Bulk {
    const { key, partitions } = this.#asset;
    const rows = RecordRows.read(absolute(this.#root, recordIndexPath(key)));
    const bulk = { asset: this.#asset, rows, load: (one: string) => this.#file(one), found: [] };
    const folder = absolute(this.#root, partitionsFolder(key));
    const isNested = partitions?.kind === 'product';
    const now = Date.now();
    const changed = isNested ? undefined : statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (changed !== undefined && rows.folder === changed) return { ...bulk, files: null, folder: null };
    const isSettled = changed !== undefined && changed < now - SETTLED_MS;
    return { ...bulk, files: recordNames(folder, isNested), folder: isSettled ? changed : null };
  }
}

function short(bulk: Bulk, place: number, partition: string): RecordReading {
  const reading: RecordReading = {
    status: 'found',
    record: new ShortRecord(bulk, place, partition),
  };
  bulk.found[place] = reading;
  return reading;
}

const RECORD = '.record.json';

/** The names of the records in a folder, or of those in its folders, without their end. */
function recordNames(folder: string, isNested: boolean): Set<string> {
  const names = isNested
    ? list(folder).flatMap((outer) => list(`${folder}/${outer}`).map((inner) => `${outer}/${inner}`))
    : list(folder);
  return new Set(names.filter((name) => name.endsWith(RECORD)).map((name) => name.slice(0, -RECORD.length)));
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was made yet, or it is a file
  }
}
