// Checks configs against their schemas. A process of its own: nx itself loads neither zod nor definitions.
import type { AssetKey } from '@nx-assets/core';
import { configProblems, type RunConfig } from '@nx-assets/core/config';
import { definitionsOf } from './workshop.ts';

export interface ConfigOrder {
  readonly root: string;
  readonly keys: readonly AssetKey[];
  readonly runConfig: RunConfig;
}

export interface ConfigAnswer {
  readonly problems: readonly string[];
}

process.once('message', (order: ConfigOrder) => {
  void answer(order).then((message) => process.send?.(message, undefined, {}, () => process.exit(0)));
});

async function answer({ root, keys, runConfig }: ConfigOrder): Promise<ConfigAnswer> {
  const definitions = await definitionsOf(root);
  const wanted = new Map([...definitions].filter(([key]) => keys.includes(key)));
  return { problems: configProblems(wanted, process.env, runConfig) };
}
