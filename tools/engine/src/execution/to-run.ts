import type { AssetManifest } from '@nx-assets/core';
import type { Partitioning } from '../partitioning.ts';
import { type Evaluation, madeWith } from './evaluate.ts';

/** What has to run, and with it whatever else its function makes; then the others. Ranged steps make one by one. */
export function divide(evaluations: readonly Evaluation[]): {
  readonly toRun: readonly Evaluation[];
  readonly others: readonly Evaluation[];
} {
  const stale = evaluations.filter(({ decision, coProduct }) => decision.action === 'run' && !coProduct);
  const [cause] = stale;
  if (!cause?.manifest.siblings) {
    const isStale = new Set(stale);
    return { toRun: stale, others: evaluations.filter((one) => !isStale.has(one)) };
  }
  const toRun = evaluations.map((one): Evaluation =>
    one.decision.action === 'run'
      ? one
      : { ...one, decision: { action: 'run', reasons: madeWith(cause.manifest.key) } },
  );
  return { toRun, others: [] };
}

/** Partitions that follow each other: a ranged step is about a stretch without holes. */
export function stretchesOf(
  { key, siblings }: AssetManifest,
  evaluations: readonly Evaluation[],
  partitioning: Partitioning,
): readonly (readonly Evaluation[])[] {
  if (siblings && evaluations.length > 0) return [evaluations];
  const set = partitioning.set(key);
  const stretches: Evaluation[][] = [];
  for (const evaluation of evaluations) {
    const last = stretches.at(-1)?.at(-1);
    const isNext =
      set && last && set.indexOf(evaluation.partition ?? '') === set.indexOf(last.partition ?? '') + 1;
    if (isNext) stretches.at(-1)?.push(evaluation);
    else stretches.push([evaluation]);
  }
  return stretches;
}
