/** So many wrong passwords in a row cost nothing: people mistype. */
const FREE = 5;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Counts wrong passwords, and says how long the next one has to wait: twice as long after each. */
export class Tries {
  readonly #now: () => number;
  #wrong = 0;
  #last = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  note(isRight: boolean): void {
    this.#wrong = isRight ? 0 : this.#wrong + 1;
    this.#last = this.#now();
  }

  /** Milliseconds until a password is looked at again. */
  wait(): number {
    if (this.#wrong < FREE) return 0;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#wrong - FREE));
    return Math.max(0, this.#last + wait - this.#now());
  }
}
