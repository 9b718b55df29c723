// One unit in a process of its own. What it says goes to the process that started it, which tells everybody else.
import type { AssetKey } from '@nx-assets/core';
import { emitTo, type Outcome, type RunEvent } from '@nx-assets/engine';
import { type AssetPartition, InProcessRunner, type StepUnit } from '@nx-assets/engine/execution';
import { lastManifest } from './manifest.ts';
import { readRun, RUN_ID } from './outcomes.ts';
import { pluginOptions } from './plugin-options.ts';
import { wantedIn } from './run-plan.ts';
import { definitionsOf, withStepEnvironment } from './workshop.ts';

export interface IsolatedOrder {
  readonly root: string;
  /** What is made in one go, the asset whose function is called first. */
  readonly partitions: readonly {
    readonly key: AssetKey;
    readonly partition: string | null;
    readonly coProduct: boolean;
  }[];
  readonly force: boolean;
  readonly refresh: boolean;
}

/** What the process says: events on the way, and at the end what came of it. */
export type IsolatedWord = { readonly event: RunEvent } | { readonly outcomes: readonly Outcome[] };

const tell = (word: IsolatedWord) => void process.send?.(word);

process.once('message', (order: IsolatedOrder) => {
  void run(order).then(() => process.disconnect());
});

async function run({ root, partitions, force, refresh }: IsolatedOrder): Promise<void> {
  const manifests = lastManifest(root);
  const { plan } = readRun(root, process.env[RUN_ID] ?? '');
  const { partitioning } = await wantedIn(root, plan, manifests);
  const pieces = partitions.flatMap(({ key, partition, coProduct }): AssetPartition[] => {
    const manifest = manifests.get(key);
    return manifest ? [{ manifest, partition, coProduct }] : [];
  });
  const [first] = pieces;
  if (!first) return;
  const unit: StepUnit = { manifest: first.manifest, partitions: pieces };
  await withStepEnvironment(root, async (environment) => {
    const runner = new InProcessRunner({
      environment,
      partitioning,
      refresh,
      isForced: () => force,
      pools: pluginOptions(root).pools ?? {},
      definitions: () => definitionsOf(root),
    });
    const emit = emitTo([{ name: 'What started this process', on: (event) => tell({ event }) }]);
    const outcomes = await runner.run(unit, { signal: environment.signal, emit });
    runner.save();
    tell({ outcomes });
  });
}
