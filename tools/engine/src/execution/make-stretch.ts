import type { AnyAsset, AssetKey } from '@nx-assets/core';
import { type AssetRecord, readRecord } from '@nx-assets/storage/records';
import type { Outcome, RunEvent } from '../events.ts';
import type { Partitioning } from '../partitioning.ts';
import { Redactor, secretsIn } from '../redact.ts';
import { idOf, lockOf, partitionId } from './asset-partition.ts';
import { attempts } from './attempts.ts';
import type { Evaluation, Evaluator } from './evaluate.ts';
import { type Keeping, keptOutcomes } from './kept.ts';
import type { Lock } from './locks.ts';
import { failureOf, outcomeOf, sizeOf } from './outcome.ts';
import { type PoolSizes, takePoolSlot } from './pools.ts';
import type { Records } from './records.ts';
import { runStep } from './step.ts';
import type { StepEnvironment, StepOrder, StepPart } from './step-environment.ts';
import { loggerOf } from './step-logger.ts';
import { divide } from './to-run.ts';

/** What making values takes. */
export interface Making {
  readonly environment: StepEnvironment;
  readonly partitioning: Partitioning;
  readonly pools: PoolSizes;
  readonly records: Records;
  readonly evaluator: Evaluator;
  readonly keeping: Keeping;
  definition(key: AssetKey): Promise<AnyAsset>;
  emit(event: RunEvent): void;
}

/** How often a step begins anew because other runs replaced what it reads. */
const ATTEMPTS = 3;

/**
 * Calls one function for what it has to make: under locks, as often as its definition says, and with one outcome each. Where
 * another run replaced an input meanwhile, it begins anew with that.
 */
export async function makeStretch(given: readonly Evaluation[], making: Making): Promise<readonly Outcome[]> {
  for (let attempt = 1; ; attempt++) {
    const outcomes = await makeOnce(given, making);
    const isChanged = outcomes.some(({ error }) => error?.code === 'INPUT_CHANGED_DURING_RUN');
    // Of a stretch some are published already.
    const isWhole = given.length === 1 || given[0]?.manifest.siblings !== undefined;
    if (!isChanged || !isWhole || attempt === ATTEMPTS || !isReplaced(given, making)) return outcomes;
  }
}

/** Whether another run made an input anew. What somebody else wrote there is no input. */
const isReplaced = (given: readonly Evaluation[], { environment: { root } }: Making): boolean =>
  given
    .flatMap(({ inputs }) => Object.values(inputs))
    .flatMap(({ records }) => records)
    .some(({ key, partition, finishedAt }) => {
      const now = readRecord(root, key, partition);
      return now.status === 'found' && now.record.finishedAt !== finishedAt;
    });

async function makeOnce(given: readonly Evaluation[], making: Making): Promise<readonly Outcome[]> {
  const [{ manifest }] = given as readonly [Evaluation, ...Evaluation[]];
  const { environment, pools, records, evaluator, keeping } = making;
  const { signal, locks } = environment;
  const { key, control } = manifest;
  const startedAt = environment.now().getTime();
  const outcomes: Outcome[] = [];
  const announcements: string[] = [];
  const saidBy = (one: Evaluation) => (one.manifest.key === key ? announcements : []);
  const held: Lock[] = [];
  const redactor = new Redactor(secretsIn([manifest], environment.env));
  const emit = (event: RunEvent) =>
    making.emit(event.type === 'step-retried' ? { ...event, error: redactor.failure(event.error) } : event);
  try {
    // In one order everywhere, so that no two wait for each other.
    for (const name of [...new Set(given.map(lockOf))].sort()) held.push(await locks.take(name, 1, signal));
    // Another run may have had them in hand just before: what that made may be what is wanted.
    const again: Evaluation[] = [];
    for (const piece of given) again.push(await evaluator.evaluateAgain(piece));
    const { toRun, others } = divide(again);
    outcomes.push(...keptOutcomes(others, startedAt, keeping));
    const [first] = toRun;
    if (!first) return outcomes;
    for (const { manifest: own, partition, decision } of toRun) {
      emit({ type: 'step-started', key: own.key, partition, reasons: decision.reasons });
    }
    for (const { inputs } of toRun) for (const input of Object.values(inputs)) await records.verify(input);
    const order = await orderOf(toRun, { ...making, emit }, redactor, announcements);
    if (control.pool !== null) held.push(await takePoolSlot(locks, pools, control.pool, signal));
    const definition = await making.definition(key);
    const made = await attempts(
      { manifest, partition: first.partition, definition, signal, random: Math.random, emit },
      (attempt) => runStep(order, { ...environment, signal: attempt }),
    );
    toRun.forEach((one, at) => {
      outcomes.push(materialized(one, made[at] as AssetRecord, startedAt, saidBy(one), making));
    });
    return outcomes;
  } catch (error) {
    const told = new Set(outcomes.map((outcome) => partitionId(outcome.key, outcome.partition)));
    for (const one of given) {
      if (told.has(idOf(one)) || one.coProduct) continue;
      // A ranged step publishes one after the other: those before the one that failed are made.
      const record = given.length > 1 && !manifest.siblings ? madeNow(one, environment) : null;
      if (record) {
        outcomes.push(materialized(one, record, startedAt, [], making));
        continue;
      }
      records.forget(one.manifest.key, one.partition);
      const failure = failureOf(one, startedAt, one.decision.reasons, error, environment);
      outcomes.push({
        ...failure,
        announcements: saidBy(one),
        error: failure.error && redactor.failure(failure.error),
        checks: redactor.checks(failure.checks),
      });
    }
    return outcomes;
  } finally {
    for (const lock of held) lock.release();
  }
}

