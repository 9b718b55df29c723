import type { AssetKey, AssetManifest, DataVersion, Graph } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';
import { Places } from '@nx-assets/core/partitions';
import { type AssetRecord, type RecordReading, versionForDependents } from '@nx-assets/storage/records';
import { decide } from './decide.ts';
import { nextObservation } from './observation.ts';
import {
  type MissingPartitions,
  type Partitioning,
  type PartitionKey,
  readsOf,
  type Wanted,
} from './partitioning.ts';
import { NAMED, type Reason } from './reason.ts';
import { Fingerprints } from './fingerprint.ts';

/**
 * What a run would do with one asset, or with one partition of it.
 *
 * `restore`: its right value is in Nx's cache. `undecided`: it has no reason of its own to run, and something that it
 * depends on runs first: if that comes out as before, it does not run. `blocked`: it cannot run, since it needs
 * partitions that do not exist, or what it is made from cannot run.
 */
export interface PlannedStep {
  readonly key: AssetKey;
  /** `null` for an asset without partitions. */
  readonly partition: PartitionKey;
  readonly action: 'run' | 'keep' | 'restore' | 'undecided' | 'blocked';
  readonly reasons: readonly Reason[];
}

/** What a plan looks at. Nothing that it calls changes anything. */
export interface StateReader {
  readonly now: Date;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the run would give to assets. */
  readonly runConfig?: RunConfig;
  readonly partitioning: Partitioning;
  reading(key: AssetKey, partition: PartitionKey): RecordReading;
  lastObservation(manifest: AssetManifest): string | null;
  /** sha256 of the value on disk, hex; `null` where there is none. */
  bytesOnDisk(key: AssetKey, partition: PartitionKey, record: AssetRecord): string | null;
  /** The record that Nx's cache would restore for a step with this action key. */
  cachedReading(key: AssetKey, partition: PartitionKey, actionKey: string): RecordReading;
}

export interface PlanOptions {
  /** Compute even what is up to date. */
  readonly force: boolean;
  /** Ask for data from outside again. */
  readonly refresh: boolean;
}

/**
 * What a run of these assets and partitions would do and why; deps first. Everything that they depend on is among them.
 * Pure but for what `state` looks at.
 */
export function plan(
  graph: Graph<AssetManifest>,
  wanted: Wanted,
  state: StateReader,
  options: PlanOptions,
): PlannedStep[] {
  const planned = new Map<AssetKey, PlannedAsset>();
  const planAsset = (manifest: AssetManifest, parts: readonly PartitionKey[]) => {
    const own: PlannedPartition[] = [];
    const blocked = new Set<PartitionKey>();
    // Before they are planned: one may be made from the one before.
    planned.set(manifest.key, { places: new Places(parts), parts: own, blocked });
    const stepOf = planner({ manifest, planned, state, options, isOne: parts.length === 1 });
    for (const part of parts) {
      const one = stepOf(part);
      own.push(one);
      if (one.step.action === 'blocked') blocked.add(part);
    }
  };
  for (const key of wanted.keys()) {
    if (planned.has(key)) continue;
    const siblings = graph.nodes.get(key)?.siblings ?? [key];
    const asked = siblings.filter((one) => wanted.has(one));
    for (const one of asked) {
      const manifest = graph.nodes.get(one);
      if (manifest) planAsset(manifest, wanted.get(one) ?? []);
    }
    if (asked.length > 1) alignSiblings(planned, asked);
  }
  return [...planned.values()].flatMap(({ parts }) => parts.map(({ step }) => step));
}

/** Where one of them runs, its function makes all of them. */
function alignSiblings(planned: Map<AssetKey, PlannedAsset>, keys: readonly AssetKey[]): void {
  const stepOf = (key: AssetKey) => planned.get(key)?.parts[0];
  const cause = keys.find((key) => stepOf(key)?.step.action === 'run');
  if (cause === undefined) return;
  for (const key of keys) {
    const one = stepOf(key);
    if (!one || one.step.action === 'run' || one.step.action === 'blocked') continue;
    const reasons: readonly Reason[] = [{ kind: 'sibling-runs', key: cause }];
    const parts: PlannedPartition[] = [{ ...one, step: { ...one.step, action: 'run', reasons } }];
    planned.set(key, { places: new Places([null]), parts, blocked: new Set() });
  }
}

interface PlannedAsset {
  readonly places: Places<PartitionKey>;
  readonly parts: readonly PlannedPartition[];
  readonly blocked: ReadonlySet<PartitionKey>;
}

interface PlannedPartition {
  readonly step: PlannedStep;
  /** What says which data it has afterwards, where that is known beforehand. */
  readonly reading: RecordReading;
}

