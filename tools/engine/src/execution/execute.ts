import type { AnyAsset, AssetKey, AssetManifest } from '@nx-assets/core';
import type { Outcome, RunEvent } from '../events.ts';
import { emitTo } from '../listeners.ts';
import { Partitioning, type Wanted } from '../partitioning.ts';
import { InProcessRunner } from './in-process-runner.ts';
import { type PoolSizes, sizeOfPool } from './pools.ts';
import { RunProgress } from './progress.ts';
import { keptAtOnce, runUnit } from './run-unit.ts';
import { schedule } from './scheduler.ts';
import { StepEnds } from './step-ends.ts';
import type { StepEnvironment } from './step-environment.ts';
import type { StepRunner, StepUnit } from './step-runner.ts';
import { unitsOf, wantedOf } from './units.ts';

export interface ExecuteOptions {
  /** The assets to bring up to date. Their deps are either among them or materialized already. */
  readonly manifests: readonly AssetManifest[];
  /** Which partitions of them. Default: all. */
  readonly wanted?: Wanted;
  /** Which partitions there are, also of what they depend on. Default: those of `manifests`. */
  readonly partitioning?: Partitioning;
  readonly environment: StepEnvironment;
  /** Compute even what is up to date. */
  readonly force: boolean | ((key: AssetKey) => boolean);
  /** Whether this run asked for data from outside again. */
  readonly refresh: boolean;
  /** Steps at the same time. */
  readonly concurrency: number;
  /** Steps of a pool at the same time. A pool that has no size here takes one. */
  readonly pools?: PoolSizes;
  /** Where a unit runs. Default: here. */
  runnerFor?(unit: StepUnit, here: StepRunner): StepRunner;
  /** The manifest of an asset that is not among these, but made by the function of one that is. */
  manifestOf?(key: AssetKey): AssetManifest | undefined;
  /** Loads the definitions. Called once, when the first step must run. */
  definitions(): Promise<ReadonlyMap<AssetKey, AnyAsset>>;
  /** Hears what happens. What it throws stops nothing: it is told to it as a `warning`, once. */
  emit(event: RunEvent): void;
}

/**
 * Brings assets up to date, deps first, ready ones side by side: partition by partition where they have some. Each asset
 * gets exactly one outcome. A failure blocks what is made from it and nothing else. Rejects only with a bug of ours.
 */
export async function execute(options: ExecuteOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const { environment, force, pools = {}, concurrency, refresh } = options;
  const emit = emitTo([{ name: 'What listens to the run', on: (event) => options.emit(event) }]);
  const now = () => environment.now().getTime();
  const manifests = new Map(options.manifests.map((manifest) => [manifest.key, manifest]));
  const partitioning = options.partitioning ?? new Partitioning(manifests, nothingDynamic(now()));
  const ends = new StepEnds();
  const here = new InProcessRunner({
    environment,
    partitioning,
    refresh,
    pools,
    isForced: (key) => (typeof force === 'boolean' ? force : force(key)),
    isDone: (key, partition) => ends.has(key, partition),
    definitions: () => options.definitions(),
  });
  const progress = new RunProgress(now, emit);
  const close = (outcomes: readonly Outcome[]) => {
    for (const outcome of outcomes) ends.add(outcome);
    progress.add(outcomes);
  };
  const unitOptions = { manifests, wanted: options.wanted, partitioning, manifestOf: options.manifestOf };
  const wanted = wantedOf(unitOptions);
  for (const [manifest, partitions] of wanted) progress.expect(manifest, partitions.length);
  const runnerFor = (unit: StepUnit) => options.runnerFor?.(unit, here) ?? here;
  const run = { environment, partitioning, ends, here, runnerFor, emit };
  await schedule({
    units: unitsOf(wanted, unitOptions),
    concurrency,
    sizeOf: (pool) => sizeOfPool(pools, pool),
    doneAtOnce: (unit) => {
      const outcome = environment.signal.aborted ? null : keptAtOnce(unit, run);
      if (outcome) close([outcome]);
      return outcome !== null;
    },
    run: async (unit) => close(await runUnit(unit, run)),
  });
  here.save();
  return progress.result(manifests.keys());
}

const nothingDynamic = (now: number) => ({ now, dynamicKeys: () => [], custom: () => null });
