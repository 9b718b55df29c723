import { AssetError, type AssetKey, type AssetManifest, buildGraph } from '@nx-assets/core';
import type { Partitioning, PartitionKey, Wanted } from '../partitioning.ts';
import { type AssetPartition, idOf } from './asset-partition.ts';
import { prerequisiteIds } from './prerequisites.ts';
import type { StepUnit } from './step-runner.ts';

/** A unit with its place among the others. */
export interface ScheduledUnit extends StepUnit {
  /** How many other units it still waits for. */
  waits: number;
  readonly dependents: ScheduledUnit[];
}

export interface UnitOptions {
  readonly manifests: ReadonlyMap<AssetKey, AssetManifest>;
  readonly wanted: Wanted | undefined;
  readonly partitioning: Partitioning;
  /** The manifest of an asset that is not among these, but made by the function of one that is. */
  manifestOf?: ((key: AssetKey) => AssetManifest | undefined) | undefined;
}

/** The partitions of each asset that are to be brought up to date, deps first. */
export const wantedOf = ({
  manifests,
  wanted,
  partitioning,
}: UnitOptions): ReadonlyMap<AssetManifest, readonly PartitionKey[]> =>
  new Map(
    inOrder(manifests).map((manifest) => [
      manifest,
      wanted?.get(manifest.key) ?? partitioning.partitionsOf(manifest.key),
    ]),
  );

/** What is to be done, each with what it waits for. Deps that are not part of this run are there already. */
export function unitsOf(
  wanted: ReadonlyMap<AssetManifest, readonly PartitionKey[]>,
  options: UnitOptions,
): readonly ScheduledUnit[] {
  const units: ScheduledUnit[] = [];
  const unitOf = new Map<string, ScheduledUnit>();
  for (const [manifest, keys] of wanted) {
    // With an asset that came before it.
    if (unitOf.has(manifest.key)) continue;
    const isRanged = manifest.backfill !== null && keys.length > 1;
    const values = keys.map((partition) => [
      { manifest, partition },
      ...coProducts(manifest, partition, options),
    ]);
    for (const partitions of isRanged ? [values.flat()] : values) {
      const unit: ScheduledUnit = { manifest, partitions, waits: 0, dependents: [] };
      for (const piece of partitions) unitOf.set(idOf(piece), unit);
      const before = partitions.flatMap((piece) => prerequisiteIds(piece, options.partitioning));
      for (const other of new Set(before.map((id) => unitOf.get(id)))) {
        if (!other) continue;
        other.dependents.push(unit);
        unit.waits++;
      }
      units.push(unit);
    }
  }
  return units;
}

/** What the function of an asset makes besides. */
function coProducts(
  { key, siblings = [] }: AssetManifest,
  partition: PartitionKey,
  { manifests, manifestOf }: UnitOptions,
): AssetPartition[] {
  return siblings
    .filter((other) => other !== key)
    .map((other) => {
      const asked = manifests.get(other);
      const manifest = asked ?? manifestOf?.(other);
      if (!manifest)
        throw new AssetError('FRAMEWORK_BUG', `${other}, an output of ${key}, is not in the graph.`);
      return { manifest, partition, coProduct: !asked };
    });
}

function inOrder(manifests: ReadonlyMap<AssetKey, AssetManifest>): readonly AssetManifest[] {
  const nodes = [...manifests.values()].map((manifest) => ({
    key: manifest.key,
    manifest,
    deps: Object.fromEntries(Object.entries(manifest.deps).filter(([, dep]) => manifests.has(dep))),
    blockingChecks: manifest.blockingChecks.filter((gate) => manifests.has(gate)),
  }));
  const graph = buildGraph(nodes);
  return graph.order.flatMap((key) => graph.nodes.get(key)?.manifest ?? []);
}
