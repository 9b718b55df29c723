import { type AnyOp, type DefinitionKey, type OpFacts, opKey } from '@nx-assets/core';
import { attempts } from './attempts.ts';
import type { OpOutcome, RunEvent } from '../events.ts';
import { loggerOf } from './step-logger.ts';
import { toFailure } from '../failure.ts';
import { type OpOrder, runOp } from './op-step.ts';
import type { Partitioning } from '../partitioning.ts';
import { Redactor, secretsIn } from '../redact.ts';
import type { StepEnvironment } from './step-environment.ts';

export interface OpsOptions {
  readonly job: DefinitionKey;
  /** Each with what the manifest says of it. */
  readonly ops: readonly { readonly op: AnyOp; readonly facts: OpFacts }[];
  /** What ops before these gave, by name. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly environment: StepEnvironment;
  /** Which partitions there are. */
  readonly partitioning: Partitioning;
  /** What nobody may read of what ops say, besides their own secrets. */
  readonly secrets?: readonly string[];
  emit(event: RunEvent): void;
}

export interface OpsResult {
  readonly outcomes: readonly OpOutcome[];
  readonly given: Readonly<Record<string, unknown>>;
}

/** How long an op that hears nothing is waited for when the run is cancelled. Milliseconds. */
const GRACE = 2_000;

/** Runs ops one after another. The first that does not get done is the last that runs. */
export async function runOps({
  job,
  ops,
  given,
  environment,
  partitioning,
  secrets = [],
  emit,
}: OpsOptions): Promise<OpsResult> {
  const outcomes: OpOutcome[] = [];
  let known = given;
  for (const { op, facts } of ops) {
    const key = opKey(job, op.name);
    const { outcome, output } = await outcomeOf(
      { job, op, key, given: known, deps: facts.deps, partitioning },
      environment,
      secrets,
      emit,
    );
    emit({ type: 'op-finished', outcome });
    outcomes.push(outcome);
    if (outcome.status !== 'done') break;
    known = { ...known, ...output };
  }
  return { outcomes, given: known };
}

async function outcomeOf(
  order: Pick<OpOrder, 'job' | 'op' | 'key' | 'given' | 'deps' | 'partitioning'>,
  environment: StepEnvironment,
  secrets: readonly string[],
  emit: (event: RunEvent) => void,
): Promise<{ outcome: OpOutcome; output: Readonly<Record<string, unknown>> }> {
  const { op, key } = order;
  const { name, control } = op;
  const { signal } = environment;
  const startedAt = environment.now().getTime();
  const redactor = new Redactor([...secretsIn([op], environment.env), ...secrets]);
  const say = (event: RunEvent) =>
    emit(event.type === 'step-retried' ? { ...event, error: redactor.failure(event.error) } : event);
  const close = (result: Pick<OpOutcome, 'status' | 'error'>, output = {}) => ({
    outcome: { key, name, startedAt, finishedAt: environment.now().getTime(), ...result },
    output,
  });
  emit({ type: 'step-started', key, partition: null, reasons: [] });
  try {
    signal.throwIfAborted();
    const running = attempts(
      { manifest: { key, control }, partition: null, definition: op, signal, random: Math.random, emit: say },
      (attempt) =>
        runOp(
          { ...order, redactor, log: loggerOf(key, null, redactor, emit), announce },
          { ...environment, signal: attempt },
        ),
    );
    return close({ status: 'done', error: null }, await endedInTime(running, signal));
  } catch (error) {
    if (signal.aborted) return close({ status: 'cancelled', error: null });
    return close({ status: 'failed', error: redactor.failure(toFailure(error)) });
  }

  function announce(message: string): void {
    emit({ type: 'announcement', key, partition: null, message: redactor.text(message) });
  }
}

/** What an op gives; or a rejection, a while after the run was cancelled. */
async function endedInTime<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let stop = () => {};
  const over = new Promise<never>((_, reject) => {
    stop = () => {
      timer = setTimeout(() => reject(signal.reason as Error), GRACE);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([running, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
