import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import { actionKeys, type FingerprintInputs, hashEnv, type SharedInputs } from './action-key.ts';
import { configFor } from './config.ts';
import { inputsOf } from './inputs.ts';
import type { Partitioning, PartitionKey } from './partitioning.ts';

/** What one step would compute with. Asked for only where there is something to compare: for many partitions it costs. */
export interface Fingerprint {
  inputs(): FingerprintInputs;
  actionKey(): string;
}

/** Where fingerprints are taken. */
interface FingerprintSource {
  readonly partitioning: Partitioning;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the run gives to assets. */
  readonly runConfig?: RunConfig | undefined;
}

type DataVersionOf = (key: AssetKey, partition: PartitionKey) => DataVersion | null;

/** The fingerprints of an asset's steps: what they share is worked out once. */
export class Fingerprints {
  readonly #manifest: AssetManifest;
  readonly #partitioning: Partitioning;
  readonly #shared: SharedInputs;
  readonly #dataVersionOf: DataVersionOf;
  readonly keyOf: ReturnType<typeof actionKeys>;

  constructor(
    manifest: AssetManifest,
    { partitioning, env, runConfig }: FingerprintSource,
    observedAt: string | null,
    dataVersionOf: DataVersionOf,
  ) {
    this.#manifest = manifest;
    this.#partitioning = partitioning;
    this.#shared = {
      env: hashEnv(manifest.env, env),
      config: configFor(manifest, env, runConfig),
      observedAt,
    };
    this.#dataVersionOf = dataVersionOf;
    this.keyOf = actionKeys(manifest, this.#shared);
  }

  /** When data from outside was asked for, as all of them have it. */
  get observedAt(): string | null {
    return this.#shared.observedAt;
  }

  of(partition: PartitionKey): Fingerprint {
    return new PartitionFingerprint(this, partition);
  }

  inputs(partition: PartitionKey): FingerprintInputs {
    const { env, config, observedAt } = this.#shared;
    const partitioning = this.#partitioning;
    const inputs = inputsOf(this.#manifest, partition, partitioning, this.#dataVersionOf);
    if (partition === null) return { inputs, env, config, observedAt, partition: null };
    const bounds = partitioning.set(this.#manifest.key)?.boundsOf(partition) ?? null;
    return { inputs, env, config, observedAt, partition: { key: partition, bounds } };
  }
}

class PartitionFingerprint implements Fingerprint {
  readonly #all: Fingerprints;
  readonly #partition: PartitionKey;
  #inputs: FingerprintInputs | undefined;
  #actionKey: string | undefined;

  constructor(all: Fingerprints, partition: PartitionKey) {
    this.#all = all;
    this.#partition = partition;
  }

  inputs(): FingerprintInputs {
    return (this.#inputs ??= this.#all.inputs(this.#partition));
  }

  actionKey(): string {
    const { inputs, partition } = this.inputs();
    return (this.#actionKey ??= this.#all.keyOf(inputs, partition));
  }
}
