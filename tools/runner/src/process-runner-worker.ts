// One unit in a process of its own. What it says goes to the process that started it, which tells everybody else.
import { emitTo } from '@nx-assets/engine';
import { type AssetPartition, InProcessRunner, type StepUnit } from '@nx-assets/engine/execution';
import { definitionsOf } from '@nx-assets/workspace/definitions';
import { manifestOfRun } from '@nx-assets/workspace/manifest';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import { runContext } from '@nx-assets/workspace/run-context';
import { wantedIn } from '@nx-assets/workspace/run-plan';
import { readRun } from './run-file.ts';
import { RUN_ID } from './run-id.ts';
import { withStepEnvironment } from './step-environment.ts';
import type { UnitMessage, UnitOrder } from './unit-order.ts';

const tell = (message: UnitMessage) => void process.send?.(message);

process.once('message', (order: UnitOrder) => {
  void run(order).then(() => process.disconnect());
});

async function run({ root, runId, partitions, force, refresh }: UnitOrder): Promise<void> {
  const context = runContext(root);
  context.env[RUN_ID] = runId;
  const manifests = manifestOfRun(root, runId);
  const { plan } = readRun(root, runId);
  const { partitioning } = await wantedIn(context, plan, manifests);
  const named = partitions.flatMap(({ key, partition, coProduct }): AssetPartition[] => {
    const manifest = manifests.get(key);
    return manifest ? [{ manifest, partition, coProduct }] : [];
  });
  const [first] = named;
  if (!first) return;
  const unit: StepUnit = { manifest: first.manifest, partitions: named };
  await withStepEnvironment(context, async (environment) => {
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
