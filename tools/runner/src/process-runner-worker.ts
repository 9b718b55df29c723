// One step in a process of its own. What it says goes to the process that started it, which tells everybody else.
import type { AssetKey } from '@nx-assets/core';
import type { RunEvent } from '@nx-assets/engine';
import { execute } from '@nx-assets/engine/execution';
import { lastManifest } from '@nx-assets/workspace/manifest';
import { readRun } from './run-file.ts';
import { RUN_ID } from './run-id.ts';
import { wantedIn } from '@nx-assets/workspace/run-plan';
import { withWorkshop } from './step-environment.ts';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { definitionsOf } from '@nx-assets/workspace/definitions';
import { runContext } from '@nx-assets/workspace/run-context';

export interface IsolatedOrder {
  readonly root: string;
  /** What is asked for: one, or some of those that one function makes. */
  readonly keys: readonly AssetKey[];
  readonly partition: string | null;
  readonly force: boolean;
  readonly refresh: boolean;
}

process.once('message', (order: IsolatedOrder) => {
  void run(order).then(() => process.disconnect());
});

async function run({ root, keys, partition, force, refresh }: IsolatedOrder): Promise<void> {
  const context = runContext(root);
  const manifests = lastManifest(root);
  const { plan } = readRun(root, context.env[RUN_ID] ?? '');
  const { partitioning } = await wantedIn(context, plan, manifests);
  await withWorkshop(context, (workshop) =>
    execute({
      manifests: keys.flatMap((key) => manifests.get(key) ?? []),
      wanted: new Map(keys.map((key) => [key, [partition]])),
      partitioning,
      workshop,
      force: () => force,
      refresh,
      concurrency: 1,
      pools: pluginOptions(root).pools ?? {},
      manifestOf: (key) => manifests.get(key),
      definitions: () => definitionsOf(root),
      emit: (event: RunEvent) => process.send?.(event),
    }),
  );
}
