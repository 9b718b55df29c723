import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssetError, type AssetKey } from '@nx-assets/core';
import type { Outcome, RunEvent } from '@nx-assets/engine';
import {
  type AssetPartition,
  outcomeOf,
  type StepRunner,
  type StepScene,
  type StepUnit,
  toFailure,
} from '@nx-assets/engine/execution';
import type { IsolatedOrder, IsolatedWord } from './isolated-worker.ts';

/** Last words of a process that are kept for the message. */
const LAST_WORDS = 2_000;
/** The process has to start, and the step itself may say that its time is over, or stop when it is told to. */
const GRACE_MS = 3_000;

export interface ProcessRunnerOptions {
  readonly root: string;
  readonly refresh: boolean;
  isForced(key: AssetKey): boolean;
}

/**
 * Runs each unit in a process of its own. When that ends without an outcome for each partition, those failed, and the
 * message says how. One that does not give way when the `timeout` of an attempt is over, or the run is cancelled, is ended.
 */
export const processRunner = (options: ProcessRunnerOptions): StepRunner => ({
  run: (unit, scene) => runInProcess(orderOf(unit, options), unit, scene),
});

function orderOf({ partitions }: StepUnit, { root, refresh, isForced }: ProcessRunnerOptions): IsolatedOrder {
  const force = partitions.some(({ manifest, coProduct }) => !coProduct && isForced(manifest.key));
  const named = partitions.map(({ manifest: { key }, partition, coProduct = false }) => ({
    key,
    partition,
    coProduct,
  }));
  return { root, partitions: named, force, refresh };
}

function runInProcess(
  order: IsolatedOrder,
  { manifest, partitions }: StepUnit,
  { signal, emit }: StepScene,
): Promise<readonly Outcome[]> {
  const startedAt = Date.now();
  const { timeout } = manifest.control;
  return new Promise((resolve) => {
    const worker = fork(workerPath(), [], {
      cwd: process.cwd(),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    let words = '';
    let isOver = false;
    let outcomes: readonly Outcome[] = [];
    const timeLimit = killAfter(worker, () => (isOver = true));
    if (timeout !== null) timeLimit.set(timeout + GRACE_MS);
    const cancelLimit = killAfter(worker, () => undefined);
    const cancel = () => {
      worker.kill('SIGTERM');
      cancelLimit.set(GRACE_MS);
    };
    signal.addEventListener('abort', cancel);
    worker.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
    worker.on('message', (word: IsolatedWord) => {
      if ('outcomes' in word) outcomes = word.outcomes;
      else hear(word.event);
    });
    const hear = (event: RunEvent) => {
      if (timeout !== null && event.type === 'step-retried') timeLimit.set(event.waitMs + timeout + GRACE_MS);
      emit(event);
    };
    let problem: Error | undefined;
    worker.on('error', (error) => (problem = error));
    worker.on('close', (code, killedBy) => {
      timeLimit.clear();
      cancelLimit.clear();
      signal.removeEventListener('abort', cancel);
      const end = problem?.message ?? killedBy ?? `exit ${code}`;
      const told = new Set(outcomes.map(({ key, partition }) => JSON.stringify([key, partition])));
      const lost = partitions.filter(
        (piece) => !piece.coProduct && !told.has(JSON.stringify([piece.manifest.key, piece.partition])),
      );
      const lostOutcome = (piece: AssetPartition): Outcome => {
        if (signal.aborted) return outcomeOf(piece, startedAt, Date.now(), { status: 'cancelled' });
        const { key } = piece.manifest;
        const error = toFailure(isOver ? tooLong(key, timeout ?? 0) : endedEarly(key, end, words));
        return outcomeOf(piece, startedAt, Date.now(), { status: 'failed', error });
      };
      resolve([...outcomes, ...lost.map(lostOutcome)]);
    });
    worker.send(order);
    if (signal.aborted) cancel();
  });
}

/** A time after which a process is ended, unless it is set anew or cleared. */
function killAfter(worker: ChildProcess, onKill: () => void) {
  let timer: NodeJS.Timeout | undefined;
  return {
    set(time: number): void {
      clearTimeout(timer);
      timer = setTimeout(() => {
        onKill();
        worker.kill('SIGKILL');
      }, time);
    },
    clear: (): void => clearTimeout(timer),
  };
}

const tooLong = (key: AssetKey, timeout: number): AssetError =>
  new AssetError('STEP_TIMEOUT', `${key} took longer than ${timeout / 1_000} s, and its process was ended.`);

function endedEarly(key: AssetKey, end: string, words: string): AssetError {
  const isMemory = /heap out of memory|Out of memory/i.test(words);
  const cause = isMemory ? 'it ran out of memory' : end;
  const first = /^(FATAL ERROR|.*Error).*$/m.exec(words)?.[0];
  const facts = `The process of ${key} ended before the step did (${cause}).${first ? `\n  ${first}\n` : ''}`;
  return new AssetError('PROCESS_ENDED', facts);
}

// In the sources this file is TypeScript; in the published package its neighbours are JavaScript.
const workerPath = (): string =>
  fileURLToPath(
    new URL(`./isolated-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  );
