import type { AssetKey } from '@nx-assets/core';
import type { Outcome, PartitionSummary } from '../events.ts';

/** The first failures are told by name; of the rest only how many there are. */
const NAMED = 20;
/** The most telling first: what one partition came to stands for the asset. */
const WEIGHT = ['failed', 'cancelled', 'blocked', 'materialized', 'up-to-date'] as const;

/** Partitions end in any order, but the same failures are told in the same way: the earliest key first. */
const compare = (a: Outcome, b: Outcome): number =>
  WEIGHT.indexOf(a.status) - WEIGHT.indexOf(b.status) || byText(a.partition ?? '', b.partition ?? '');

const byText = (a: string, b: string): number => Number(a > b) - Number(a < b);

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
    if (!this.#leading || compare(outcome, this.#leading) < 0) this.#leading = outcome;
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
      failed: [...this.#failed].sort((a, b) => byText(a.partition, b.partition)),
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
