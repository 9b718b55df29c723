import type { AssetKey } from '@nx-assets/core';
import { describeReason, type PlannedStep, type Reason } from '@nx-assets/engine';
import { count, plural } from './format.ts';

/** How the partitions of an asset stand, in numbers. */
export interface PartitionCounts {
  readonly total: number;
  readonly fresh: number;
  readonly stale: number;
  readonly missing: number;
  readonly failed: number;
}

/** How one partition stands, the most urgent first. */
export type PartitionState = 'failed' | 'missing' | 'stale' | 'fresh';

const isMissing = ({ reasons }: PlannedStep): boolean =>
  reasons.some(({ kind }) => kind === 'missing' || kind === 'value-missing');

export function stateOf(step: PlannedStep, failed: ReadonlySet<string>): PartitionState {
  // What is as it should be has nothing to fix: somebody has taken back what it failed of.
  if (step.action === 'keep') return 'fresh';
  if (failed.size > 0 && failed.has(`${step.key} ${step.partition}`)) return 'failed';
  return isMissing(step) ? 'missing' : 'stale';
}

export function countStates(steps: readonly PlannedStep[], failed: ReadonlySet<string>): PartitionCounts {
  const counts = { total: steps.length, fresh: 0, stale: 0, missing: 0, failed: 0 };
  for (const step of steps) counts[stateOf(step, failed)]++;
  return counts;
}

/** `12 missing, 3 stale of 365`. */
export function describeCounts({ total, ...counts }: PartitionCounts): string {
  const parts = (['failed', 'missing', 'stale'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${count(counts[state])} ${state}`);
  return parts.length > 0 ? `${parts.join(', ')} of ${count(total)}` : plural(total, 'partition');
}

/** Steps by asset, in the order in which they come. */
export function byAsset(steps: readonly PlannedStep[]): ReadonlyMap<AssetKey, readonly PlannedStep[]> {
  const groups = new Map<AssetKey, PlannedStep[]>();
  for (const step of steps) {
    const group = groups.get(step.key);
    if (group) group.push(step);
    else groups.set(step.key, [step]);
  }
  return groups;
}

const WEIGHT = { run: 0, blocked: 1, undecided: 2, restore: 3, keep: 4 } as const;

/** One step that stands for all partitions of an asset: the most it would do, with every kind of reason once. */
export function asOne(steps: readonly PlannedStep[]): PlannedStep | undefined {
  const [first] = steps;
  if (!first || first.partition === null) return first;
  const most = steps.reduce((a, b) => (WEIGHT[b.action] < WEIGHT[a.action] ? b : a));
  const reasons = new Map<string, Reason>();
  // Most partitions share the very list.
  const seen = new Set<PlannedStep['reasons']>();
  for (const { action, reasons: own } of steps) {
    if (action !== most.action || reasons.size > 5 || seen.has(own)) continue;
    seen.add(own);
    for (const reason of own) {
      const words = describeReason(reason).replace(/ \[.*\]$/, '');
      if (!reasons.has(words)) reasons.set(words, reason);
    }
  }
  return { key: first.key, partition: null, action: most.action, reasons: [...reasons.values()] };
}
