import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AssetKey, Json } from '@nx-assets/core';
import type { WatchFacts } from '@nx-assets/core/automation';
import type { EventOf, History, LogEvent } from '@nx-assets/event-log';
import { openSqliteHistory } from '@nx-assets/event-log/sqlite';
import { onTestFinished } from 'vitest';
import { look } from './index.ts';
import type { SenseScope } from './scope.ts';

/** A folder that goes with the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sense-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openHistory(): Promise<History> {
  const history = await openSqliteHistory(join(freshFolder(), 'history.db'));
  onTestFinished(() => history.close());
  return history;
}

/** Looks again and again, as a daemon does: each look gets what the last one kept. */
export class Sensing {
  #cursor: Json | undefined;
  readonly #watch: WatchFacts;
  readonly #scope: Partial<SenseScope>;

  constructor(watch: WatchFacts, scope: Partial<SenseScope> = {}) {
    this.#watch = watch;
    this.#scope = scope;
  }

  /** Whether it asked for a run, and why or why not. Throws what the look throws, and keeps the cursor then. */
  async look(scope: Partial<SenseScope> = {}): Promise<readonly [asked: boolean, because: string]> {
    const seen = await look(this.#watch, this.#cursor, {
      ...{ root: '/nowhere', now: new Date(), signal: AbortSignal.timeout(5_000), history: null },
      ownRuns: () => Promise.resolve(new Set()),
      ...this.#scope,
      ...scope,
    });
    // What is kept is JSON.
    if (seen.cursor !== undefined) this.#cursor = JSON.parse(JSON.stringify(seen.cursor)) as Json;
    this.#cursor ??= null;
    const [request] = seen.requests ?? [];
    return [request !== undefined, request?.because ?? seen.because ?? ''];
  }
}

export const runStarted = (fields: Partial<EventOf<'run-started'>>): LogEvent => ({
  ...{ type: 'run-started', at: 1_000, runId: 'r1', command: ['nx', 'run-many'], requested: [] },
  ...{ pid: process.pid, host: hostname() },
  ...fields,
});
export const runFinished = (fields: Partial<EventOf<'run-finished'>>): LogEvent => ({
  ...{ type: 'run-finished', at: 2_000, runId: 'r1', status: 'failed' },
  ...fields,
});
export const materialized = (
  dataVersion: string,
  fields: Partial<EventOf<'materialized'>> = {},
): LogEvent => ({
  ...{ type: 'materialized', at: 1_500, runId: 'r1', key: 'lab/a' as AssetKey, partition: null, dataVersion },
  ...{ actionKey: 'action', codeVersion: 'code', rowCount: 1, bytes: 1, record: {} },
  ...fields,
});
