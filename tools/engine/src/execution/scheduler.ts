import { AssetError } from '@nx-assets/core';
import { ReadyQueue } from './ready.ts';
import type { ScheduledUnit } from './units.ts';

export interface Schedule {
  readonly units: readonly ScheduledUnit[];
  /** Units at the same time. */
  readonly concurrency: number;
  /** Units of a pool at the same time. */
  sizeOf(pool: string): number;
  /** Whether a unit could be done without waiting for anything: there may be a hundred thousand of these. */
  doneAtOnce(unit: ScheduledUnit): boolean;
  run(unit: ScheduledUnit): Promise<void>;
}

/**
 * Runs units, each after those that it waits for, ready ones side by side. When one rejects, no other is started, and what
 * it rejected with is thrown as soon as those have ended that run.
 */
export const schedule = (options: Schedule): Promise<void> => new Scheduler(options).all();

class Scheduler {
  readonly #options: Schedule;
  readonly #ready: ReadyQueue<ScheduledUnit>;
  /** Units of each pool that run. */
  readonly #pools = new Map<string, number>();
  readonly #failures: unknown[] = [];
  #running = 0;
  #open = 0;
  #wake = () => {};

  constructor(options: Schedule) {
    this.#options = options;
    this.#ready = new ReadyQueue(
      ({ manifest }) => manifest.control.priority,
      ({ manifest }) => manifest.control.pool,
    );
  }

  async all(): Promise<void> {
    for (const unit of this.#options.units) {
      this.#open++;
      if (unit.waits === 0) this.#ready.push(unit);
    }
    while (this.#open > 0) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      if (this.#failures.length === 0) this.#startReady();
      if (this.#running > 0) await woken;
      else if (this.#failures.length > 0) throw this.#failures[0];
      else if (this.#open > 0)
        throw new AssetError('FRAMEWORK_BUG', `${this.#open} steps are waiting for each other.`);
    }
  }

  #startReady(): void {
    const { concurrency, sizeOf, doneAtOnce } = this.#options;
    const hasRoom = (pool: string) => (this.#pools.get(pool) ?? 0) < sizeOf(pool);
    while (this.#running < concurrency) {
      const unit = this.#ready.take(hasRoom);
      if (!unit) return;
      if (doneAtOnce(unit)) this.#release(unit);
      else void this.#start(unit);
    }
  }

  async #start(unit: ScheduledUnit): Promise<void> {
    const { pool } = unit.manifest.control;
    this.#running++;
    this.#count(pool, 1);
    try {
      await this.#options.run(unit);
      this.#release(unit);
    } catch (error) {
      this.#failures.push(error);
    }
    this.#running--;
    this.#count(pool, -1);
    this.#wake();
  }

  #count(pool: string | null, more: number): void {
    if (pool !== null) this.#pools.set(pool, (this.#pools.get(pool) ?? 0) + more);
  }

  /** Lets those go on that waited for a unit. */
  #release(unit: ScheduledUnit): void {
    this.#open--;
    for (const dependent of unit.dependents) {
      dependent.waits--;
      if (dependent.waits === 0) this.#ready.push(dependent);
    }
  }
}
