import { AssetError, type AssetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import {
  type AssetPartition,
  outcomeOf,
  type StepRunner,
  type StepScene,
  type StepUnit,
  toFailure,
} from '@nx-assets/engine/execution';
import { runWorker, type WorkerEnd } from '@nx-assets/workspace/worker';
import type { UnitMessage, UnitOrder } from './unit-order.ts';

/** The process has to start, and the step itself may say that its time is over, or stop when it is told to. */
const GRACE_MS = 3_000;

export interface ProcessRunnerOptions {
  readonly root: string;
  /** Which run the units belong to; its run file says what is wanted. */
  readonly runId: string;
  /** What the processes are given. */
  readonly env: NodeJS.ProcessEnv;
  readonly refresh: boolean;
  isForced(key: AssetKey): boolean;
}

/**
 * Runs each unit in a process of its own. When that ends without an outcome for each partition, those failed, and the
 * message says how. One that does not give way when the `timeout` of an attempt is over, or the run is cancelled, is ended.
 */
export const processRunner = (options: ProcessRunnerOptions): StepRunner => ({
  run: (unit, scene) => runInProcess(orderOf(unit, options), options.env, unit, scene),
});

function orderOf(
  { partitions }: StepUnit,
  { root, runId, refresh, isForced }: ProcessRunnerOptions,
): UnitOrder {
  const force = partitions.some(({ manifest, coProduct }) => !coProduct && isForced(manifest.key));
  const named = partitions.map(({ manifest: { key }, partition, coProduct = false }) => ({
    key,
    partition,
    coProduct,
  }));
  return { root, runId, partitions: named, force, refresh };
}

async function runInProcess(
  order: UnitOrder,
  env: NodeJS.ProcessEnv,
  { manifest, partitions }: StepUnit,
  { signal, emit }: StepScene,
): Promise<readonly Outcome[]> {
  const startedAt = Date.now();
  const { timeout } = manifest.control;
  let outcomes: readonly Outcome[] = [];
  const end = await runWorker<UnitMessage>({
    from: import.meta.url,
    name: '@nx-assets/runner/process-runner-worker',
    cwd: order.root,
    env,
    isHeard: true,
    order,
    signal,
    grace: GRACE_MS,
    ...(timeout === null ? {} : { timeout: timeout + GRACE_MS }),
    onMessage: (message) => {
      if ('outcomes' in message) return void (outcomes = message.outcomes);
      const { event } = message;
      emit(event);
      return timeout !== null && event.type === 'step-retried'
        ? event.waitMs + timeout + GRACE_MS
        : undefined;
    },
  });
  const told = new Set(outcomes.map(({ key, partition }) => JSON.stringify([key, partition])));
  const lost = partitions.filter(
    ({ manifest: { key }, partition, coProduct }) =>
      !coProduct && !told.has(JSON.stringify([key, partition])),
  );
  const lostOutcome = (one: AssetPartition): Outcome => {
    if (signal.aborted) return outcomeOf(one, startedAt, Date.now(), { status: 'cancelled' });
    const { key } = one.manifest;
    const error = toFailure(end.isTimeout ? tooLong(key, timeout ?? 0) : endedEarly(key, end));
    return outcomeOf(one, startedAt, Date.now(), { status: 'failed', error });
  };
  return [...outcomes, ...lost.map(lostOutcome)];
}

const tooLong = (key: AssetKey, timeout: number): AssetError =>
  new AssetError('STEP_TIMEOUT', `${key} took longer than ${timeout / 1_000} s, and its process was ended.`);

function endedEarly(key: AssetKey, { how, lastWords }: WorkerEnd): AssetError {
  const isMemory = /heap out of memory|Out of memory/i.test(lastWords);
  const cause = isMemory ? 'it ran out of memory' : how;
  const first = /^(FATAL ERROR|.*Error).*$/m.exec(lastWords)?.[0];
  const facts = `The process of ${key} ended before the step did (${cause}).${first ? `\n  ${first}\n` : ''}`;
  return new AssetError('PROCESS_ENDED', facts);
}
