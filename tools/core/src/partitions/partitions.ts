import { AssetError } from '../diagnostics.ts';
import { problemOf as timesProblemOf, TIMES_REMEDY } from '../times.ts';
import type { DimensionSpec, PartitionSpec, TimeSpec } from './spec.ts';
import type { Window } from './set.ts';
import { zoneOf } from './zone.ts';

/** How an asset is cut into parts that are made, kept and looked at one by one. `P` is what its function sees of one. */
export interface Partitions<P extends Partition = Partition> {
  readonly type: 'partitions';
  readonly spec: PartitionSpec;
  /** Only in types. */
  readonly ' partition'?: P;
}

/** The partition that a step makes. */
export interface Partition {
  readonly key: string;
  /** All that this step makes: more than one only in a ranged step of a backfill. */
  readonly keys: readonly string[];
}

export interface StaticPartition<K extends string> extends Partition {
  readonly key: K;
  readonly keys: readonly K[];
}

/** A partition about a stretch of time; in a ranged step, about all of it. */
export interface TimePartition extends Partition {
  readonly window: Window;
}

/** A partition in two dimensions. */
export interface ProductPartition<D extends Dimensions> extends Partition {
  readonly dimensions: { readonly [N in keyof D]: Omit<PartitionOf<D[N]>, 'keys'> };
}

type Dimensions = Readonly<Record<string, Partitions>>;

/** What a function sees of one of these partitions. */
export type PartitionOf<T> = T extends { readonly ' partition'?: infer P } ? Exclude<P, undefined> : never;

/** A list that is known beforehand: countries, tenants, models. */
export function staticPartitions<const K extends string>(keys: readonly K[]): Partitions<StaticPartition<K>> {
  if (keys.length === 0)
    refuse('There is no partition in an empty list.', 'Name one, or use dynamicPartitions().');
  checkKeys(keys);
  return { type: 'partitions', spec: { kind: 'static', keys } };
}

/** Keys that are added and removed while the workspace is in use; `name` is what commands call the set. */
export function dynamicPartitions(name: string): Partitions {
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) {
    refuse(
      `"${name}" is not a name for partitions.`,
      'Use lower-case letters, digits, - and _, starting with a letter.',
    );
  }
  return { type: 'partitions', spec: { kind: 'dynamic', name } };
}

