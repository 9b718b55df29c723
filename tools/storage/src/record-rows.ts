import { readFileSync, type Stats } from 'node:fs';
import type { CodeManifest, DataVersion } from '@nx-assets/core';
import { writeAtomic } from './atomic.ts';
import type { AssetRecord } from './record.ts';

const VERSION = 3;
/** Bytes of a sha256; in hex it has twice as many characters. */
const HASH = 32;

/** Columns of numbers: what a file system says of the value, what the record says of it. */
const NUMBERS = ['ctimeMs', 'ino', 'size', 'bytes', 'rowCount', 'finishedAt'] as const;
/** Columns of places in lists of what many records share. */
const SHARED = ['code', 'env', 'run', 'config'] as const;

type Column = (typeof NUMBERS)[number];
type SharedColumn = (typeof SHARED)[number];

/** What is not a column of fixed width. */
interface Header {
  readonly version: number;
  readonly names: readonly string[];
  /** JSON of the inputs of each; absent where none has any. */
  readonly inputs?: readonly string[];
  readonly lists: { readonly [C in SharedColumn]: readonly unknown[] };
  /** Hashes of bytes on disk that are not the data version, by place. */
  readonly edited: readonly (readonly [place: number, hash: string])[];
  /** When the folder had last changed that had these records and no others; `null` where that is not known. */
  readonly folder: number | null;
}

/** A value and its stamp, as they were when the record was read. */
export interface Looked {
  readonly record: AssetRecord;
  readonly stats: Stats;
  /** sha256 of the bytes on disk, hex. */
  readonly hash: string;
}

/**
 * The records of an asset's partitions in short, a column for each field, since a hundred thousand objects cost more than
 * to read them. Rows are never changed: a partition that is made anew gets another one, and its old one loses its name.
 */
export class RecordRows {
  #names: string[];
  #inputs: string[] | null;
  #numbers: Float64Array;
  #ids: Uint32Array;
  #hashes: Buffer;
  readonly #lists: { readonly [C in SharedColumn]: Interned };
  readonly #edited: Map<number, string>;
  /** When the folder had last changed, if the rows are all records in it. */
  readonly folder: number | null;
  #places: Map<string, number> | undefined;
  #next = 0;

