import { plainText } from '@nx-assets/workspace/terminal-text';
import { AssetError, type Json } from '@nx-assets/core';
import type { GroupSource, Redactor } from '@nx-assets/engine';
import type { HistoryReader } from '@nx-assets/event-log';
import { SensorProcess } from './sensor-process.ts';
import type { NamedSensor } from '../definitions.ts';
import type { Sensed } from '../decide.ts';
import { look } from '../sense/index.ts';

export interface SensingOptions {
  readonly root: string;
  readonly history: HistoryReader;
  now(): number;
  /** The groups as they are now: whoever gets other ones loads them anew. */
  sources(): readonly GroupSource[];
  /** Ids of runs that a sensor has started. */
  runsOf(name: string): Promise<ReadonlySet<string>>;
  say(name: string, message: string): void;
  /** Takes secrets out of what is said and kept. */
  redactor(): Redactor;
}

/** Lets sensors look: at what the framework can see, here; by functions of their own, in another process. */
export class Sensing {
  readonly #options: SensingOptions;
  #process: SensorProcess | undefined;
  #loaded: readonly GroupSource[] | undefined;
  #isClosed = false;
  readonly #running = new Set<SensorProcess>();
  /** Sensors that have ended a process: since their definitions were loaded. */
  readonly #culprits = new Set<string>();

  constructor(options: SensingOptions) {
    this.#options = options;
  }

  /** One look. Never rejects. What it says goes to logs and the history, and has no secret of any asset in it. */
  async sense(sensor: NamedSensor, cursor: Json | undefined): Promise<Sensed> {
    const sensed = await this.#sense(sensor, cursor);
    const redactor = this.#options.redactor();
    if ('failed' in sensed) return { failed: redactor.text(sensed.failed) };
    const { because, requests } = sensed.seen;
    return {
      seen: {
        ...sensed.seen,
        ...(because === undefined ? {} : { because: plain(redactor.text(because)) }),
        ...(requests === undefined
          ? {}
          : {
              requests: requests.map((request) =>
                request.because === undefined
                  ? request
                  : { ...request, because: plain(redactor.text(request.because)) },
              ),
            }),
      },
    };
  }

  async #sense(sensor: NamedSensor, cursor: Json | undefined): Promise<Sensed> {
    const { root, history, now, runsOf } = this.#options;
    const { name, watch, timeout } = sensor;
    if (watch === null) return this.#call(sensor, cursor ?? null);
    const signal = AbortSignal.timeout(timeout);
    const isOver = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error(`it took longer than ${timeout / 1_000} s`))),
    );
    try {
      const scope = { root, now: new Date(now()), signal, history, ownRuns: () => runsOf(name) };
      return { seen: await Promise.race([look(watch, cursor, scope), isOver]) };
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * In the process of all; where that ends with several in it, each once more by itself. Who ended a process when it was
   * alone stays alone: no other sensor loses a look to it again.
   */
  async #call({ name, timeout }: NamedSensor, cursor: Json): Promise<Sensed> {
    const { root, now } = this.#options;
    const sources = this.#options.sources();
    const shared = this.#culprits.has(name) ? null : this.#shared(sources);
    const order = { root, sources, name, cursor, now: now(), timeout };
    const first = await shared?.call(order);
    if (first && 'seen' in first) return first;
    if (first && 'failed' in first) return failure(name, first.failed);
    if (first?.isAlone === false && !this.#isClosed) return this.#callAlone(order);
    if (!first) return this.#callAlone(order);
    this.#culprits.add(name);
    return failure(name, first.lost);
  }

  async #callAlone(order: Parameters<SensorProcess['call']>[0]): Promise<Sensed> {
    const own = this.#open();
    const called = await own.call(order);
    own.end('');
    if ('seen' in called) return called;
    if ('failed' in called) return failure(order.name, called.failed);
    this.#culprits.add(order.name);
    return failure(order.name, called.lost);
  }

  /** The process that has loaded the definitions as they are now. What is asked of an older one is still answered. */
  #shared(sources: readonly GroupSource[]): SensorProcess {
    if (this.#process?.isUsable && this.#loaded === sources) return this.#process;
    if (this.#loaded !== sources) this.#culprits.clear();
    this.#process?.retire();
    this.#process = this.#open();
    this.#loaded = sources;
    return this.#process;
  }

  #open(): SensorProcess {
    const { root, say, redactor } = this.#options;
    const told = (name: string, message: string) => say(name, redactor().text(message));
    const process = new SensorProcess(root, told, (ended) => this.#running.delete(ended));
    this.#running.add(process);
    return process;
  }

  close(): void {
    this.#isClosed = true;
    for (const process of [...this.#running]) process.end('nobody waits for it any more.');
  }
}

/** One line, and nothing that a terminal would obey. */
const plain = (text: string): string => plainText(text).replaceAll(/\s+/g, ' ').trim();

const failure = (name: string, facts: string): Sensed => ({
  failed: new AssetError('SENSOR_FAILED', `${name}: ${facts.replace(/[.\s]*$/, '')}.`).message,
});
