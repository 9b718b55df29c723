import type { Said } from './api.ts';

/** What waits to be sent to one page, in order. `null` is a sign of life. */
export class Letters implements AsyncIterable<Said | null> {
  #waiting: (Said | null)[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  readonly put = (letter: Said | null): void => {
    this.#waiting.push(letter);
    this.#wake();
  };

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Said | null> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const letter of batch) {
        if (this.#isClosed) return;
        yield letter;
      }
      if (this.#isClosed) return;
      if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
