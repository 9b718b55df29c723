// Checks configs against their schemas. A process of its own: nx itself loads neither zod nor definitions.
import { configProblems } from '@nx-assets/core/config';
import type { ConfigAnswer, ConfigOrder } from './config-order.ts';
import { definitionsOf } from './definitions.ts';
import { processContext } from './run-context.ts';

const { env, exit } = processContext();

process.once('message', (order: ConfigOrder) => {
  void answer(order).then((message) => process.send?.(message, undefined, {}, () => exit(0)));
});

async function answer({ root, keys, runConfig }: ConfigOrder): Promise<ConfigAnswer> {
  const definitions = await definitionsOf(root);
  const wanted = new Map([...definitions].filter(([key]) => keys.includes(key)));
  return { problems: configProblems(wanted, env, runConfig) };
}
