import type { Context } from '@nx-assets/core';

/** Between two lines of progress. Milliseconds. */
const EVERY = 5_000;

/** How many there are, where that is known before they are read. */
export function countOf(items: Iterable<unknown> | AsyncIterable<unknown>): number | null {
  if (Array.isArray(items)) return items.length;
  return items instanceof Set || items instanceof Map ? items.size : null;
}

/** How far a fan-out is, in the log while it goes on, and in the record when it has ended. */
export class Progress {
  readonly #name: string;
  readonly #total: number | null;
  readonly #context: Pick<Context, 'log' | 'metadata'>;
  readonly #counts = { succeeded: 0, failed: 0, retried: 0 };
  #timer: ReturnType<typeof setInterval> | undefined;
  #begun = 0;

  constructor(name: string, total: number | null, context: Pick<Context, 'log' | 'metadata'>) {
    this.#name = name;
    this.#total = total;
    this.#context = context;
  }

  start(): void {
    this.#begun = performance.now();
    this.#timer = setInterval(() => this.#context.log.info(this.#line()), EVERY);
    this.#timer.unref();
  }

  succeeded(): void {
    this.#counts.succeeded++;
  }

  failed(): void {
    this.#counts.failed++;
  }

  retried(): void {
    this.#counts.retried++;
  }

  end(): void {
    clearInterval(this.#timer);
    const milliseconds = Math.round(performance.now() - this.#begun);
    this.#context.metadata({ [this.#name]: { ...this.#counts, milliseconds } });
  }

  #line(): string {
    const { succeeded, failed, retried } = this.#counts;
    const done = succeeded + failed;
    const total = this.#total === null ? '' : ` of ${this.#total}`;
    const more = [failed > 0 ? `${failed} failed` : '', retried > 0 ? `${retried} tried again` : ''];
    return [`${done}${total} ${this.#name}`, ...more.filter(Boolean)].join(', ');
  }
}
