// Checks configs against their schemas. A process of its own: nx itself loads neither zod nor definitions.
import { configProblems } from '@nx-assets/core/config';
import type { ConfigAnswer, ConfigOrder } from './config-order.ts';
import { definitionsOf } from './definitions.ts';

process.once('message', (order: ConfigOrder) => {
  void answer(order).then((message) => process.send?.(message, undefined, {}, () => process.exit(0)));
});

async function answer({ root, keys, runConfig }: ConfigOrder): Promise<ConfigAnswer> {
  const definitions = await definitionsOf(root);
  const wanted = new Map([...definitions].filter(([key]) => keys.includes(key)));
  return { problems: configProblems(wanted, process.env, runConfig) };
}
