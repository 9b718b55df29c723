import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  buildGraph,
  type Logger,
  prerequisitesOf,
} from '@nx-assets/core';
import {
  absolute,
  type AssetRecord,
  hashFile,
  readRecord,
  type RecordReading,
} from '@nx-assets/storage/records';
import { hashEnv, type Ingredients } from './action-key.ts';
import { attempts } from './attempts.ts';
import { CheckFailure } from './audit.ts';
import { decide, type Decision } from './decide.ts';
import type { Outcome, RunEvent } from './events.ts';
import { toFailure } from './failure.ts';
import { observe } from './observation.ts';
import type { Reason } from './reason.ts';
import { Redactor, secretsIn } from './redact.ts';
import { type Slot, takeSlot } from './slots.ts';
import { runStep, type StepOrder, type Workshop } from './step.ts';

export interface ExecuteOptions {
  /** The assets to bring up to date. Their deps are either among them or materialized already. */
  readonly manifests: readonly AssetManifest[];
  readonly workshop: Workshop;
  /** Compute even what is up to date. */
  readonly force: boolean;
  /** Whether this run asked for data from outside again. */
  readonly refresh: boolean;
  /** Steps at the same time. */
  readonly concurrency: number;
  /** Steps of a pool at the same time. A pool that has no size here takes one. */
  readonly pools?: Readonly<Record<string, number>>;
  /**
   * Runs a step that wants a process of its own, and gives what it came to. What it says on the way goes to `emit`.
   * Without it such steps run here.
   */
  isolate?(key: AssetKey, emit: (event: RunEvent) => void): Promise<Outcome>;
  /** Loads the definitions. Called once, when the first step must run. */
  definitions(keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, AnyAsset>>;
  emit(event: RunEvent): void;
}

/**
 * Brings assets up to date, deps first, ready ones side by side. Each asset gets exactly one outcome.
 * A failure blocks its descendants and nothing else.
 */
export async function execute(options: ExecuteOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const run = new Run(options);
  await run.all();
  return run.outcomes;
}

/** How long another run may take to replace a value, fsync included. */
const REPLACED_WITHIN = { attempts: 100, pause: 20 };

interface Look {
  readonly inputs: Readonly<Record<string, AssetRecord>>;
  readonly ingredients: Ingredients;
  readonly reading: RecordReading;
  readonly decision: Decision;
}

class Run {
  readonly outcomes = new Map<AssetKey, Outcome>();
  readonly #options: ExecuteOptions;
  readonly #manifests: ReadonlyMap<AssetKey, AssetManifest>;
  readonly #verified = new Map<AssetKey, string | null>();
  #definitions: Promise<ReadonlyMap<AssetKey, AnyAsset>> | undefined;

  constructor(options: ExecuteOptions) {
    this.#options = options;
    this.#manifests = new Map(options.manifests.map((manifest) => [manifest.key, manifest]));
  }