/** What a step is told to make, with the definitions loaded. */
async function orderOf(
  toRun: readonly Evaluation[],
  { partitioning, records, definition, emit }: Making,
  redactor: Redactor,
  announcements: string[],
): Promise<StepOrder> {
  const [{ manifest, partition }] = toRun as readonly [Evaluation, ...Evaluation[]];
  const { key } = manifest;
  const partitions = toRun.map((one) => one.partition).filter((one) => one !== null);
  const parts: StepPart[] = [];
  for (const { reading, ...one } of toRun) {
    parts.push({
      manifest: one.manifest,
      definition: await definition(one.manifest.key),
      partition: one.partition,
      actionKey: one.actionKey,
      fingerprint: one.fingerprint,
      inputs: one.inputs,
      previous: reading.status === 'found' ? reading.record : null,
    });
  }
  return {
    log: loggerOf(key, partition, redactor, emit),
    redactor,
    parts,
    partition: partitions.length > 0 ? partitioning.describe(key, partitions) : null,
    confirmInputs: () => {
      for (const { inputs } of parts) for (const input of Object.values(inputs)) records.confirm(input, key);
    },
    announce: (said) => {
      const message = redactor.text(said);
      announcements.push(message);
      emit({ type: 'announcement', key, partition, message });
    },
  };
}

/** The record of a value that this step has published; `null` where it has not. */
function madeNow(
  { manifest: { key }, partition, reading, actionKey }: Evaluation,
  { root, runId }: StepEnvironment,
): AssetRecord | null {
  const now = readRecord(root, key, partition);
  if (now.status !== 'found' || now.record.actionKey !== actionKey) return null;
  const before = reading.status === 'found' ? reading.record.finishedAt : null;
  return now.record.runId === runId && now.record.finishedAt !== before ? now.record : null;
}

/** One key stands for one value: whoever shares a cache would get either. */
const UNSTABLE =
  'It gave other data than before, though nothing that counts has changed. If it reads a file, a variable or a service, say so: list the file in `reads`, the variable in `env`, or give the asset a `freshness` policy.';

function materialized(
  evaluation: Evaluation,
  record: AssetRecord,
  startedAt: number,
  announcements: readonly string[],
  { records, environment }: Making,
): Outcome {
  const { reading, decision } = evaluation;
  const previous = reading.status === 'found' ? reading.record : null;
  const before = previous && previous.dataVersion;
  const isUnstable = previous?.actionKey === record.actionKey && before !== record.dataVersion;
  records.made(record);
  return outcomeOf(evaluation, startedAt, environment.now().getTime(), {
    status: 'materialized',
    reasons: decision.reasons,
    changed: before === null ? null : before !== record.dataVersion,
    checks: record.checks,
    announcements: isUnstable ? [...announcements, UNSTABLE] : announcements,
    ...sizeOf(record),
  });
}
