/** What may start and has not yet: by priority, and among equals in the order of arrival. */
export class ReadyQueue<T> {
  readonly #priorityOf: (item: T) => number;
  readonly #poolOf: (item: T) => string | null;
  /** By priority and pool: where a pool is full, nobody walks past all that wait for it. */
  readonly #lanes = new Map<number, Map<string | null, Lane<T>>>();
  #arrived = 0;

  constructor(priorityOf: (item: T) => number, poolOf: (item: T) => string | null) {
    this.#priorityOf = priorityOf;
    this.#poolOf = poolOf;
  }

  push(item: T): void {
    const priority = this.#priorityOf(item);
    const pool = this.#poolOf(item);
    const lanes = this.#lanes.get(priority) ?? new Map<string | null, Lane<T>>();
    const lane = lanes.get(pool) ?? new Lane<T>();
    lane.push(item, this.#arrived++);
    this.#lanes.set(priority, lanes.set(pool, lane));
  }

  /** The next one whose pool has room; `undefined` where there is none. */
  take(hasRoom: (pool: string) => boolean): T | undefined {
    for (const [, lanes] of [...this.#lanes].sort(([a], [b]) => b - a)) {
      let next: Lane<T> | undefined;
      for (const [pool, lane] of lanes) {
        const isEarlier = lane.since < (next?.since ?? Infinity);
        if (isEarlier && (pool === null || hasRoom(pool))) next = lane;
      }
      if (next) return next.shift();
    }
    return undefined;
  }
}

/** A list that gives up its first item in constant time. */
class Lane<T> {
  #items: { readonly item: T; readonly at: number }[] = [];
  #next = 0;

  /** When the first arrived; `Infinity` where there is none. */
  get since(): number {
    return this.#items[this.#next]?.at ?? Infinity;
  }

  push(item: T, at: number): void {
    this.#items.push({ item, at });
  }

  shift(): T | undefined {
    const first = this.#items[this.#next++];
    if (this.#next >= this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    return first?.item;
  }
}
