import { rmSync } from 'node:fs';
import { DuckDb } from '@nx-assets/storage';
import { absolute, LocalValueStore, STATE } from '@nx-assets/storage/records';
import {
  engineVersions,
  localLocks,
  type StepEnvironment,
  StepReads,
  watchLoading,
} from '@nx-assets/engine/execution';
import { showDirectWrites } from './direct-writes.ts';
import { RunHistory } from './run-history.ts';
import { newRunId, RUN_ID, parentRunId } from './run-id.ts';
import { lastSources } from '@nx-assets/workspace/manifest';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { runConfigOf } from '@nx-assets/workspace/run-config';
import type { RunContext } from '@nx-assets/workspace/run-context';

/**
 * How long steps may still take when nobody hears of them any more, because the process that started this one is gone.
 * What they would make is not published, and others wait for their locks. Milliseconds.
 */
const GRACE = 3_000;

/** What steps need of a process: one DuckDB, a signal that ends them, and the run that they belong to, with its history. */
export async function withStepEnvironment<T>(
  context: RunContext,
  use: (environment: StepEnvironment, history: RunHistory) => Promise<T>,
): Promise<T> {
  const { root, env, now, exit } = context;
  const runId = parentRunId(env[RUN_ID] ?? newRunId(now()));
  const spill = absolute(root, `${STATE}/scratch/${runId}/spill`);
  const memoryLimit = env.NX_ASSETS_MEMORY_LIMIT ?? '512MB';
  const duckdb = new DuckDb({ memoryLimit, spillTo: spill });
  const history = await RunHistory.open(context, runId);
  const cancellation = new AbortController();
  const cancel = () => cancellation.abort();
  const leave = () => {
    cancel();
    setTimeout(() => void history.flush().finally(() => exit(1)), GRACE).unref();
  };
  const endShowing = showDirectWrites();
  process.once('SIGINT', cancel).once('SIGTERM', cancel).once('disconnect', leave);
  try {
    const { signal } = cancellation;
    const loaded = watchLoading();
    const environment: StepEnvironment = {
      root,
      runId,
      duckdb,
      store: new LocalValueStore(root),
      locks: localLocks(root),
      env,
      runConfig: runConfigOf(env),
      signal,
      now,
      loaded,
      reads: new StepReads({
        root,
        loaded,
        undeclared: pluginOptions(root).undeclaredReads ?? 'warn',
        folderOf: (group) => lastSources(root).find(({ name }) => name === group)?.root ?? '',
      }),
      versions: engineVersions(),
      passedBefore: (key, check, runs) => history.passedBefore(key, check, runs),
    };
    return await use(environment, history);
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel).off('disconnect', leave);
    endShowing();
    await duckdb.close();
    await history.close();
    rmSync(spill, { recursive: true, force: true });
  }
}
