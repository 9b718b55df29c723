import { readFileSync, type Stats } from 'node:fs';
import type { DataVersion } from '@nx-assets/core';
import { writeAtomic } from './atomic.ts';
import type { AssetRecord } from './record.ts';

const VERSION = 4;

/** A record in short, and the stamp that its value had when it was read. */
interface Row {
  /** Empty in a row that stands for nothing any more. */
  readonly partition: string;
  readonly ctimeMs: number;
  readonly ino: number;
  readonly size: number;
  readonly runId: string;
  readonly actionKey: string;
  readonly dataVersion: DataVersion;
  /** sha256 of the bytes on disk, hex, where they are not those of the record. */
  readonly edited: string | null;
  readonly bytes: number;
  readonly rowCount: number | null;
  /** Milliseconds since the epoch. */
  readonly finishedAt: number;
  /** JSON of the inputs, without which partitions they were; empty where there are none. */
  readonly inputs: string;
  /** Which of `shared`. */
  readonly shared: number;
}

/** A list for each field: a hundred thousand objects cost more to read than a dozen lists. */
type Columns = { readonly [C in keyof Row]: Row[C][] };

/** What the records of many partitions have in common. */
type Shared = Pick<AssetRecord, 'code' | 'env'> & Required<Pick<AssetRecord, 'config'>>;

interface File {
  readonly version: number;
  readonly columns: Columns;
  readonly shared: readonly Shared[];
  /** When the folder had last changed that had these records and no others; `null` where that is not known. */
  readonly folder: number | null;
}

/** A value and its stamp, as they were when the record was read. */
export interface StampedRecord {
  readonly record: AssetRecord;
  readonly stats: Pick<Stats, 'ctimeMs' | 'ino' | 'size'>;
  /** sha256 of the bytes on disk, hex. */
  readonly hash: string;
}

const NAMES = Object.keys(emptyColumns()) as readonly (keyof Row)[];

/**
 * The records of an asset's partitions in short, kept as one JSON file. Rows are never changed: a partition that is made
 * anew gets another one, and its old one loses its name.
 */
export class RecordRows {
  readonly #columns: Columns;
  readonly #shared: Shared[];
  readonly #sharedPlaces: Map<string, number>;
  /** When the folder had last changed, if the rows are all records in it. */
  readonly folder: number | null;
  #places: Map<string, number> | undefined;
  #next = 0;

  private constructor({ columns, shared, folder }: Pick<File, 'columns' | 'shared' | 'folder'>) {
    this.#columns = columns;
    this.#shared = [...shared];
    this.#sharedPlaces = new Map(shared.map((one, place) => [idOf(one), place]));
    this.folder = folder;
  }

  /** Empty where there is no such file, or it is torn or of another version: then the records are read again. */
  static read(path: string): RecordRows {
    try {
      const file = JSON.parse(readFileSync(path, 'utf8')) as File;
      if (file.version === VERSION && isWhole(file)) return new RecordRows(file);
    } catch {
      // Not there yet, or torn.
    }
    return RecordRows.empty();
  }

  static empty(): RecordRows {
    return new RecordRows({ columns: emptyColumns(), shared: [], folder: null });
  }

  /** Keys of the partitions; empty for rows that stand for nothing any more. */
  get names(): readonly string[] {
    return this.#columns.partition;
  }

