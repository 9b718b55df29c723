import { readFileSync, type Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { DataVersion } from '@nx-assets/core/data';
import { writeAtomic } from './atomic.ts';
import type { AssetRecord } from './record.ts';

const VERSION = 5;

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

/** A list for each field: a hundred thousand objects cost more to read than the lists that somebody asks for. */
type Columns = { readonly [C in keyof Row]: Row[C][] };

/** What the records of many partitions have in common. */
type Shared = Pick<AssetRecord, 'code' | 'env'> & Required<Pick<AssetRecord, 'config'>>;

/** The first line of a file. Each line after it is the list of a field, as JSON. */
interface Header {
  readonly version: number;
  /** CRC-32 of the rest: lists are not looked at before somebody asks. */
  readonly crc: number;
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

const NAMES: readonly (keyof Row)[] = [
  ...(['partition', 'ctimeMs', 'ino', 'size', 'runId', 'actionKey', 'dataVersion'] as const),
  ...(['edited', 'bytes', 'rowCount', 'finishedAt', 'inputs', 'shared'] as const),
];

/**
 * The records of an asset's partitions in short, kept in one file of JSON lines. Rows are never changed: a partition that is made
 * anew gets another one, and its old one loses its name.
 */
export class RecordRows {
  readonly #columns: { -readonly [C in keyof Row]?: Row[C][] };
  /** The lists that nobody has asked for yet, as they lie in the file. */
  readonly #lines: ReadonlyMap<keyof Row, Buffer>;
  readonly #shared: Shared[];
  readonly #sharedPlaces: Map<string, number>;
  /** When the folder had last changed, if the rows are all records in it. */
  readonly folder: number | null;
  #places: Map<string, number> | undefined;
  #next = 0;

  private constructor(
    { shared, folder }: Pick<Header, 'shared' | 'folder'>,
    lines?: ReadonlyMap<keyof Row, Buffer>,
  ) {
    this.#columns = lines ? {} : emptyColumns();
    this.#lines = lines ?? new Map();
    this.#shared = [...shared];
    this.#sharedPlaces = new Map(shared.map((one, place) => [idOf(one), place]));
    this.folder = folder;
  }

  /** Empty where there is no such file, or it is torn or of another version: then the records are read again. */
  static read(path: string): RecordRows {
    try {
      const bytes = readFileSync(path);
      const [first, ...lines] = linesOf(bytes);
      const header = JSON.parse(first?.toString() ?? '') as Header;
      const isWhole =
        header.version === VERSION && crc32(bytes.subarray((first?.length ?? 0) + 1)) === header.crc;
      if (isWhole)
        return new RecordRows(header, new Map(NAMES.map((name, at) => [name, lines[at] as Buffer])));
    } catch {
      // Not there yet, or torn.
    }
    return RecordRows.empty();
  }

  static empty(): RecordRows {
    return new RecordRows({ shared: [], folder: null });
  }

  /** Keys of the partitions; empty for rows that stand for nothing any more. */
  get names(): readonly string[] {
    return this.#column('partition');
  }

  /** The row of a partition, -1 where there is none. Asked in the order of the rows it costs nothing. */
  find(partition: string): number {
    const names = this.#column('partition');
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
    return (
      this.#column('ctimeMs')[place] === ctimeMs &&
      this.#column('ino')[place] === ino &&
      this.#column('size')[place] === size
    );
  }

  /** One field of a row. */
  get<C extends keyof Row>(place: number, name: C): Row[C] {
    const value = this.#column(name)[place];
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
    const place = this.#column('partition').length;
    this.#places?.set(partition, place);
    const edited = hash === dataVersion ? null : hash;
    const finishedAt = Date.parse(record.finishedAt);
    const inputs = inShort(record.inputs);
    const shared = this.#share({ code, env, config });
    const stamp = { ctimeMs, ino, size };
    const value = { edited, bytes, rowCount, finishedAt };
    const row: Row = { partition, ...stamp, runId, actionKey, dataVersion, ...value, inputs, shared };
    const append = <C extends keyof Row>(name: C) => this.#column(name).push(row[name]);
    for (const name of NAMES) append(name);
    return place;
  }

  /** Forgets a partition. */
  drop(partition: string): void {
    const place = this.find(partition);
    if (place < 0) return;
    this.#column('partition')[place] = '';
    this.#places?.delete(partition);
  }

  /** Keeps the rows of some partitions, and when the folder had last changed that has these and no others. */
  write(path: string, isKept: (partition: string) => boolean, folder: number | null): void {
    const kept = this.names.flatMap((name, place) => (name !== '' && isKept(name) ? [place] : []));
    const lines = NAMES.map((name) => {
      const column = this.#column(name);
      return JSON.stringify(kept.map((place) => column[place]));
    });
    const rest = Buffer.from(lines.join('\n'));
    const header: Header = { version: VERSION, crc: crc32(rest), shared: this.#shared, folder };
    writeAtomic(path, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), rest]));
  }

  #column<C extends keyof Row>(name: C): Row[C][] {
    const known = this.#columns[name];
    if (known) return known as Row[C][];
    const column = JSON.parse(this.#lines.get(name)?.toString() ?? '[]') as Row[C][];
    Object.assign(this.#columns, { [name]: column });
    return column;
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

/** The lines of a file, without their ends. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start <= bytes.length;) {
    const end = bytes.indexOf(10, start);
    lines.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
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
