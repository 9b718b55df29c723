import { Places } from './places.ts';
import type { DimensionSpec, PartitionSpec, ProductSpec } from './spec.ts';
import { windowAt, type Windows, windowsOf, windowsOver } from './windows.ts';

/** A stretch of time: from `start` up to, and without, `end`. */
export interface Window {
  readonly start: Date;
  readonly end: Date;
}

/** Where windows begin and end. */
export type Bounds = readonly [start: number, end: number, ...others: number[]];

/** The partitions of an asset as they are at one moment. */
export interface PartitionSet {
  readonly spec: PartitionSpec;
  /** In order: of time, or of the list that they come from. */
  readonly keys: readonly string[];
  has(key: string): boolean;
  /** Its place among `keys`, -1 where there is none. */
  indexOf(key: string): number;
  /** The time that a partition is about; `null` where it is not about a time. */
  windowOf(key: string): Window | null;
  /** The same as numbers, milliseconds since the epoch; in two dimensions of time, of one after the other. */
  boundsOf(key: string): Bounds | null;
  /** Keys of partitions that share some time with a window. */
  overlapping(window: Window): readonly string[];
  /** Keys that windows which share some time with this one would have, and that are not there. */
  absent(window: Window): readonly string[];
  /** How many windows there would be from the last one to this time; none where that is before it, or is no time. */
  countUntil(window: Window): number;
  /** The key in each dimension; `null` where there is one dimension only. */
  partsOf(key: string): Readonly<Record<string, string>> | null;
  /** The partitions of one dimension, by its name. */
  dimension(name: string): PartitionSet | undefined;
}

/** What partitions are made of that is not in the definition. */
export interface PartitionScene {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The keys of a dynamic set now. */
  dynamicKeys(name: string): readonly string[];
}

export function partitionSet(spec: PartitionSpec, scene: PartitionScene): PartitionSet {
  return spec.kind === 'product' ? new ProductSet(spec, scene) : new KeySet(spec, scene);
}

class KeySet implements PartitionSet {
  readonly spec: DimensionSpec;
  readonly keys: readonly string[];
  readonly #windows: Windows | null;
  readonly #places: Places;

  constructor(spec: DimensionSpec, scene: PartitionScene) {
    this.spec = spec;
    this.#windows = spec.kind === 'time' ? windowsOf(spec, scene.now) : null;
    this.keys =
      this.#windows?.keys ??
      (spec.kind === 'static' ? spec.keys : spec.kind === 'dynamic' ? scene.dynamicKeys(spec.name) : []);
    this.#places = new Places(this.keys);
  }

  has(key: string): boolean {
    return this.indexOf(key) >= 0;
  }

  indexOf(key: string): number {
    return this.#places.indexOf(key);
  }

  boundsOf(key: string): Bounds | null {
    const place = this.#windows ? this.indexOf(key) : -1;
    const [start, end] = [this.#windows?.bounds[place], this.#windows?.bounds[place + 1]];
    return start === undefined || end === undefined ? null : [start, end];
  }

  windowOf(key: string): Window | null {
    return toWindow(this.boundsOf(key));
  }

  overlapping({ start, end }: Window): readonly string[] {
    if (!this.#windows) return [];
    const { bounds, keys } = this.#windows;
    const first = windowAt(this.#windows, start.getTime());
    const last = windowAt(this.#windows, end.getTime() - 1);
    if (first < 0) return [];
    // The nearest windows, where these are outside of all.
    const isShared = (place: number) =>
      (bounds[place] ?? 0) < end.getTime() && (bounds[place + 1] ?? 0) > start.getTime();
    return keys.slice(first, last + 1).filter((_, index) => isShared(first + index));
  }

  absent({ start, end }: Window): readonly string[] {
    const { bounds = [] } = this.#windows ?? {};
    const isCovered = (bounds[0] ?? Infinity) <= start.getTime() && (bounds.at(-1) ?? 0) >= end.getTime();
    if (this.spec.kind !== 'time' || isCovered || start >= end) return [];
    return windowsOver(this.spec, start.getTime(), end.getTime()).filter((key) => !this.has(key));
  }

  countUntil({ start, end }: Window): number {
    const last = this.#windows?.bounds.at(-1) ?? Infinity;
    if (this.spec.kind !== 'time' || start.getTime() < last || start >= end) return 0;
    return windowsOver(this.spec, last, end.getTime()).length;
  }

  partsOf(): null {
    return null;
  }

  dimension(): undefined {
    return undefined;
  }
}

class ProductSet implements PartitionSet {
  readonly spec: ProductSpec;
  readonly keys: readonly string[];
  readonly #sets: readonly (readonly [name: string, set: PartitionSet])[];

  constructor(spec: ProductSpec, scene: PartitionScene) {
    this.spec = spec;
    this.#sets = spec.dimensions.map((one) => [one.name, new KeySet(one.spec, scene)]);
    const [first, second] = this.#sets.map(([, set]) => set.keys);
    this.keys = (first ?? []).flatMap((a) => (second ?? []).map((b) => `${a}/${b}`));
  }

  has(key: string): boolean {
    return this.indexOf(key) >= 0;
  }

  indexOf(key: string): number {
    const [first = -1, second = -1] = key
      .split('/')
      .map((part, at) => this.#sets[at]?.[1].indexOf(part) ?? -1);
    const width = this.#sets[1]?.[1].keys.length ?? 0;
    return first < 0 || second < 0 || key.split('/').length !== 2 ? -1 : first * width + second;
  }

  boundsOf(key: string): Bounds | null {
    const parts = key.split('/');
    const [first, second] = this.#sets.map(([, set], at) => set.boundsOf(parts[at] ?? ''));
    return first && second ? [...first, ...second] : (first ?? second ?? null);
  }

  windowOf(key: string): Window | null {
    return toWindow(this.boundsOf(key));
  }

  overlapping(window: Window): readonly string[] {
    const [first, second] = this.#sets.map(([, set]) =>
      set.spec.kind === 'time' ? set.overlapping(window) : set.keys,
    );
    return this.#sets.some(([, set]) => set.spec.kind === 'time')
      ? (first ?? []).flatMap((a) => (second ?? []).map((b) => `${a}/${b}`))
      : [];
  }

  absent(window: Window): readonly string[] {
    const [first, second] = this.#sets.map(([, set]) => set.absent(window));
    return [...(first ?? []).map((a) => `${a}/*`), ...(second ?? []).map((b) => `*/${b}`)];
  }

  countUntil(): number {
    return 0;
  }

  partsOf(key: string): Readonly<Record<string, string>> {
    const parts = key.split('/');
    return Object.fromEntries(this.#sets.map(([name], at) => [name, parts[at] ?? '']));
  }

  dimension(name: string): PartitionSet | undefined {
    return this.#sets.find(([other]) => other === name)?.[1];
  }
}

const toWindow = (bounds: Bounds | null): Window | null =>
  bounds && { start: new Date(bounds[0]), end: new Date(bounds[1]) };