  /** The row of a partition, -1 where there is none. Asked in the order of the rows it costs nothing. */
  find(partition: string): number {
    const names = this.#columns.partition;
    if (names[this.#next] === partition) return this.#next;
    if (names[this.#next + 1] === partition) return ++this.#next;
    if (names[0] === partition) return (this.#next = 0);
    this.#places ??= new Map(names.map((name, place) => [name, place]));
    const place = this.#places.get(partition) ?? -1;
    if (place >= 0) this.#next = place;
    return place;
  }

  /** Whether a value is the one that was looked at. */
  isOf(place: number, { ctimeMs, ino, size }: StampedRecord['stats']): boolean {
    const columns = this.#columns;
    return columns.ctimeMs[place] === ctimeMs && columns.ino[place] === ino && columns.size[place] === size;
  }

  /** One field of a row. */
  get<C extends keyof Row>(place: number, name: C): Row[C] {
    const value = this.#columns[name][place];
    if (value === undefined) throw new Error(`There is no row ${place}.`);
    return value;
  }

  shared(place: number): Shared {
    const shared = this.#shared[this.get(place, 'shared')];
    if (!shared) throw new Error(`Row ${place} shares nothing.`);
    return shared;
  }

  /** sha256 of the bytes on disk, hex. */
  bytesOnDisk(place: number): string {
    return this.get(place, 'edited') ?? this.get(place, 'dataVersion');
  }

  inputs(place: number): AssetRecord['inputs'] {
    const text = this.get(place, 'inputs');
    return text === '' ? {} : (JSON.parse(text) as AssetRecord['inputs']);
  }

  /** Adds a row, in place of the one of the same partition. -1 for a record of no partition. */
  put({ record, stats: { ctimeMs, ino, size }, hash }: StampedRecord): number {
    const { partition, runId, actionKey, dataVersion, code, env, config } = record;
    const { bytes, rowCount } = record.value;
    if (partition === null) return -1;
    this.drop(partition);
    const place = this.#columns.partition.length;
    this.#places?.set(partition, place);
    const edited = hash === dataVersion ? null : hash;
    const finishedAt = Date.parse(record.finishedAt);
    const inputs = inShort(record.inputs);
    const shared = this.#share({ code, env, config });
    const stamp = { ctimeMs, ino, size };
    const value = { edited, bytes, rowCount, finishedAt };
    append(this.#columns, { partition, ...stamp, runId, actionKey, dataVersion, ...value, inputs, shared });
    return place;
  }

  /** Forgets a partition. */
  drop(partition: string): void {
    const place = this.find(partition);
    if (place < 0) return;
    this.#columns.partition[place] = '';
    this.#places?.delete(partition);
  }

  /** Keeps the rows of some partitions, and when the folder had last changed that has these and no others. */
  write(path: string, isKept: (partition: string) => boolean, folder: number | null): void {
    const columns = emptyColumns();
    this.names.forEach((name, place) => {
      if (name === '' || !isKept(name)) return;
      for (const field of NAMES) copy(this.#columns, place, columns, field);
    });
    const file: File = { version: VERSION, columns, shared: this.#shared, folder };
    writeAtomic(path, JSON.stringify(file));
  }

  #share(shared: Shared): number {
    const id = idOf(shared);
    const known = this.#sharedPlaces.get(id);
    if (known !== undefined) return known;
    this.#sharedPlaces.set(id, this.#shared.length);
    return this.#shared.push(shared) - 1;
  }
}

function emptyColumns(): Columns {
  return {
    ...{ partition: [], ctimeMs: [], ino: [], size: [], runId: [], actionKey: [], dataVersion: [] },
    ...{ edited: [], bytes: [], rowCount: [], finishedAt: [], inputs: [], shared: [] },
  };
}

function append(columns: Columns, row: Row): void {
  const push = <C extends keyof Row>(name: C) => columns[name].push(row[name]);
  for (const name of NAMES) push(name);
}

function copy<C extends keyof Row>(from: Columns, place: number, to: Columns, name: C): void {
  const value = from[name][place];
  if (value !== undefined) to[name].push(value);
}

/** Whether the lists of a file are there and of one length, and name nothing that is not there. */
function isWhole({ columns, shared }: File): boolean {
  const count = columns.partition.length;
  return (
    NAMES.every((name) => Array.isArray(columns[name]) && columns[name].length === count) &&
    columns.shared.every((place) => shared[place] !== undefined)
  );
}

/** The version of code says all of it. */
const idOf = ({ code, env, config }: Shared): string => JSON.stringify([code.version, env, config ?? null]);

/** Which partitions were read is in the record alone: it may name a hundred thousand. */
function inShort(inputs: AssetRecord['inputs']): string {
  const entries = Object.entries(inputs);
  if (entries.length === 0) return '';
  const short = entries.map(([alias, { key, dataVersion }]) => [alias, { key, dataVersion }] as const);
  return JSON.stringify(Object.fromEntries(short));
}
