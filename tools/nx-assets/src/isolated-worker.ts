// One step in a process of its own. What it says goes to the process that started it, which tells everybody else.
import type { AssetKey } from '@nx-assets/core';
import type { RunEvent } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { lastManifest } from './manifest.ts';
import { pluginOptions } from './plugin-options.ts';
import { definitionsOf, withWorkshop } from './workshop.ts';

export interface IsolatedOrder {
  readonly root: string;
  readonly key: AssetKey;
  readonly force: boolean;
  readonly refresh: boolean;
}

process.once('message', (order: IsolatedOrder) => {
  void run(order).then(() => process.disconnect());
});

async function run({ root, key, force, refresh }: IsolatedOrder): Promise<void> {
  const manifest = lastManifest(root).get(key);
  if (!manifest) return;
  await withWorkshop(root, (workshop) =>
    execute({
      manifests: [manifest],
      workshop,
      force,
      refresh,
      concurrency: 1,
      pools: pluginOptions(root).pools ?? {},
      definitions: () => definitionsOf(root),
      emit: (event: RunEvent) => process.send?.(event),
    }),
  );
}
