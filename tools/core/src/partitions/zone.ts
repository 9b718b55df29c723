/** Milliseconds of a day, and of a quarter of an hour: no zone changes its offset in between. */
const DAY = 86_400_000;
const MINUTE = 60_000;

/** Local time of a place, by the time-zone data of the runtime. */
export class Zone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat | null;
  readonly #days = new Map<number, number>();

  /** Throws `RangeError` for a name that is no time zone. */
  constructor(name: string) {
    this.name = name;
    this.#format =
      name === 'UTC'
        ? null
        : new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /** What to add to UTC for local time, milliseconds. */
  offsetAt(instant: number): number {
    if (!this.#format) return 0;
    const day = Math.floor(instant / DAY);
    const from = this.#startOf(day);
    // On most days it is the same at both ends.
    return from === this.#startOf(day + 1) ? from : this.#lookUp(instant);
  }

  /** Local time as if it were UTC. */
  local(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  /**
   * The first instant at which clocks show a local time, given as if it were UTC. Where they skip it, the instant at
   * which they skip.
   */
  firstInstantOf(local: number): number {
    const before = this.offsetAt(local - DAY);
    const after = this.offsetAt(local + DAY);
    const shown = [local - before, local - after].filter((instant) => this.local(instant) === local);
    if (shown.length > 0) return Math.min(...shown);
    return this.changeBetween(local - DAY, local + DAY);
  }

  #startOf(day: number): number {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const offset = this.#lookUp(day * DAY);
    this.#days.set(day, offset);
    return offset;
  }

  #lookUp(instant: number): number {
    const text = this.#format?.format(instant) ?? '';
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/.exec(text);
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] = match ?? [];
    const offset = (Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * 1_000;
    return sign === '-' ? -offset : offset;
  }

  /** The first instant with another offset than at `from`; there is one up to `to`. */
  changeBetween(from: number, to: number): number {
    const was = this.offsetAt(from);
    let [low, high] = [from, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === was) low = middle;
      else high = middle;
    }
    return high;
  }
}

const zones = new Map<string, Zone>();

/** The zone of a name. Throws `RangeError`. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name) ?? new Zone(name);
  zones.set(name, known);
  return known;
}
