// What tests of steps share.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDb } from '@nx-assets/storage';
import { LocalValueStore } from '@nx-assets/storage/records';
import { localLocks } from './execution/locks.ts';
import type { StepEnvironment } from './execution/step-environment.ts';

/** Where steps run in a test: a temporary folder with a DuckDB, both gone when it is closed. */
export class StepPlace {
  readonly root = mkdtempSync(join(tmpdir(), 'steps-'));
  readonly duckdb = new DuckDb({ memoryLimit: '256MB', spillTo: join(this.root, 'spill') });

  environment(given: Partial<StepEnvironment> = {}): StepEnvironment {
    return {
      root: this.root,
      runId: 'r',
      store: new LocalValueStore(this.root),
      duckdb: this.duckdb,
      locks: localLocks(this.root),
      env: {},
      signal: new AbortController().signal,
      now: () => new Date(),
      versions: {},
      ...given,
    };
  }

  async close(): Promise<void> {
    await this.duckdb.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}
