import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssetError, type AssetKey } from '@nx-assets/core';
import type { Outcome, RunEvent } from '@nx-assets/engine';
import { toFailure } from '@nx-assets/engine/execution';
import type { IsolatedOrder } from './isolated-worker.ts';

/** Last words of a process that are kept for the message. */
const LAST_WORDS = 2_000;

/**
 * Runs a step in a process of its own. When that ends without an outcome for each asset, the step failed, and the message
 * says how.
 */
export function isolate(order: IsolatedOrder, emit: (event: RunEvent) => void): Promise<readonly Outcome[]> {
  const startedAt = Date.now();
  return new Promise((resolve) => {
    const worker = fork(workerPath(), [], {
      cwd: process.cwd(),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    let words = '';
    const outcomes = new Map<AssetKey, Outcome>();
    worker.stderr?.on('data', (chunk: Buffer) => (words = (words + chunk.toString()).slice(-LAST_WORDS)));
    worker.on('message', (event: RunEvent) => {
      if (event.type === 'step-finished') outcomes.set(event.outcome.key, event.outcome);
      emit(event);
    });
    worker.on('close', (code, signal) => {
      const missing = order.keys.filter((key) => !outcomes.has(key));
      const end = signal ?? `exit ${code}`;
      for (const key of missing) outcomes.set(key, lost(key, order.partition, startedAt, end, words));
      resolve([...outcomes.values()]);
    });
    worker.send(order);
  });
}

function lost(
  key: AssetKey,
  partition: string | null,
  startedAt: number,
  end: string,
  words: string,
): Outcome {
  const isMemory = /heap out of memory|Out of memory/i.test(words);
  const cause = isMemory ? 'it ran out of memory' : end;
  const first = /^(FATAL ERROR|.*Error).*$/m.exec(words)?.[0];
  const facts = `The process of ${key} ended before the step did (${cause}).${first ? `\n  ${first}\n` : ''}`;
  const nothing = { reasons: [], changed: null, rowCount: null, bytes: null, checks: [], announcements: [] };
  const error = toFailure(new AssetError('PROCESS_ENDED', facts));
  return { ...nothing, key, partition, status: 'failed', error, startedAt, finishedAt: Date.now() };
}

// In the sources this file is TypeScript; in the published package its neighbours are JavaScript.
const workerPath = (): string =>
  fileURLToPath(
    new URL(`./isolated-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  );
