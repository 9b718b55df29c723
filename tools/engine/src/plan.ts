import type { AssetKey, AssetManifest, DataVersion, Graph } from '@nx-assets/core';
import type { RecordReading } from '@nx-assets/storage/records';
import { hashEnv, type Ingredients } from './action-key.ts';
import { decide } from './decide.ts';
import { nextObservation } from './observation.ts';
import type { Reason } from './reason.ts';

/**
 * What a run would do with one asset.
 *
 * `restore`: its right value is in Nx's cache. `undecided`: it has no reason of its own to run, and something that it
 * depends on runs first: if that comes out as before, it does not run.
 */
export interface PlannedStep {
  readonly key: AssetKey;
  readonly action: 'run' | 'reuse' | 'restore' | 'undecided';
  readonly reasons: readonly Reason[];
}

/** What a plan looks at. Nothing that it calls changes anything. */
export interface World {
  readonly now: Date;
  readonly env: Readonly<Record<string, string | undefined>>;
  reading(key: AssetKey): RecordReading;
  lastObservation(manifest: AssetManifest): string | null;
  bytesOnDisk(path: string): string | null;
  /** The record that Nx's cache would restore for a step with this action key. */
  cachedReading(key: AssetKey, actionKey: string): RecordReading;
}

export interface PlanOptions {
  /** Compute even what is up to date. */
  readonly force: boolean;
  /** Ask for data from outside again. */
  readonly refresh: boolean;
}

/**
 * What a run of these assets, and of everything that they depend on, would do and why; deps first. Pure but for what
 * `world` looks at.
 */
export function plan(
  graph: Graph<AssetManifest>,
  keys: Iterable<AssetKey>,
  world: World,
  options: PlanOptions,
): PlannedStep[] {
  const wanted = new Set<AssetKey>();
  for (const key of keys) {
    wanted.add(key);
    for (const upstream of graph.upstream(key)) wanted.add(upstream);
  }
  const planned = new Map<AssetKey, Planned>();
  for (const key of graph.order) {
    const manifest = graph.nodes.get(key);
    if (manifest && wanted.has(key)) planned.set(key, planStep(manifest, planned, world, options));
  }
  return [...planned.values()].map(({ step }) => step);
}

interface Planned {
  readonly step: PlannedStep;
  /** Its data afterwards, where that is known beforehand. */
  readonly dataVersion: DataVersion | null;
}

function planStep(
  manifest: AssetManifest,
  planned: ReadonlyMap<AssetKey, Planned>,
  world: World,
  { force, refresh }: PlanOptions,
): Planned {
  const { key } = manifest;
  const open = [...new Set(Object.values(manifest.deps))].filter((dep) => {
    const action = planned.get(dep)?.step.action;
    return action === 'run' || action === 'undecided';
  });
  const ingredients: Ingredients = {
    inputs: Object.fromEntries(
      Object.entries(manifest.deps).map(([alias, dep]) => {
        return [alias, { key: dep, dataVersion: planned.get(dep)?.dataVersion ?? null }];
      }),
    ),
    env: hashEnv(manifest.env, world.env),
    observedAt: nextObservation(manifest, world.lastObservation(manifest), world.now, refresh),
  };
  const reading = world.reading(key);
  const dataVersion = dataVersionOf(reading);
  const bytesOnDisk = (path: string) => world.bytesOnDisk(path);
  const decision = decide({ manifest, reading, ingredients, force, refresh, bytesOnDisk });
  const { reasons } = decision;
  if (open.length > 0) {
    const own = reasons.filter(
      (reason) =>
        reason.kind !== 'unchanged' && !(reason.kind === 'upstream-changed' && open.includes(reason.key)),
    );
    const step: PlannedStep =
      own.length > 0
        ? { key, action: 'run', reasons: own }
        : { key, action: 'undecided', reasons: [{ kind: 'upstream-undecided', keys: open }] };
    return { step, dataVersion };
  }
  if (decision.action === 'reuse') return { step: { key, action: 'reuse', reasons }, dataVersion };
  const cached = force ? null : dataVersionOf(world.cachedReading(key, decision.actionKey));
  return cached === null
    ? { step: { key, action: 'run', reasons }, dataVersion }
    : { step: { key, action: 'restore', reasons }, dataVersion: cached };
}

const dataVersionOf = (reading: RecordReading): DataVersion | null =>
  reading.status === 'found' ? reading.record.dataVersion : null;