export interface TimeOptions {
  /** Where the first window begins, local time: `'2026-01-01'`, or `'2026-01-01T06:00'`. */
  readonly start: string;
  /** Where the last window ends. Default: windows go on, and each is there as soon as it has ended. */
  readonly end?: string;
  /** An IANA name, for example `'Europe/Berlin'`. Default: `'UTC'`. */
  readonly timeZone?: string;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** A window for each hour, called `2026-03-01T05`; in other zones than UTC `2026-03-01T05+0100`. */
export const hourly = (options: TimeOptions): Partitions<TimePartition> => timePartitions('hour', options);

/** A window for each local day, called `2026-03-01`. */
export const daily = (options: TimeOptions): Partitions<TimePartition> => timePartitions('day', options);

/** A window for each week, called by the day on which it begins. Default: Monday. */
export function weekly(
  options: TimeOptions & { readonly weekStart?: (typeof WEEKDAYS)[number] },
): Partitions<TimePartition> {
  return timePartitions('week', options, { weekStart: WEEKDAYS.indexOf(options.weekStart ?? 'monday') });
}

/** A window for each month, called `2026-03`. */
export const monthly = (options: TimeOptions): Partitions<TimePartition> => timePartitions('month', options);

/** Windows that begin when a cron expression holds, called `2026-03-01T0530`. */
export function cronWindows(options: TimeOptions & { readonly cron: string }): Partitions<TimePartition> {
  const { cron, timeZone = 'UTC' } = options;
  const problem = timesProblemOf({ cron, timeZone });
  if (problem !== null) refuse(problem, TIMES_REMEDY);
  return timePartitions('cron', options, { cron });
}

/** A partition for each pair of keys, called `first/second` in the order in which the dimensions are given. */
export function twoDimensions<const D extends Dimensions>(dimensions: D): Partitions<ProductPartition<D>> {
  const given = Object.entries(dimensions);
  if (given.length !== 2) refuse(`${given.length} dimensions are not two.`, 'Give exactly two.');
  return {
    type: 'partitions',
    spec: {
      kind: 'product',
      dimensions: given.map(([name, { spec }]) => {
        if (spec.kind === 'product') refuse(`The dimension ${name} has two itself.`, 'Give exactly two.');
        return { name, spec: spec as DimensionSpec };
      }),
    },
  };
}

function timePartitions(
  every: TimeSpec['every'],
  { start, end, timeZone = 'UTC' }: TimeOptions,
  more: { readonly weekStart?: number; readonly cron?: string } = {},
): Partitions<TimePartition> {
  try {
    zoneOf(timeZone);
  } catch {
    refuse(`"${timeZone}" is no time zone.`, 'Write an IANA name, for example Europe/Berlin.');
  }
  const from = localTime(start);
  const to = end === undefined ? null : localTime(end);
  if (to !== null && to <= from)
    refuse(`The end ${end} is not after the start ${start}.`, 'Correct one of them.');
  if (from < EARLIEST)
    refuse(`Partitions cannot start at ${start}: that is too early.`, 'Correct the year of the start.');
  const { weekStart = 1, cron = null } = more;
  const spec: TimeSpec = { kind: 'time', every, cron, weekStart, start: from, end: to, timeZone };
  return { type: 'partitions', spec };
}

/** Hours since then are a million; what is earlier is a year that was mistyped. */
const EARLIEST = Date.UTC(1900, 0, 1);

/** A local time as if it were UTC. */
function localTime(text: string): number {
  const match = /^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$/.exec(text);
  const time = match ? Date.parse(`${text}${match[1] ? '' : 'T00:00'}Z`) : NaN;
  // February 30 would be a day in March.
  if (Number.isNaN(time) || !new Date(time).toISOString().startsWith(text)) {
    refuse(`"${text}" is no local time.`, 'Write 2026-03-01, or 2026-03-01T06:00.');
  }
  return time;
}

const LONGEST = 100;
/** What is left of the 255 bytes that a disk gives to a file name, without what comes before and after a key in it. */
const LONGEST_FILE_NAME = 200;

/** Throws `PARTITION_KEY_INVALID` for keys that no file and no command line can carry, or that are there twice. */
export function checkKeys(keys: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const key of keys) {
    const problem = problemOf(key) ?? twin(key, seen.get(key.toLowerCase()));
    if (problem !== null) throw new AssetError('PARTITION_KEY_INVALID', `"${key}" ${problem}.`);
    seen.set(key.toLowerCase(), key);
  }
}

function problemOf(key: string): string | null {
  if (key === '') return 'is empty';
  if (key.length > LONGEST) return `is longer than ${LONGEST} characters`;
  if (/\p{Surrogate}/u.test(key)) return 'has half of a character';
  // Each byte that not every disk takes is written as three.
  if (encodeURIComponent(key).replaceAll(/[!'()*~.]/g, '%00').length > LONGEST_FILE_NAME)
    return 'is too long for the name of a file';
  if (key === 'latest') return 'means the last one';
  if (/[/,*\u0000-\u001f\u007f]/.test(key)) return 'has a slash, a comma, a star or a control character';
  if (key.includes('...')) return 'has three dots, which mean a range';
  return key === key.trim() ? null : 'begins or ends with a space';
}

function twin(key: string, other: string | undefined): string | null {
  if (other === undefined) return null;
  return other === key ? 'is there twice' : `and "${other}" differ only in case, which some disks do not see`;
}

function refuse(facts: string, remedy: string): never {
  throw new AssetError('ASSET_OPTION_INVALID', facts, { remedy });
}