interface Planning {
  readonly manifest: AssetManifest;
  readonly planned: ReadonlyMap<AssetKey, PlannedAsset>;
  readonly state: StateReader;
  readonly options: PlanOptions;
  /** Of what a run makes of one partition Nx caches the files; of many, that they are there. */
  readonly isOne: boolean;
}

/** What is planned for each partition of an asset. */
function planner({
  manifest,
  planned,
  state,
  options,
  isOne,
}: Planning): (part: PartitionKey) => PlannedPartition {
  const { key } = manifest;
  const { force, refresh } = options;
  const open = new Set<AssetKey>();
  const observedAt = nextObservation(manifest, state.lastObservation(manifest), state.now, refresh);
  const fingerprints = new Fingerprints(manifest, state, observedAt, (dep, part) => {
    const { places, parts } = planned.get(dep) ?? {};
    const found = places && parts?.[places.indexOf(part)];
    if (found?.step.action === 'run' || found?.step.action === 'undecided') open.add(dep);
    return found ? dataVersionOf(found.reading) : null;
  });
  const blockerOf = blockersOf(manifest, planned, state.partitioning);
  return (partition) => {
    const blocked = missingReasons(state.partitioning.missingOf(manifest, partition)) ?? blockerOf(partition);
    if (blocked) {
      const reading = state.reading(key, partition);
      const reasons = reading.status === 'missing' ? [...blocked, MISSING] : blocked;
      return { step: { key, partition, action: 'blocked', reasons }, reading };
    }
    open.clear();
    const fingerprint = fingerprints.of(partition);
    const reading = state.reading(key, partition);
    const bytesOnDisk = (record: AssetRecord) => state.bytesOnDisk(key, partition, record);
    const { reasons, action } = decide({ manifest, reading, fingerprint, force, refresh, bytesOnDisk });
    const actionKey = isOne && !force && action === 'run' ? fingerprint.actionKey() : null;
    if (open.size > 0) {
      const own = reasons.filter(
        (reason) =>
          reason.kind !== 'unchanged' && !(reason.kind === 'upstream-changed' && open.has(reason.key)),
      );
      if (own.length > 0) return { step: { key, partition, action: 'run', reasons: own }, reading };
      const because: readonly Reason[] = [{ kind: 'upstream-undecided', keys: [...open] }];
      return { step: { key, partition, action: 'undecided', reasons: because }, reading };
    }
    const cached = actionKey === null ? null : state.cachedReading(key, partition, actionKey);
    return cached?.status === 'found'
      ? { step: { key, partition, action: 'restore', reasons }, reading: cached }
      : { step: { key, partition, action, reasons }, reading };
  };
}

const MISSING: Reason = { kind: 'missing' };

const missingReasons = (missing: readonly MissingPartitions[]): readonly Reason[] | null =>
  missing.length === 0
    ? null
    : missing.map(({ key, partitions }) => ({
        kind: 'partitions-missing',
        key,
        partitions: partitions.slice(0, NAMED),
        ...(partitions.length > NAMED ? { partitionCount: partitions.length } : {}),
      }));

/** Tells whether something that a partition is made from, or waits for, cannot run. */
function blockersOf(
  manifest: AssetManifest,
  planned: ReadonlyMap<AssetKey, PlannedAsset>,
  partitioning: Partitioning,
): (partition: PartitionKey) => readonly Reason[] | null {
  const stopped = (key: AssetKey) => (planned.get(key)?.blocked.size ?? 0) > 0;
  const deps = readsOf(manifest).filter(([, dep]) => dep === manifest.key || stopped(dep));
  const gate = manifest.blockingChecks.find(stopped);
  return (partition) => {
    const dep = deps.find(([alias, one]) =>
      (partitioning.upstream(manifest, alias, partition) ?? [null]).some((part) =>
        planned.get(one)?.blocked.has(part),
      ),
    );
    const key = dep?.[1] ?? gate;
    return key === undefined ? null : [{ kind: 'upstream-blocked', key }];
  };
}

/** What the steps of an asset would compute with now, when everything that it depends on is as it lies on disk. */
export const fingerprintsOnDisk = (
  manifest: AssetManifest,
  state: Pick<StateReader, 'partitioning' | 'reading' | 'env' | 'runConfig'>,
  observedAt: string | null,
): Fingerprints =>
  new Fingerprints(manifest, state, observedAt, (key, part) => dataVersionOf(state.reading(key, part)));

const dataVersionOf = (reading: RecordReading): DataVersion | null =>
  reading.status === 'found' ? versionForDependents(reading.record) : null;
