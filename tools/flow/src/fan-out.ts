import { AssetError, type Context, type RetryPolicy, toControl, waitBefore } from '@nx-assets/core';
import { located } from './blame.ts';
import { countOf, Progress } from './progress.ts';
import { wait } from './wait.ts';

/** What a function over items gets besides the item. */
export interface ItemContext {
  /** What the item is called in messages. */
  readonly key: string;
  /** Aborts when the run is cancelled, or another item has failed. */
  readonly signal: AbortSignal;
}

export interface FanOutOptions<Item> {
  /** Of the asset: its signal ends the fan-out, its log has the progress, its record the counts. */
  readonly context: Pick<Context, 'log' | 'metadata' | 'signal'>;
  /** What the items are called in the log and in the record. Default: `items`. */
  readonly name?: string;
  /** Items at the same time. Default: 4. */
  readonly concurrency?: number;
  /** What an item is called. Default: its place in the list, from 1. */
  key?(item: Item, index: number): string;
  /** How often an item is tried again before it has failed. */
  readonly retry?: RetryPolicy;
  /**
   * After a failure: `stop` tells the others to stop and starts no more; `collect` goes on, and names all that failed at the
   * end. Either way the asset fails, and nothing is published. Default: `stop`.
   */
  readonly onFailure?: 'stop' | 'collect';
}

/** Results in the order of the list, each as soon as those before it are there. */
export interface FanOut<Result> extends AsyncIterable<Result> {
  /** All results, in memory. */
  all(): Promise<Result[]>;
}

/** Results that wait for one further up in the list, for each that is under way. */
const AHEAD = 4;
/** Failures that a message has in words. */
const SHOWN = 10;

/**
 * Runs a function over many items, of which the first is known when the asset runs: so many at a time, in one step, with one
 * record. Nothing starts before somebody reads. It takes items as results are read, and holds no more than
 * `4 × concurrency` of them, so a table can be streamed from a list of any length.
 *
 * A failure names the item and keeps its code. With `onFailure: 'collect'` the iteration ends with `ITEMS_FAILED`.
 */
export function fanOut<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  options: FanOutOptions<NoInfer<Item>>,
  work: (item: NoInfer<Item>, context: ItemContext) => Result | Promise<Result>,
): FanOut<Result> {
  const { concurrency = 4 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new AssetError('ASSET_OPTION_INVALID', `concurrency is ${concurrency}, not a whole number from 1.`);
  }
  const results = () => new Run(items, { ...options, concurrency }, work).results();
  return {
    [Symbol.asyncIterator]: results,
    async all() {
      const all: Result[] = [];
      for await (const result of results()) all.push(result);
      return all;
    },
  };
}

type Settled<Result> = { readonly result: Result } | { readonly error: unknown };

class Run<Item, Result> {
  readonly #items: Iterable<Item> | AsyncIterable<Item>;
  readonly #options: FanOutOptions<Item> & { readonly concurrency: number };
  readonly #work: (item: Item, context: ItemContext) => Result | Promise<Result>;
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #progress: Progress;
  readonly #failures: string[] = [];
  #active = 0;
  /** Called when a place is free. */
  #free: () => void = () => undefined;

  constructor(
    items: Iterable<Item> | AsyncIterable<Item>,
    options: FanOutOptions<Item> & { readonly concurrency: number },
    work: (item: Item, context: ItemContext) => Result | Promise<Result>,
  ) {
    const { context, name = 'items' } = options;
    this.#items = items;
    this.#options = options;
    this.#work = work;
    this.#signal = AbortSignal.any([context.signal, this.#failure.signal]);
    this.#progress = new Progress(name, countOf(items), context);
  }

