import { AssetError, type AssetKey } from '@nx-assets/core';
import type { Outcome, RunEvent } from '@nx-assets/engine';
import { toFailure } from '@nx-assets/engine/execution';
import { startWorker } from '@nx-assets/workspace/worker';
import type { IsolatedOrder } from './process-runner-worker.ts';

/** Last words of a process that are kept for the message. */
const LAST_WORDS = 2_000;
/** The process has to start, and the step itself may say that its time is over, where it gives way. */
const GRACE_MS = 3_000;

/**
 * Runs a step in a process of its own. When that ends without an outcome for each asset, the step failed, and the message
 * says how. One that does not give way when the `timeout` of an attempt (milliseconds) is over is ended.
 */
export function isolate(
  order: IsolatedOrder,
  timeout: number | null,
  emit: (event: RunEvent) => void,
): Promise<readonly Outcome[]> {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const worker = startWorker(import.meta.url, '@nx-assets/runner/process-runner-worker', {
      cwd: order.root,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    let words = '';
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const watch = (time: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        isOver = true;
        worker.kill('SIGKILL');
      }, time + GRACE_MS);
    };
    if (timeout !== null) watch(timeout);
    const outcomes = new Map<AssetKey, Outcome>();
    worker.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
    worker.on('message', (event: RunEvent) => {
      if (timeout !== null && event.type === 'step-retried') watch(event.waitMs + timeout);
      if (event.type === 'step-finished') outcomes.set(event.outcome.key, event.outcome);
      emit(event);
    });
    worker.on('close', (code, signal) => {
      clearTimeout(timer);
      const missing = order.keys.filter((key) => !outcomes.has(key));
      const end = signal ?? `exit ${code}`;
      for (const key of missing) {
        const error = isOver ? tooLong(key, timeout ?? 0) : endedEarly(key, end, words);
        outcomes.set(key, lost(key, order.partition, startedAt, error));
      }
      resolve([...outcomes.values()]);
    });
    worker.send(order);
  });
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

function lost(key: AssetKey, partition: string | null, startedAt: number, problem: AssetError): Outcome {
  const nothing = { reasons: [], changed: null, rowCount: null, bytes: null, checks: [], announcements: [] };
  const error = toFailure(problem);
  return { ...nothing, key, partition, status: 'failed', error, startedAt, finishedAt: Date.now() };
}
