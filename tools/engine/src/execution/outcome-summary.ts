import type { AssetKey } from '@nx-assets/core';
import type { Outcome, PartitionSummary } from '../events.ts';

/** The first failures are told by name; of the rest only how many there are. */
const NAMED = 20;
/** The most telling first: what one partition came to stands for the asset. */
const WEIGHT = ['failed', 'cancelled', 'blocked', 'materialized', 'up-to-date'] as const;

/** Adds up what the partitions of an asset came to. */
export class OutcomeSummary {
  readonly #key: AssetKey;
  readonly #counts = new Map<Outcome['status'], number>();
  readonly #failed: { partition: string; error: Outcome['error'] }[] = [];
  #leading: Outcome | undefined;
  #rows: number | null = null;
  #bytes = 0;
  #changed: boolean | null = false;
  #from = Infinity;
  #to = 0;
  readonly #announcements = new Set<string>();

  constructor(key: AssetKey) {
    this.#key = key;
  }

  get failed(): number {
    return this.#counts.get('failed') ?? 0;
  }

  add(outcome: Outcome): void {
    const { status, partition, error, rowCount, bytes, changed } = outcome;
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
    if (status === 'failed' && this.#failed.length < NAMED) {
      this.#failed.push({ partition: partition ?? '', error });
    }
    const rank = (one: Outcome) => WEIGHT.indexOf(one.status);
    if (!this.#leading || rank(outcome) < rank(this.#leading)) this.#leading = outcome;
    if (rowCount !== null) this.#rows = (this.#rows ?? 0) + rowCount;
    this.#bytes += bytes ?? 0;
    if (status === 'materialized')
      this.#changed = changed === false && this.#changed === false ? false : true;
    this.#from = Math.min(this.#from, outcome.startedAt);
    this.#to = Math.max(this.#to, outcome.finishedAt);
    for (const said of outcome.announcements) this.#announcements.add(said);
  }

  /** What all of them came to. */
  outcome(now: number): Outcome {
    const leading = this.#leading;
    const partitions: PartitionSummary = {
      counts: Object.fromEntries(WEIGHT.flatMap((status) => this.#pair(status))),
      failed: this.#failed,
    };
    return {
      key: this.#key,
      partition: null,
      status: leading?.status ?? 'up-to-date',
      reasons: leading?.reasons ?? [{ kind: 'unchanged' }],
      changed: leading?.status === 'materialized' ? this.#changed : false,
      rowCount: this.#rows,
      bytes: this.#bytes,
      startedAt: leading ? this.#from : now,
      finishedAt: leading ? this.#to : now,
      error: leading?.error ?? null,
      checks: leading?.checks ?? [],
      announcements: [...this.#announcements],
      partitions,
    };
  }

  #pair(status: Outcome['status']): (readonly [Outcome['status'], number])[] {
    const count = this.#counts.get(status);
    return count === undefined ? [] : [[status, count]];
  }
}
