import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import { actionKeys, hashEnv, type Ingredients, type SharedIngredients } from './action-key.ts';
import { configFor } from './config.ts';
import { inputsOf } from './inputs.ts';
import type { Partitioning, PartitionKey } from './partitioning.ts';

/** What one step would compute with. Asked for only where there is something to compare: for many partitions it costs. */
export interface Recipe {
  ingredients(): Ingredients;
  actionKey(): string;
}

/** Where recipes come from. */
interface Kitchen {
  readonly partitioning: Partitioning;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the run gives to assets. */
  readonly runConfig?: RunConfig;
}

type DataVersionOf = (key: AssetKey, part: PartitionKey) => DataVersion | null;

/** The recipes of an asset's steps: what they share is worked out once. */
export class Recipes {
  readonly #manifest: AssetManifest;
  readonly #partitioning: Partitioning;
  readonly #shared: SharedIngredients;
  readonly #dataVersionOf: DataVersionOf;
  readonly keyOf: ReturnType<typeof actionKeys>;

  constructor(
    manifest: AssetManifest,
    { partitioning, env, runConfig }: Kitchen,
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

  of(part: PartitionKey): Recipe {
    return new PartRecipe(this, part);
  }

  ingredients(part: PartitionKey): Ingredients {
    const { env, config, observedAt } = this.#shared;
    const partitioning = this.#partitioning;
    const inputs = inputsOf(this.#manifest, part, partitioning, this.#dataVersionOf);
    if (part === null) return { inputs, env, config, observedAt, partition: null };
    const bounds = partitioning.set(this.#manifest.key)?.boundsOf(part) ?? null;
    return { inputs, env, config, observedAt, partition: { key: part, bounds } };
  }
}

class PartRecipe implements Recipe {
  readonly #all: Recipes;
  readonly #part: PartitionKey;
  #ingredients: Ingredients | undefined;

  constructor(all: Recipes, part: PartitionKey) {
    this.#all = all;
    this.#part = part;
  }

  ingredients(): Ingredients {
    return (this.#ingredients ??= this.#all.ingredients(this.#part));
  }

  actionKey(): string {
    const { inputs, partition } = this.ingredients();
    return this.#all.keyOf(inputs, partition);
  }
}
