import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import type { Outcome, RunEvent } from '../events.ts';
import { OutcomeSummary } from './outcome-summary.ts';

/** How far the partitions of an asset have come. */
interface PartitionProgress {
  readonly summary: OutcomeSummary;
  readonly total: number;
  readonly since: number;
  done: number;
  ran: number;
}

/** Adds up what the steps of a run came to, and says it: steps, how far partitions have come, and assets. */
export class RunProgress {
  readonly #outcomes = new Map<AssetKey, Outcome>();
  readonly #partitioned = new Map<AssetKey, PartitionProgress>();
  readonly #now: () => number;
  readonly #emit: (event: RunEvent) => void;

  constructor(now: () => number, emit: (event: RunEvent) => void) {
    this.#now = now;
    this.#emit = emit;
  }

  /** Says how many partitions of an asset there will be outcomes of. One without any is done at once. */
  expect({ key, partitions }: AssetManifest, total: number): void {
    if (!partitions) return;
    const since = this.#now();
    const summary = new OutcomeSummary(key);
    this.#partitioned.set(key, { summary, total, done: 0, ran: 0, since });
    if (total === 0) this.#finish(summary.outcome(since));
  }

  /** What a unit came to. */
  add(outcomes: readonly Outcome[]): void {
    const moved = new Map<AssetKey, PartitionProgress>();
    for (const outcome of outcomes) {
      const progress = this.#partitioned.get(outcome.key);
      const isKept = outcome.status === 'up-to-date';
      if (!progress || !isKept) this.#emit({ type: 'step-finished', outcome });
      if (!progress) {
        this.#finish(outcome);
        continue;
      }
      progress.summary.add(outcome);
      progress.done++;
      if (!isKept) progress.ran++;
      if (!isKept || progress.done === progress.total) moved.set(outcome.key, progress);
    }
    for (const [key, progress] of moved) {
      if (progress.done === progress.total) this.#finish(progress.summary.outcome(this.#now()));
      else this.#sayProgress(key, progress);
    }
  }

  /** What each asset came to. Throws `FRAMEWORK_BUG` where one has no outcome. */
  result(keys: Iterable<AssetKey>): ReadonlyMap<AssetKey, Outcome> {
    for (const key of keys) {
      if (!this.#outcomes.has(key))
        throw new AssetError('FRAMEWORK_BUG', `The run ended without an outcome for ${key}.`);
    }
    return this.#outcomes;
  }

  #finish(outcome: Outcome): void {
    this.#outcomes.set(outcome.key, outcome);
    this.#emit({ type: 'asset-finished', outcome });
  }

  #sayProgress(key: AssetKey, { done, total, summary, ran, since }: PartitionProgress): void {
    const leftMs = ran === 0 ? null : ((this.#now() - since) / ran) * (total - done);
    this.#emit({ type: 'progress', key, done, total, failed: summary.failed, leftMs });
  }
}
