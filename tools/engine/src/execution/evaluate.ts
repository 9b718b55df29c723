import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type AssetKey, type AssetManifest, partitionName } from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import { type AssetRecord, type RecordReading, versionForDependents } from '@nx-assets/storage/records';
import type { FingerprintInputs } from '../action-key.ts';
import { decide, type Decision } from '../decide.ts';
import { Fingerprints } from '../fingerprint.ts';
import { toStepInputs } from '../inputs.ts';
import { observe } from '../observation.ts';
import { type Partitioning, type PartitionKey, readsOf } from '../partitioning.ts';
import { describeMissing, type Reason } from '../reason.ts';
import type { AssetPartition } from './asset-partition.ts';
import type { Records } from './records.ts';
import type { StepEnvironment } from './step-environment.ts';

/** What a step would work with now, and whether it must run. */
export interface Evaluation extends AssetPartition {
  readonly inputs: Readonly<Record<string, StepInput>>;
  readonly fingerprint: FingerprintInputs;
  readonly actionKey: string;
  readonly reading: RecordReading;
  readonly decision: Decision;
}

export interface EvaluatorOptions {
  readonly environment: Pick<StepEnvironment, 'root' | 'runId' | 'env' | 'runConfig' | 'now'>;
  readonly partitioning: Partitioning;
  readonly records: Records;
  readonly refresh: boolean;
  isForced(key: AssetKey): boolean;
  /** Whether this run has brought a value up to date. */
  isDone(key: AssetKey, partition: PartitionKey): boolean;
}

/** How long another run may take to replace a value, fsync included. */
const REPLACED_WITHIN = { attempts: 100, pause: 20 };

/** Of more inputs than these one believes what was seen at the beginning of the run. */
const REMEMBERED = 64;

type Missing = readonly [key: AssetKey, partition: PartitionKey];

/** Looks at values, one by one: what they would be made from, and whether they have to be made. */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #fingerprints = new Map<AssetKey, Fingerprints>();
  /** The inputs that the last evaluation did not find. */
  #missing: Missing[] = [];

  constructor(options: EvaluatorOptions) {
    this.#options = options;
  }

  /** Throws `PARTITION_MISSING` where it needs a partition that does not exist, `UPSTREAM_MISSING` where an input has no record. */
  async evaluate(piece: AssetPartition): Promise<Evaluation> {
    const { records, isDone, partitioning } = this.#options;
    const absent = partitioning.missingOf(piece.manifest, piece.partition);
    if (absent.length > 0) {
      const needed = absent.map(describeMissing).join('; and ');
      throw new AssetError('PARTITION_MISSING', `${nameOf(piece)} needs ${needed}.`);
    }
    for (let attempt = 0; ; attempt++) {
      const evaluation = this.evaluateNow(piece);
      if (evaluation) return evaluation;
      const missing = this.#missing;
      for (const [key, partition] of missing) records.forget(key, partition);
      // What this run has brought up to date has no record for a moment while another run replaces it.
      const isReplaced = missing.every(([key, partition]) => isDone(key, partition));
      if (!isReplaced || attempt === REPLACED_WITHIN.attempts) {
        const needed = missing.slice(0, 1).map(([key, partition]) => partitionName(key, partition));
        const facts = `${nameOf(piece)} needs ${needed.join('')}, which is not materialized.`;
        throw new AssetError('UPSTREAM_MISSING', facts);
      }
      await sleep(REPLACED_WITHIN.pause);
    }
  }

  /** The same after a wait: what is remembered of records may be old. */
  evaluateAgain(piece: AssetPartition): Promise<Evaluation> {
    const { partitioning, records } = this.#options;
    const { manifest, partition } = piece;
    records.forget(manifest.key, partition);
    for (const [alias, dep] of readsOf(manifest)) {
      const read = partitioning.upstream(manifest, alias, partition) ?? [];
      if (read.length <= REMEMBERED) for (const one of read) records.forget(dep, one);
    }
    return this.evaluate(piece);
  }

  /** The same at once; `null` where an input has no record, or does not exist. */
  evaluateNow(piece: AssetPartition): Evaluation | null {
    const { manifest, partition } = piece;
    const { partitioning, records, refresh, isForced } = this.#options;
    this.#missing = [];
    if (partitioning.missingOf(manifest, partition).length > 0) return null;
    const found = this.#fingerprintsOf(manifest).of(partition);
    const fingerprint = found.inputs();
    if (this.#missing.length > 0) return null;
    const inputs = toStepInputs(fingerprint.inputs, partitioning, (key, one) => records.find(key, one));
    const reading = records.reading(manifest, partition);
    const isMade = reading.status === 'found' && this.isOfThisRun(manifest, reading.record);
    const decision = decide({
      manifest,
      reading,
      fingerprint: found,
      // One call is enough: what it has made for this run is not forced again.
      force: isForced(manifest.key) && !isMade,
      refresh,
      bytesOnDisk: (record) => records.bytesOnDisk(manifest, record),
    });
    const known = { ...piece, inputs, fingerprint, actionKey: found.actionKey(), reading };
    if (!isMade || decision.action === 'run') return { ...known, decision };
    const other = manifest.siblings?.find((key) => key !== manifest.key) ?? manifest.key;
    return { ...known, decision: { ...decision, reasons: madeWith(other) } };
  }

  /** Whether a step of this run made a value with another one: in a process that was there before this one. */
  isOfThisRun({ siblings }: AssetManifest, { runId }: AssetRecord): boolean {
    return siblings !== undefined && runId === this.#options.environment.runId;
  }

  #fingerprintsOf(manifest: AssetManifest): Fingerprints {
    const { environment, partitioning, records } = this.#options;
    const { root, env, runConfig, now } = environment;
    // Another run may have asked for new data since.
    const observedAt = observe(root, manifest, now(), false);
    const known = this.#fingerprints.get(manifest.key);
    if (known?.observedAt === observedAt) return known;
    const source = { partitioning, env, runConfig };
    const fingerprints = new Fingerprints(manifest, source, observedAt, (key, partition) => {
      const record = records.find(key, partition);
      if (!record) this.#missing.push([key, partition]);
      return record && versionForDependents(record);
    });
    this.#fingerprints.set(manifest.key, fingerprints);
    return fingerprints;
  }
}

const nameOf = ({ manifest, partition }: AssetPartition): string => partitionName(manifest.key, partition);

export const madeWith = (key: AssetKey): readonly Reason[] => [{ kind: 'sibling-runs', key }];