  async *results(): AsyncGenerator<Result, void> {
    const { concurrency } = this.#options;
    const source = iteratorOf(this.#items);
    const ahead: Promise<Settled<Result>>[] = [];
    const running = new Set<Promise<unknown>>();
    let index = 0;
    let isOver = false;
    this.#progress.start();
    try {
      while (!isOver || ahead.length > 0) {
        while (!isOver && ahead.length < concurrency * AHEAD && this.#active < concurrency) {
          this.#signal.throwIfAborted();
          const next = await source.next();
          if (next.done) {
            isOver = true;
            break;
          }
          const settled = this.#settle(next.value, index++);
          running.add(settled);
          void settled.then(() => running.delete(settled));
          ahead.push(settled);
        }
        const [first] = ahead;
        if (!first) continue;
        // Either there is a result to hand out, or a place for another item.
        const canTake = !isOver && ahead.length < concurrency * AHEAD;
        const settled = await (canTake ? Promise.race([first, this.#place()]) : first);
        if (settled === undefined) continue;
        void ahead.shift();
        if ('result' in settled) yield settled.result;
        else if (this.#options.onFailure !== 'collect') throw settled.error;
      }
      this.#signal.throwIfAborted();
      if (this.#failures.length > 0) throw this.#failed(index);
    } catch (error) {
      // What others were told to stop by is the cause.
      const { signal } = this.#options.context;
      throw signal.aborted
        ? signal.reason
        : this.#failure.signal.aborted
          ? this.#failure.signal.reason
          : error;
    } finally {
      // Also when the reader has enough. Nothing goes on behind the back of a step that has ended.
      this.#failure.abort(new Error('The fan-out has ended.'));
      await Promise.allSettled(running);
      if (!isOver) await source.return?.();
      this.#progress.end();
    }
  }

  /** Resolves with nothing when an item has ended and another may start. */
  #place(): Promise<undefined> {
    if (this.#active < this.#options.concurrency) return Promise.resolve(undefined);
    return new Promise((resolve) => (this.#free = () => resolve(undefined)));
  }

  async #settle(item: Item, index: number): Promise<Settled<Result>> {
    const key = this.#options.key?.(item, index) ?? String(index + 1);
    this.#active++;
    try {
      const result = await this.#attempts(item, key);
      this.#progress.succeeded();
      return { result };
    } catch (error) {
      if (this.#signal.aborted) return { error };
      const failure = located(this.#nameOf(key), error);
      this.#progress.failed();
      this.#failures.push(`${failure.code}: ${failure.facts}`);
      if (this.#options.onFailure !== 'collect') this.#failure.abort(failure);
      return { error: failure };
    } finally {
      this.#active--;
      this.#free();
    }
  }

  async #attempts(item: Item, key: string): Promise<Result> {
    const { retry, context } = this.#options;
    const control = toControl(retry ? { retry } : {});
    for (let attempt = 1; ; attempt++) {
      this.#signal.throwIfAborted();
      try {
        return await this.#work(item, { key, signal: this.#signal });
      } catch (error) {
        if (this.#signal.aborted || attempt >= control.attempts || !isRetried(error, retry?.on)) throw error;
        const pause = waitBefore(attempt + 1, control, Math.random());
        this.#progress.retried();
        const [line = ''] = located(this.#nameOf(key), error).facts.split('\n');
        context.log.debug(`attempt ${attempt} failed, again in ${pause} ms. ${line}`);
        await wait(pause, this.#signal);
      }
    }
  }

  #nameOf(key: string): string {
    return `${this.#options.name ?? 'items'} "${key}"`;
  }

  #failed(total: number): AssetError {
    const shown = this.#failures.slice(0, SHOWN).map((line) => `  ${line}`);
    const rest = this.#failures.length - shown.length;
    const lines = [...shown, ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n');
    const { name = 'items' } = this.#options;
    return new AssetError('ITEMS_FAILED', `${this.#failures.length} of ${total} ${name} failed:\n${lines}\n`);
  }
}

function isRetried(error: unknown, on: RetryPolicy['on']): boolean {
  if (typeof on === 'function') return on(error);
  const code = error instanceof AssetError ? error.code : 'MATERIALIZE_THREW';
  return on === undefined || on.includes(code);
}

const iteratorOf = <T>(items: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> =>
  Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