  async all(): Promise<void> {
    const priority = (key: AssetKey) => this.#manifest(key).control.priority;
    const waiting = new Set([...this.#order()].sort((a, b) => priority(b) - priority(a)));
    const running = new Map<AssetKey, Promise<void>>();
    while (waiting.size > 0 || running.size > 0) {
      for (const key of waiting) {
        if (running.size >= this.#options.concurrency) break;
        if (!this.#ready(key) || !this.#hasRoom(key, running.keys())) continue;
        waiting.delete(key);
        running.set(
          key,
          this.#bringUpToDate(key).finally(() => running.delete(key)),
        );
      }
      await Promise.race(running.values());
    }
  }

  /** Deps that are not part of this run are there already, so they do not count. */
  #order(): readonly AssetKey[] {
    const nodes = [...this.#manifests.values()].map(({ key, deps, gates }) => ({
      key,
      deps: Object.fromEntries(Object.entries(deps).filter(([, dep]) => this.#manifests.has(dep))),
      gates: gates.filter((gate) => this.#manifests.has(gate)),
    }));
    return buildGraph(nodes).order;
  }

  #ready(key: AssetKey): boolean {
    return prerequisitesOf(this.#manifest(key)).every(
      (dep) => !this.#manifests.has(dep) || this.outcomes.has(dep),
    );
  }

  /** Whether the pool of a step, if it is in one, takes another. */
  #hasRoom(key: AssetKey, running: Iterable<AssetKey>): boolean {
    const { pool } = this.#manifest(key).control;
    if (pool === null) return true;
    const taken = [...running].filter((other) => this.#manifest(other).control.pool === pool).length;
    return taken < this.#sizeOf(pool);
  }

  #sizeOf(pool: string): number {
    return Math.max(1, this.#options.pools?.[pool] ?? 1);
  }

  #manifest(key: AssetKey): AssetManifest {
    return this.#manifests.get(key) as AssetManifest;
  }

  async #bringUpToDate(key: AssetKey): Promise<void> {
    const manifest = this.#manifest(key);
    const outcome = (await this.#isolated(manifest)) ?? (await this.#outcomeOf(manifest));
    this.outcomes.set(key, outcome);
    this.#options.emit({ type: 'step-finished', outcome });
  }

  /** What a step came to in a process of its own; `undefined` where it runs here. */
  async #isolated(manifest: AssetManifest): Promise<Outcome | undefined> {
    const { isolate, emit, workshop } = this.#options;
    if (!isolate || !manifest.control.isolated || this.#failedUpstream(manifest)) return undefined;
    const outcome = await isolate(manifest.key, (event) => {
      if (event.type !== 'step-finished') emit(event);
    });
    // What it said as it died, nobody has looked at.
    const redactor = new Redactor(secretsIn([manifest], workshop.env));
    return { ...outcome, error: outcome.error && redactor.failure(outcome.error) };
  }

  async #outcomeOf(manifest: AssetManifest): Promise<Outcome> {
    const { workshop } = this.#options;
    const { signal } = workshop;
    const { key } = manifest;
    const startedAt = workshop.now().getTime();
    let reasons: readonly Reason[] = [];
    const announcements: string[] = [];
    const slots: Slot[] = [];
    const redactor = new Redactor(secretsIn([manifest], workshop.env));
    const emit = (event: RunEvent) =>
      this.#options.emit(
        event.type === 'step-retried' ? { ...event, error: redactor.failure(event.error) } : event,
      );
    const close = (outcome: Pick<Outcome, 'status'> & Partial<Outcome>): Outcome => ({
      key,
      reasons,
      changed: null,
      rowCount: null,
      bytes: null,
      error: null,
      checks: [],
      announcements,
      startedAt,
      finishedAt: workshop.now().getTime(),
      ...outcome,
    });
    const blocker = this.#failedUpstream(manifest);
    if (blocker) return close({ status: 'blocked', reasons: [{ kind: 'upstream-failed', key: blocker }] });
    try {
      workshop.signal.throwIfAborted();
      let look = await this.#look(manifest);
      if (look.decision.action === 'run') {
        slots.push(await takeSlot(workshop.root, `asset ${key}`, 1, signal));
        // Another run had it in hand: what that made may be what is wanted.
        if (slots[0]?.waited) look = await this.#look(manifest);
      }
      const { inputs, ingredients, reading, decision } = look;
      reasons = decision.reasons;
      if (decision.action === 'reuse') {
        this.#verified.set(key, decision.record.dataVersion);
        const { checks } = decision.record;
        return close({ status: 'reused', changed: false, checks, ...size(decision.record) });
      }
      emit({ type: 'step-started', key, reasons });
      for (const input of Object.values(inputs)) this.#verify(input);
      const definition = await this.#definition(key);
      const order: StepOrder = {
        manifest,
        definition,
        actionKey: decision.actionKey,
        ingredients,
        inputs,
        previous: reading.status === 'found' ? reading.record : null,
        log: loggerOf(key, redactor, emit),
        redactor,
        announce: (given) => {
          const message = redactor.text(given);
          announcements.push(message);
          emit({ type: 'announcement', key, message });
        },
      };
      const { pool } = manifest.control;
      if (pool !== null)
        slots.push(await takeSlot(workshop.root, `pool ${pool}`, this.#sizeOf(pool), signal));
      const record = await attempts({ manifest, definition, signal, random: Math.random, emit }, (attempt) =>
        runStep(order, { ...workshop, signal: attempt }),
      );
      this.#verified.set(key, record.dataVersion);
      const before = reading.status === 'found' ? reading.record.dataVersion : null;
      return close({
        status: 'materialized',
        changed: before === null ? null : before !== record.dataVersion,
        checks: record.checks,
        ...size(record),
      });
    } catch (error) {
      if (workshop.signal.aborted) return close({ status: 'cancelled' });
      const checks = error instanceof CheckFailure ? redactor.checks(error.results) : [];
      return close({ status: 'failed', error: redactor.failure(toFailure(error)), checks });
    } finally {
      for (const slot of slots) slot.release();
    }
  }

  /** What a step would work with now, and whether it must run. */
  async #look(manifest: AssetManifest): Promise<Look> {
    const { workshop, force, refresh } = this.#options;
    const { root } = workshop;
    const inputs = await this.#inputs(manifest);
    const ingredients: Ingredients = {
      inputs,
      env: hashEnv(manifest.env, workshop.env),
      observedAt: observe(root, manifest, workshop.now(), false),
    };
    const reading = readRecord(root, manifest.key);
    const bytesOnDisk = (path: string) => hashFile(absolute(root, path));
    const decision = decide({ manifest, reading, ingredients, force, refresh, bytesOnDisk });
    return { inputs, ingredients, reading, decision };
  }

  #failedUpstream(manifest: AssetManifest): AssetKey | undefined {
    const failed = prerequisitesOf(manifest).find((dep) => {
      const status = this.outcomes.get(dep)?.status;
      return status === 'failed' || status === 'blocked' || status === 'cancelled';
    });
    if (failed === undefined) return undefined;
    // Name the asset that failed, not the last one that it stopped.
    const cause = this.outcomes.get(failed)?.reasons.find((reason) => reason.kind === 'upstream-failed');
    return cause?.kind === 'upstream-failed' ? cause.key : failed;
  }

