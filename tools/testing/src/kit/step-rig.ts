import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AnyAsset,
  assetKey,
  type AssetManifest,
  type DataVersion,
  type Json,
  type OutputManifest,
} from '@nx-assets/core';
import { describeDefinition, localLocks, runStep, type StepEnvironment } from '@nx-assets/engine/execution';
import { Partitioning } from '@nx-assets/engine';
import { DuckDb, readParquet, type StepInput } from '@nx-assets/storage';
import { type AssetRecord, hashText, LocalValueStore } from '@nx-assets/storage/records';

export interface StepRigOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly now?: Date;
}

/** A value to read, and whether it is one of an asset with partitions: of these there may be none. */
export interface StepRigInput {
  readonly record: AssetRecord | null;
  readonly partitioned: OutputManifest | null;
}

const inputOf = ({ record, partitioned }: StepRigInput, isPrevious: boolean): StepInput => {
  const { key, dataVersion } = record ?? { key: assetKey('test', 'nothing'), dataVersion: NO_DATA };
  return { key, dataVersion, records: record ? [record] : [], partitioned, isPrevious };
};

const NO_DATA = hashText('') as DataVersion;

export interface RigStep {
  readonly inputs?: Readonly<Record<string, StepRigInput>>;
  /** Clients in place of resources. */
  readonly clients?: Readonly<Record<string, unknown>>;
  readonly config?: Readonly<Record<string, Json>>;
  readonly logs?: string[];
  /** Which one, of an asset with partitions. */
  readonly partition?: string;
}

/** A place for steps: a temporary folder with a DuckDB, both gone when it is closed. */
export class StepRig {
  readonly root = mkdtempSync(join(tmpdir(), 'bench-'));
  readonly store = new LocalValueStore(this.root);
  readonly duckdb = new DuckDb({ memoryLimit: '512MB', spillTo: join(this.root, 'spill') });
  readonly signal: StepEnvironment['signal'] = new AbortController().signal;
  readonly #options: StepRigOptions;

  constructor(options: StepRigOptions) {
    this.#options = options;
  }

  get now(): Date {
    return this.#options.now ?? new Date();
  }

  /** Materializes one asset under a name, by the step of a real run. */
  async step(name: string, definition: AnyAsset, step: RigStep = {}): Promise<AssetRecord> {
    const log = (message: string) => void step.logs?.push(message);
    const manifest = manifestOf(name, definition);
    const partition = definition.partitions ? (step.partition ?? null) : null;
    const environment: StepEnvironment = {
      root: this.root,
      store: this.store,
      runId: 'test',
      duckdb: this.duckdb,
      locks: localLocks(this.root),
      env: this.#options.env ?? {},
      runConfig: { [manifest.key]: step.config ?? {} },
      signal: this.signal,
      now: () => this.now,
      versions: {},
    };
    const inputs = Object.fromEntries(
      Object.entries(step.inputs ?? {}).map(
        ([alias, input]) => [alias, inputOf(input, alias === definition.previous)] as const,
      ),
    );
    const versions = Object.fromEntries(
      Object.entries(inputs).map(([alias, { key, dataVersion }]) => [alias, { key, dataVersion }] as const),
    );
    const order = {
      parts: [
        {
          manifest,
          definition,
          partition,
          actionKey: hashText(name),
          fingerprint: { inputs: versions, env: {}, observedAt: null },
          inputs,
        },
      ],
      partition: this.#partitionOf(manifest, partition),
      log: { debug: log, info: log, warn: log },
      announce: log,
      clients: step.clients ?? {},
    };
    const [record] = await runStep(order, environment);
    return record as AssetRecord;
  }

  #partitionOf(manifest: AssetManifest, partition: string | null) {
    if (partition === null) return null;
    const now = this.now.getTime();
    const world = { now, dynamicKeys: () => [partition], custom: () => null };
    return new Partitioning(new Map([[manifest.key, manifest]]), world).describe(manifest.key, [partition]);
  }

  /** What a record stands for, read from disk. */
  async read(record: AssetRecord): Promise<object> {
    const { value } = record;
    const path = (await this.store.locate(record)) ?? '';
    if (value.type === 'file') {
      const bytes = readFileSync(path);
      return { text: bytes.toString('utf8'), bytes, path: value.path };
    }
    if (value.type === 'json') return { value: JSON.parse(readFileSync(path, 'utf8')) as unknown };
    const connection = await this.duckdb.connect();
    try {
      return { rows: await connection.rows(`SELECT * FROM ${readParquet(path)}`) };
    } finally {
      connection.close();
    }
  }

  async close(): Promise<void> {
    await this.duckdb.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

const NO_CODE = { version: '', file: '', files: {}, packages: {}, definition: '', runtime: '' };

/** As `describe` makes it of an asset that nothing else is defined beside. */
const manifestOf = (name: string, definition: AnyAsset): AssetManifest => ({
  ...describeDefinition(definition, assetKey('test', name)),
  deps: {},
  checked: null,
  blockingChecks: [],
  mappings: {},
  code: NO_CODE,
});
