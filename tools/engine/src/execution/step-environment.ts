import type { AnyAsset, AssetKey, AssetManifest, CheckResult, Logger, Partition } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import type { DuckDb, StepInput } from '@nx-assets/storage';
import type { AssetRecord, ValueStore } from '@nx-assets/storage/records';
import type { FingerprintInputs } from '../action-key.ts';
import type { LoadedCode } from '../loaded-code.ts';
import type { StepReads } from '../reads/step-reads.ts';
import type { Redactor } from '../redact.ts';
import type { Locks } from './locks.ts';

/** What one step needs of the process that runs it. */
export interface StepEnvironment {
  readonly root: string;
  readonly runId: string;
  readonly store: ValueStore;
  readonly duckdb: DuckDb;
  readonly locks: Locks;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the run gives to assets. */
  readonly runConfig?: RunConfig;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  /** What Node has loaded here, to be compared with what was planned; absent where nobody planned. */
  readonly loaded?: LoadedCode;
  /** Looks after the files that steps open by path; absent where nobody planned. */
  readonly reads?: StepReads;
  readonly versions: Readonly<Record<string, string>>;
  /** What a check of an asset saw in the last runs in which it passed, the newest first. */
  passedBefore?(key: AssetKey, check: string, runs: number): Promise<readonly CheckResult['facts'][]>;
}

export interface StepOrder {
  /** What is made: one value, the partitions of a stretch, or all that one function makes. */
  readonly parts: readonly StepPart[];
  /** What the function sees of the partitions; `null` for an asset without any. */
  readonly partition: Partition | null;
  readonly log: Logger;
  /** Before a value is published: throws where an input has changed while it was read. */
  confirmInputs?(): void;
  /** Says what is worth knowing of the whole run. */
  announce(message: string): void;
  /** Takes secrets out of what is kept. */
  readonly redactor?: Redactor;
  /** Clients that stand in for the resources of the definition. */
  readonly clients?: Readonly<Record<string, unknown>>;
}

/** One value that a step makes. */
export interface StepPart {
  readonly manifest: AssetManifest;
  readonly definition: AnyAsset;
  readonly partition: string | null;
  readonly actionKey: string;
  readonly fingerprint: FingerprintInputs;
  readonly inputs: Readonly<Record<string, StepInput>>;
  /** What was there before, to compare with. */
  readonly previous?: AssetRecord | null;
}