  async #inputs(manifest: AssetManifest): Promise<Record<string, AssetRecord>> {
    const inputs: Record<string, AssetRecord> = {};
    for (const [alias, dep] of Object.entries(manifest.deps)) {
      const record = await this.#record(dep);
      if (!record)
        throw new AssetError('UPSTREAM_MISSING', `${manifest.key} needs ${dep}, which is not materialized.`);
      inputs[alias] = record;
    }
    return inputs;
  }

  /** What this run has brought up to date has no record for a moment while another run replaces it. */
  async #record(key: AssetKey): Promise<AssetRecord | null> {
    for (let attempt = 0; ; attempt++) {
      const reading = readRecord(this.#options.workshop.root, key);
      if (reading.status === 'found') return reading.record;
      if (!this.outcomes.has(key) || attempt === REPLACED_WITHIN.attempts) return null;
      await sleep(REPLACED_WITHIN.pause);
    }
  }

  /** An input that this run did not make itself is only used when its bytes are those of its record. */
  #verify(input: AssetRecord): void {
    const { key, value, dataVersion } = input;
    if (this.#verified.get(key) !== dataVersion) {
      this.#verified.set(key, hashFile(absolute(this.#options.workshop.root, value.path)));
    }
    if (this.#verified.get(key) !== dataVersion) {
      throw new AssetError('UPSTREAM_MISSING', `${value.path} is not what the record of ${key} says it is.`);
    }
  }

  async #definition(key: AssetKey): Promise<AnyAsset> {
    this.#definitions ??= this.#options.definitions([...this.#manifests.keys()]);
    const definition = (await this.#definitions).get(key);
    if (!definition) throw new AssetError('FRAMEWORK_BUG', `The definition of ${key} did not load.`);
    return definition;
  }
}

function loggerOf(key: AssetKey, redactor: Redactor, emit: (event: RunEvent) => void): Logger {
  const at = (level: 'debug' | 'info' | 'warn') => (message: string) =>
    emit({ type: 'log', key, level, message: redactor.text(message) });
  return { debug: at('debug'), info: at('info'), warn: at('warn') };
}

const size = (record: AssetRecord) => ({ rowCount: record.value.rowCount, bytes: record.value.bytes });
