import { AssetError, type Context, type Json } from '@nx-assets/core';
import { located } from './blame.ts';

/** What a function of the graph will give. Only other functions of the same graph can have it. */
export interface Node<out T> {
  readonly name: string;
  /** Only in types. */
  readonly ' gives'?: T;
}

type Nodes = { readonly [name: string]: Node<unknown> };
type GivenBy<N extends Nodes> = {
  readonly [K in keyof N]: N[K] extends { readonly ' gives'?: infer T } ? T : never;
};

/** Puts functions into a graph. Each starts as soon as what it needs is there. */
export interface Functions {
  /** A function that needs no other. */
  <T>(name: string, run: (signal: AbortSignal) => T | Promise<T>): Node<Awaited<T>>;
  /** A function of what others gave, by names of its own. */
  <const N extends Nodes, T>(
    name: string,
    needs: N,
    run: (given: GivenBy<N>, signal: AbortSignal) => T | Promise<T>,
  ): Node<Awaited<T>>;
}

/** What of the context a graph uses. */
type Scene = Pick<Context, 'log' | 'metadata' | 'signal'>;

/** One function in the record of the asset, under `functions`. Milliseconds. */
interface Ran {
  readonly name: string;
  readonly after: readonly string[];
  readonly startedAt: number;
  readonly milliseconds: number;
}

/**
 * Runs small functions as a graph: `materialize: ({ a }, context) => compose(context, (fn) => { … return fn('join', { x, y }, …) })`.
 * Gives what the last node gives. Functions that do not need each other run side by side. The log has each with its
 * duration, so does the record, and a failure names the function that failed; the others are told to stop by their signal,
 * and waited for.
 */
export const compose = <T>(context: Scene, wire: (fn: Functions) => Node<T>): Promise<T> =>
  new Graph(context).run(wire);

class Graph {
  readonly #scene: Scene;
  readonly #failure = new AbortController();
  readonly #signal: AbortSignal;
  readonly #begun = performance.now();
  readonly #running = new Map<Node<unknown>, Promise<unknown>>();
  readonly #ran: Ran[] = [];
  #first: { readonly error: unknown } | undefined;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#signal = AbortSignal.any([scene.signal, this.#failure.signal]);
  }

  async run<T>(wire: (fn: Functions) => Node<T>): Promise<T> {
    const add = (name: string, ...rest: readonly unknown[]) => {
      const run = rest.at(-1) as (...given: readonly unknown[]) => unknown;
      const needs = rest.length === 2 ? (rest[0] as Nodes) : null;
      return this.#add(name, needs, run);
    };
    let last: Node<T> | undefined;
    try {
      last = wire(add as Functions);
    } catch (error) {
      this.#fail(error); // what has started must not go on
    }
    await Promise.allSettled(this.#running.values());
    const functions = this.#ran as unknown as Json;
    this.#scene.metadata({ functions });
    if (this.#first) throw this.#first.error;
    const result = last && this.#running.get(last);
    if (!result) throw new AssetError('MATERIALIZE_RESULT', 'compose() got no node of its graph back.');
    return (await result) as T;
  }

  #add(name: string, needs: Nodes | null, run: (...given: readonly unknown[]) => unknown): Node<unknown> {
    if ([...this.#running.keys()].some((other) => other.name === name)) {
      throw new AssetError('ASSET_OPTION_INVALID', `Two functions of one graph are called "${name}".`);
    }
    const stray = Object.keys(needs ?? {}).find(
      (alias) => !this.#running.has(needs?.[alias] as Node<unknown>),
    );
    if (stray !== undefined) {
      throw new AssetError(
        'ASSET_OPTION_INVALID',
        `"${name}" needs "${stray}", which is no function of this graph.`,
      );
    }
    const node: Node<unknown> = Object.freeze({ name });
    const running = this.#start(name, needs, run);
    running.catch(() => undefined); // looked at when all have ended
    this.#running.set(node, running);
    return node;
  }

  async #start(
    name: string,
    needs: Nodes | null,
    run: (...given: readonly unknown[]) => unknown,
  ): Promise<unknown> {
    const entries = Object.entries(needs ?? {});
    const values = await Promise.all(entries.map(([, node]) => this.#running.get(node) as Promise<unknown>));
    this.#signal.throwIfAborted();
    const given = Object.fromEntries(entries.map(([alias], index) => [alias, values[index]]));
    const startedAt = performance.now();
    const { log } = this.#scene;
    const milliseconds = () => Math.round(performance.now() - startedAt);
    try {
      const result = needs ? await run(given, this.#signal) : await run(this.#signal);
      const after = [...new Set(entries.map(([, node]) => node.name))];
      const ran = {
        name,
        after,
        startedAt: Math.round(startedAt - this.#begun),
        milliseconds: milliseconds(),
      };
      this.#ran.push(ran);
      log.debug(`${name}: ${ran.milliseconds} ms`);
      return result;
    } catch (error) {
      // One that was told to stop did not fail.
      if (!this.#signal.aborted) log.warn(`${name} failed after ${milliseconds()} ms`);
      throw this.#fail(this.#scene.signal.aborted ? error : located(`In "${name}"`, error));
    }
  }

  /** The first failure is the cause; what comes after it may be its consequence. */
  #fail(error: unknown): unknown {
    this.#first ??= { error };
    this.#failure.abort(error);
    return error;
  }
}
