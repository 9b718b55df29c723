import type { ServerEvent } from './api.ts';

/** What waits to be sent to one page, in order. `null` is a sign of life. */
export class EventQueue implements AsyncIterable<ServerEvent | null> {
  #waiting: (ServerEvent | null)[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;

  readonly put = (event: ServerEvent | null): void => {
    this.#waiting.push(event);
    this.#wake();
  };

  /** What has happened before all that waits. */
  readonly putFirst = (events: readonly ServerEvent[]): void => {
    this.#waiting = [...events, ...this.#waiting];
    this.#wake();
  };

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ServerEvent | null> {
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const event of batch) {
        if (this.#isClosed) return;
        yield event;
      }
      if (this.#isClosed) return;
      if (this.#waiting.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