  private constructor(header: Header, numbers: Float64Array, ids: Uint32Array, hashes: Buffer) {
    this.#names = [...header.names];
    this.#inputs = header.inputs ? [...header.inputs] : null;
    this.#lists = {
      code: new Interned(header.lists.code, (code) => (code as CodeManifest).version),
      env: new Interned(header.lists.env, (env) => JSON.stringify(env)),
      run: new Interned(header.lists.run, String),
      config: new Interned(header.lists.config, (config) => JSON.stringify(config)),
    };
    this.#edited = new Map(header.edited);
    this.folder = header.folder;
    this.#numbers = numbers;
    this.#ids = ids;
    this.#hashes = hashes;
  }

  /** Empty where there is no such file, or it is torn or of another version: then the records are read again. */
  static read(path: string): RecordRows {
    try {
      const file = readFileSync(path);
      const length = file.readUInt32LE(0);
      const header = JSON.parse(file.toString('utf8', 4, 4 + length)) as Header;
      const count = header.names.length;
      const at = columnsAt(length);
      const ids = at + count * NUMBERS.length * 8;
      const hashes = ids + count * SHARED.length * 4;
      if (header.version !== VERSION || file.length !== hashes + count * HASH * 2) return RecordRows.empty();
      return new RecordRows(
        header,
        new Float64Array(file.buffer, file.byteOffset + at, count * NUMBERS.length),
        new Uint32Array(file.buffer, file.byteOffset + ids, count * SHARED.length),
        file.subarray(hashes),
      );
    } catch {
      return RecordRows.empty();
    }
  }

  static empty(): RecordRows {
    const lists = { code: [], env: [], run: [], config: [] };
    const header = { version: VERSION, names: [], lists, edited: [], folder: null };
    return new RecordRows(header, new Float64Array(0), new Uint32Array(0), Buffer.alloc(0));
  }

  /** Names of the partitions; empty for rows that stand for nothing any more. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** The row of a partition, -1 where there is none. Asked in the order of the rows it costs nothing. */
  find(partition: string): number {
    if (this.#names[this.#next] === partition) return this.#next;
    if (this.#names[this.#next + 1] === partition) return ++this.#next;
    if (this.#names[0] === partition) return (this.#next = 0);
    this.#places ??= new Map(this.#names.map((name, place) => [name, place]));
    const place = this.#places.get(partition) ?? -1;
    if (place >= 0) this.#next = place;
    return place;
  }

  /** Whether a value is the one that was looked at. */
  isOf(place: number, { ctimeMs, ino, size }: Stats): boolean {
    const at = place * NUMBERS.length;
    const numbers = this.#numbers;
    return numbers[at] === ctimeMs && numbers[at + 1] === ino && numbers[at + 2] === size;
  }

  number(place: number, column: Column): number {
    return this.#numbers[place * NUMBERS.length + NUMBERS.indexOf(column)] ?? NaN;
  }

  /** `null` where the value is no table. */
  rowCount(place: number): number | null {
    const count = this.number(place, 'rowCount');
    return Number.isNaN(count) ? null : count;
  }

  shared(place: number, column: SharedColumn): unknown {
    const id = this.#ids[place * SHARED.length + SHARED.indexOf(column)] ?? 0;
    return this.#lists[column].values[id];
  }

  actionKey(place: number): string {
    return this.#hashes.toString('hex', place * HASH * 2, place * HASH * 2 + HASH);
  }

  dataVersion(place: number): DataVersion {
    return this.#hashes.toString('hex', place * HASH * 2 + HASH, (place + 1) * HASH * 2) as DataVersion;
  }

  /** sha256 of the bytes on disk, hex. */
  bytesOnDisk(place: number): string {
    return this.#edited.get(place) ?? this.dataVersion(place);
  }

  inputs(place: number): AssetRecord['inputs'] {
    const text = this.#inputs?.[place];
    return text ? (JSON.parse(text) as AssetRecord['inputs']) : {};
  }

  /** Adds a row, in place of the one of the same partition. -1 where a record has what no row can hold. */
  put({ record, stats, hash }: Looked): number {
    const { partition, actionKey, dataVersion } = record;
    if (partition === null || !isHash(actionKey) || !isHash(dataVersion)) return -1;
    this.drop(partition);
    const place = this.#names.length;
    this.#grow(place + 1);
    this.#names.push(partition);
    this.#places?.set(partition, place);
    const inputs = Object.keys(record.inputs).length === 0 ? '' : JSON.stringify(short(record.inputs));
    if (inputs !== '') this.#inputs ??= this.#names.slice(0, -1).map(() => '');
    this.#inputs?.push(inputs);
    const { bytes, rowCount } = record.value;
    const finishedAt = Date.parse(record.finishedAt);
    const numbers = [stats.ctimeMs, stats.ino, stats.size, bytes, rowCount ?? NaN, finishedAt];
    this.#numbers.set(numbers, place * NUMBERS.length);
    const { code, env, run, config } = this.#lists;
    const ids = [code.add(record.code), env.add(record.env), run.add(record.runId)];
    this.#ids.set([...ids, config.add(record.config ?? null)], place * SHARED.length);
    this.#hashes.write(actionKey + dataVersion, place * HASH * 2, 'hex');
    if (hash !== dataVersion) this.#edited.set(place, hash);
    return place;
  }

  /** Forgets a partition. */
  drop(partition: string): void {
    const place = this.find(partition);
    if (place < 0) return;
    this.#names[place] = '';
    this.#places?.delete(partition);
  }

  /** Keeps the rows of some partitions, and when the folder had last changed that has these and no others. */
  write(path: string, isKept: (partition: string) => boolean, folder: number | null): void {
    const kept = this.#names.flatMap((name, place) => (name !== '' && isKept(name) ? [place] : []));
    const { code, env, run, config } = this.#lists;
    const header: Header = {
      version: VERSION,
      names: kept.map((place) => this.#names[place] ?? ''),
      ...(this.#inputs ? { inputs: kept.map((place) => this.#inputs?.[place] ?? '') } : {}),
      lists: { code: code.values, env: env.values, run: run.values, config: config.values },
      edited: kept.flatMap((place, at) => (this.#edited.has(place) ? [[at, this.bytesOnDisk(place)]] : [])),
      folder,
    };
    const text = Buffer.from(JSON.stringify(header));
    const begin = Buffer.alloc(columnsAt(text.length));
    begin.writeUInt32LE(text.length, 0);
    text.copy(begin, 4);
    const numbers = new Float64Array(kept.length * NUMBERS.length);
    const ids = new Uint32Array(kept.length * SHARED.length);
    const hashes = Buffer.alloc(kept.length * HASH * 2);
    const row = (place: number, width: number) => [place * width, (place + 1) * width] as const;
    kept.forEach((place, at) => {
      numbers.set(this.#numbers.subarray(...row(place, NUMBERS.length)), at * NUMBERS.length);
      ids.set(this.#ids.subarray(...row(place, SHARED.length)), at * SHARED.length);
      this.#hashes.copy(hashes, at * HASH * 2, ...row(place, HASH * 2));
    });
    writeAtomic(path, Buffer.concat([begin, Buffer.from(numbers.buffer), Buffer.from(ids.buffer), hashes]));
  }

  #grow(count: number): void {
    if (this.#numbers.length >= count * NUMBERS.length) return;
    const size = Math.max(1_024, count * 2);
    const numbers = new Float64Array(size * NUMBERS.length);
    numbers.set(this.#numbers);
    const ids = new Uint32Array(size * SHARED.length);
    ids.set(this.#ids);
    const hashes = Buffer.alloc(size * HASH * 2);
    this.#hashes.copy(hashes);
    [this.#numbers, this.#ids, this.#hashes] = [numbers, ids, hashes];
  }
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Where the columns begin: numbers of eight bytes lie at multiples of eight. */
const columnsAt = (headerLength: number): number => Math.ceil((4 + headerLength) / 8) * 8;

/** Which partitions were read is in the record alone: it may name a hundred thousand. */
const short = (inputs: AssetRecord['inputs']): AssetRecord['inputs'] =>
  Object.fromEntries(
    Object.entries(inputs).map(([alias, { key, dataVersion }]) => [alias, { key, dataVersion }]),
  );

/** Values that many share, by number. */
class Interned {
  readonly values: unknown[];
  readonly #places: Map<string, number>;
  readonly #idOf: (value: unknown) => string;

  constructor(values: readonly unknown[], idOf: (value: unknown) => string) {
    this.values = [...values];
    this.#idOf = idOf;
    this.#places = new Map(values.map((value, place) => [idOf(value), place]));
  }

  add(value: unknown): number {
    const id = this.#idOf(value);
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#places.set(id, this.values.length);
    return this.values.push(value) - 1;
  }
}
