import type { AssetKey, AssetManifest, DataVersion } from '@nx-assets/core';
import { hashText } from '@nx-assets/storage/records';

export type EnvHashes = Readonly<Record<string, string | null>>;

/** Hashes of the environment variables that an asset declares: values are never kept. */
export function hashEnv(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): EnvHashes {
  return Object.fromEntries(
    [...names]
      .sort()
      .map((name) => [name, env[name] === undefined ? null : hashText(`${name}=${env[name]}`)]),
  );
}

/** What one step would compute with: everything that decides its data, and nothing else. */
export interface Ingredients {
  readonly inputs: Readonly<
    Record<string, { readonly key: AssetKey; readonly dataVersion: DataVersion | null }>
  >;
  readonly env: EnvHashes;
  /** When data from outside was asked for; `null` where no policy says it ages. */
  readonly observedAt: string | null;
}

/**
 * The hash over everything that decides an asset's data: two steps with the same key make the same data.
 * It is the record's, the executor's and Nx's notion of "the same", all three.
 */
export function actionKey(manifest: AssetManifest, ingredients: Ingredients): string {
  const inputs = Object.entries(ingredients.inputs)
    .map(([alias, input]) => [alias, input.key, input.dataVersion])
    .sort();
  const env = Object.entries(ingredients.env).sort();
  return hashText(
    JSON.stringify(['asset', 1, manifest.key, manifest.code.version, inputs, env, ingredients.observedAt]),
  );
}
