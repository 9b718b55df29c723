import type { AssetManifest } from '@nx-assets/core';
import type { Bounds } from '@nx-assets/core/partitions';
import { type ConfigRecord, hashText } from '@nx-assets/storage/records';
import type { Input } from './inputs.ts';

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
export interface FingerprintInputs {
  readonly inputs: Readonly<Record<string, Input>>;
  readonly env: EnvHashes;
  /** What it is configured with; absent where nothing is. */
  readonly config?: ConfigRecord | undefined;
  /** When data from outside was asked for; `null` where no policy says it ages. */
  readonly observedAt: string | null;
  /** What is made, of an asset with partitions. */
  readonly partition?: Cut | null;
}

/** A partition, and the time that it is about: the same name stands for another time in another time zone. */
interface Cut {
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly bounds: Bounds | null;
}

/** What the steps of one asset share. */
export type SharedInputs = Pick<FingerprintInputs, 'env' | 'config' | 'observedAt'>;

/**
 * The hash over everything that decides an asset's data: two steps with the same key make the same data.
 * It is the record's, the executor's and Nx's notion of "the same", all three.
 */
export const actionKey = (manifest: AssetManifest, inputs: FingerprintInputs): string =>
  actionKeys(manifest, inputs)(inputs.inputs, inputs.partition);

/** The action keys of one asset's steps, of which there may be a hundred thousand: what they share is written once. */
export function actionKeys(
  { key, code }: AssetManifest,
  { env, config, observedAt }: SharedInputs,
): (inputs: FingerprintInputs['inputs'], cut: FingerprintInputs['partition']) => string {
  const begin = `["asset",1,${JSON.stringify(key)},${JSON.stringify(code.version)},`;
  const middle = `,${JSON.stringify(Object.entries(env).sort())},${JSON.stringify(observedAt)}`;
  const end = config ? `,${JSON.stringify(Object.entries(config.fields).sort())}]` : ']';
  return (inputs, cut) => {
    const read = Object.entries(inputs).map(([alias, input]) => [alias, input.key, input.dataVersion]);
    const data = read.length === 0 ? '[]' : JSON.stringify(read.sort());
    if (!cut) return hashText(begin + data + middle + end);
    const bounds = cut.bounds ? `[${cut.bounds.join()}]` : 'null';
    return hashText(`${begin}${data}${middle},${JSON.stringify(cut.key)},${bounds}${end}`);
  };
}
