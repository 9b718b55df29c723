import { AssetError } from '@nx-assets/core';
import type { Outcome, RunEvent } from '../events.ts';
import { toFailure } from '../failure.ts';
import type { Partitioning } from '../partitioning.ts';
import { Redactor, secretsIn } from '../redact.ts';
import { type AssetPartition, idOf, partitionId } from './asset-partition.ts';
import type { InProcessRunner } from './in-process-runner.ts';
import { blockedBy, outcomeOf } from './outcome.ts';
import { prerequisiteIds } from './prerequisites.ts';
import type { StepEnds } from './step-ends.ts';
import type { StepEnvironment } from './step-environment.ts';
import type { StepRunner, StepUnit } from './step-runner.ts';

export interface UnitRun {
  readonly environment: Pick<StepEnvironment, 'signal' | 'env' | 'now'>;
  readonly partitioning: Partitioning;
  readonly ends: StepEnds;
  readonly here: InProcessRunner;
  runnerFor(unit: StepUnit): StepRunner;
  emit(event: RunEvent): void;
}

/** The outcome of a partition that is up to date, told without any waiting; `null` where that takes more. */
export function keptAtOnce(unit: StepUnit, { ends, partitioning, here, emit }: UnitRun): Outcome | null {
  const [piece] = unit.partitions;
  if (!piece || piece.partition === null) return null;
  if (ends.blocker(prerequisiteIds(piece, partitioning)) !== undefined) return null;
  try {
    return here.keptAtOnce(unit, emit);
  } catch {
    return null; // the step fails with it
  }
}

/** Runs what of a unit is not blocked, wherever it is to run, and gives an outcome for everything that was asked for. */
export async function runUnit(unit: StepUnit, run: UnitRun): Promise<readonly Outcome[]> {
  const { ends, environment, partitioning, here, emit } = run;
  const { signal } = environment;
  const outcomes: Outcome[] = [];
  const partitions: AssetPartition[] = [];
  const now = environment.now().getTime();
  for (const piece of unit.partitions) {
    const blocker = ends.blocker(prerequisiteIds(piece, partitioning));
    if (blocker === undefined) partitions.push(piece);
    else if (!piece.coProduct) outcomes.push(blockedBy(piece, blocker, now));
  }
  const asked = partitions.filter(({ coProduct }) => !coProduct);
  if (asked.length === 0) return outcomes;
  if (signal.aborted)
    return [...outcomes, ...asked.map((piece) => outcomeOf(piece, now, now, { status: 'cancelled' }))];
  const runner = run.runnerFor(unit);
  const given = await runner.run({ manifest: unit.manifest, partitions }, { signal, emit });
  // Elsewhere records were made that this process has not seen.
  if (runner !== here)
    for (const piece of partitions) here.records.forget(piece.manifest.key, piece.partition);
  const byId = new Map(given.map((outcome) => [partitionId(outcome.key, outcome.partition), outcome]));
  // What a process says as it dies, nobody has looked at.
  const redactor = new Redactor(secretsIn([unit.manifest], environment.env));
  for (const piece of partitions) {
    const outcome = byId.get(idOf(piece));
    if (outcome) outcomes.push({ ...outcome, error: outcome.error && redactor.failure(outcome.error) });
    else if (!piece.coProduct) outcomes.push(lost(piece, now, environment.now().getTime()));
  }
  return outcomes;
}

/** A runner that leaves a step out must not keep the run from ending. */
function lost(piece: AssetPartition, startedAt: number, finishedAt: number): Outcome {
  const bug = new AssetError('FRAMEWORK_BUG', `The runner gave no outcome for ${piece.manifest.key}.`);
  return outcomeOf(piece, startedAt, finishedAt, { status: 'failed', error: toFailure(bug) });
}
