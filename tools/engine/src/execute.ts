import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  buildGraph,
  type Logger,
} from '@nx-assets/core';
import type { StepInput } from '@nx-assets/storage';
import {
  type AssetRecord,
  hashText,
  notAsRecorded,
  readRecord,
  RecordIndex,
  type RecordReading,
  workingCopyHash,
} from '@nx-assets/storage/records';
import { actionKey, hashEnv, type Ingredients } from './action-key.ts';
import { attempts } from './attempts.ts';
import { CheckFailure } from './audit.ts';
import { configFor } from './config.ts';
import { decide, type Decision } from './decide.ts';
import type { Outcome, RunEvent } from './events.ts';
import { toFailure } from './failure.ts';
import { inputsOf, toStepInputs } from './inputs.ts';
import { observe } from './observation.ts';
import { Partitioning, type PartitionKey, type Wanted } from './partitioning.ts';
import { ReadyQueue } from './ready.ts';
import type { Reason } from './reason.ts';
import { Redactor, secretsIn } from './redact.ts';
import { type Slot, takeSlot } from './slots.ts';
import { runStep, type StepOrder, type StepPart, type Workshop } from './step.ts';
import { Tally } from './tally.ts';

export interface ExecuteOptions {
  /** The assets to bring up to date. Their deps are either among them or materialized already. */
  readonly manifests: readonly AssetManifest[];
  /** Which partitions of them. Default: all. */
  readonly wanted?: Wanted;
  /** Which partitions there are, also of what they depend on. Default: those of `manifests`. */
  readonly partitioning?: Partitioning;
  readonly workshop: Workshop;
  /** Compute even what is up to date. */
  readonly force: boolean | ((key: AssetKey) => boolean);
  /** Whether this run asked for data from outside again. */
  readonly refresh: boolean;
  /** Steps at the same time. */
  readonly concurrency: number;
  /** Steps of a pool at the same time. A pool that has no size here takes one. */
  readonly pools?: Readonly<Record<string, number>>;
  /**
   * Runs a step that wants a process of its own, and gives what each of its assets came to. What it says on the way goes
   * to `emit`. Without it such steps run here.
   */
  isolate?(
    keys: readonly AssetKey[],
    partition: PartitionKey,
    emit: (event: RunEvent) => void,
  ): Promise<readonly Outcome[]>;
  /** The manifest of an asset that is not among these, but made by the function of one that is. */
  manifestOf?(key: AssetKey): AssetManifest | undefined;
  /** Loads the definitions. Called once, when the first step must run. */
  definitions(keys: readonly AssetKey[]): Promise<ReadonlyMap<AssetKey, AnyAsset>>;
  emit(event: RunEvent): void;
}

/**
 * Brings assets up to date, deps first, ready ones side by side: partition by partition where they have some. Each asset
 * gets exactly one outcome. A failure blocks what is made from it and nothing else.
 */
export async function execute(options: ExecuteOptions): Promise<ReadonlyMap<AssetKey, Outcome>> {
  const run = new Run(options);
  await run.all();
  return run.outcomes;
}

/** How long another run may take to replace a value, fsync included. */
const REPLACED_WITHIN = { attempts: 100, pause: 20 };

/** Of more inputs than these one believes what was seen at the beginning of the run. */
const REMEMBERED = 64;

/** One value: an asset, or a partition of one. */
interface Piece {
  readonly manifest: AssetManifest;
  readonly part: PartitionKey;
  /** Nobody asked for it: it is made because the function of another one makes it too. */
  readonly isBeside?: boolean;
}

/** What is brought up to date in one go: a value, the partitions of a ranged step, or all that one function makes. */
interface Unit {
  /** Where they are of several assets, the first one that was asked for. */
  readonly manifest: AssetManifest;
  readonly pieces: readonly Piece[];
  /** How many other units it still waits for. */
  waits: number;
  readonly dependents: Unit[];
}

interface Look extends Piece {
  readonly inputs: Readonly<Record<string, StepInput>>;
  readonly ingredients: Ingredients;
  readonly actionKey: string;
  readonly reading: RecordReading;
  readonly decision: Decision;
}

/** What is left of an outcome for those that come after. */
interface End {
  readonly status: Outcome['status'];
  readonly cause: AssetKey | null;
}

class Run {
  readonly outcomes = new Map<AssetKey, Outcome>();
  readonly #options: ExecuteOptions;
  readonly #manifests: ReadonlyMap<AssetKey, AssetManifest>;
  readonly #partitioning: Partitioning;
  readonly #verified = new Map<string, string | null>();
  readonly #ends = new Map<string, End>();
  readonly #indexes = new Map<AssetKey, RecordIndex>();
  readonly #progress = new Map<
    AssetKey,
    { readonly tally: Tally; readonly total: number; done: number; ran: number; readonly since: number }
  >();
  readonly #pools = new Map<string, number>();
  readonly #ready: ReadyQueue<Unit>;
  #running = 0;
  #open = 0;
  #wake = () => {};
  #definitions: Promise<ReadonlyMap<AssetKey, AnyAsset>> | undefined;

  constructor(options: ExecuteOptions) {
    this.#options = options;
    this.#manifests = new Map(options.manifests.map((manifest) => [manifest.key, manifest]));
    this.#partitioning =
      options.partitioning ?? new Partitioning(this.#manifests, nothingDynamic(options.workshop));
    this.#ready = new ReadyQueue(
      ({ manifest }) => manifest.control.priority,
      ({ manifest }) => manifest.control.pool,
    );
  }

  async all(): Promise<void> {
    for (const unit of this.#units()) {
      this.#open++;
      if (unit.waits === 0) this.#ready.push(unit);
    }
    while (this.#open > 0) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.#startReady();
      if (this.#open > 0) await woken;
    }
    for (const index of this.#indexes.values()) index.save();
  }

  /** What is to be done, each with what it waits for. Deps that are not part of this run are there already. */
  #units(): readonly Unit[] {
    const units: Unit[] = [];
    const byPart = new Map<string, Unit>();
    for (const key of this.#order()) {
      const manifest = this.#manifest(key);
      const parts = this.#options.wanted?.get(key) ?? this.#partitioning.parts(key);
      if (manifest.partitions) {
        const since = this.#options.workshop.now().getTime();
        this.#progress.set(key, { tally: new Tally(key), total: parts.length, done: 0, ran: 0, since });
        if (parts.length === 0) this.#finish(key, new Tally(key).outcome(since));
      }
      // With an asset that came before it.
      if (byPart.has(key)) continue;
      const isRanged = manifest.backfill !== null && parts.length > 1;
      const values = parts.map((part) => [{ manifest, part }, ...this.#beside(manifest, part)]);
      for (const pieces of isRanged ? [values.flat()] : values) {
        const unit: Unit = { manifest, pieces, waits: 0, dependents: [] };
        for (const piece of pieces) byPart.set(idOf(piece), unit);
        const before = new Set(pieces.flatMap((piece) => this.#before(piece)).map((id) => byPart.get(id)));
        for (const other of before) {
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
  #beside({ key, together = [] }: AssetManifest, part: PartitionKey): Piece[] {
    return together
      .filter((other) => other !== key)
      .map((other) => {
        const asked = this.#manifests.get(other);
        const manifest = asked ?? this.#options.manifestOf?.(other);
        if (!manifest) throw new AssetError('FRAMEWORK_BUG', `Nobody knows ${other}, which ${key} makes.`);
        return { manifest, part, isBeside: !asked };
      });
  }

  #order(): readonly AssetKey[] {
    const nodes = [...this.#manifests.values()].map(({ key, deps, gates }) => ({
      key,
      deps: Object.fromEntries(Object.entries(deps).filter(([, dep]) => this.#manifests.has(dep))),
      gates: gates.filter((gate) => this.#manifests.has(gate)),
    }));
    return buildGraph(nodes).order;
  }

  /** The ids of everything that a partition is made from or waits for. */
  #before({ manifest, part }: Piece): string[] {
    const gates = manifest.gates.map((gate) => nameIn(gate, null));
    const deps = Object.entries(manifest.deps).flatMap(([alias, dep]) => {
      const read = this.#partitioning.upstream(manifest, alias, part);
      return read === null ? [nameIn(dep, null)] : read.map((one) => nameIn(dep, one));
    });
    return [...new Set([...deps, ...gates])];
  }

  #startReady(): void {
    const { concurrency } = this.#options;
    const hasRoom = (pool: string) => (this.#pools.get(pool) ?? 0) < this.#sizeOf(pool);
    while (this.#running < concurrency) {
      const unit = this.#ready.take(hasRoom);
      if (!unit) return;
      const known = this.#reusedAtOnce(unit);
      if (known) this.#settle(unit, [known]);
      else this.#start(unit);
    }
  }

  #start(unit: Unit): void {
    const { pool } = unit.manifest.control;
    this.#running++;
    if (pool !== null) this.#pools.set(pool, (this.#pools.get(pool) ?? 0) + 1);
    void this.#bringUpToDate(unit).then((outcomes) => {
      this.#running--;
      if (pool !== null) this.#pools.set(pool, (this.#pools.get(pool) ?? 1) - 1);
      this.#settle(unit, outcomes);
      this.#wake();
    });
  }

  /** Keeps what a unit came to, and lets those go on that waited for it. */
  #settle(unit: Unit, outcomes: readonly Outcome[]): void {
    const { key } = unit.manifest;
    const progress = this.#progress.get(key);
    for (const outcome of outcomes) {
      const cause = outcome.reasons.find((reason) => reason.kind === 'upstream-failed');
      const end: End = {
        status: outcome.status,
        cause: cause?.kind === 'upstream-failed' ? cause.key : null,
      };
      this.#ends.set(nameIn(outcome.key, outcome.partition), end);
      if (!progress || outcome.status !== 'reused') this.#options.emit({ type: 'step-finished', outcome });
      if (!progress) continue;
      progress.tally.add(outcome);
      progress.done++;
      if (outcome.status !== 'reused') progress.ran++;
    }
    if (!progress) for (const outcome of outcomes) this.#finish(outcome.key, outcome);
    else if (progress.done === progress.total) this.#finish(key, progress.tally.outcome(this.#now()));
    else if (outcomes.some(({ status }) => status !== 'reused')) this.#sayProgress(key);
    this.#open--;
    for (const dependent of unit.dependents) {
      dependent.waits--;
      if (dependent.waits === 0) this.#ready.push(dependent);
    }
  }

  #finish(key: AssetKey, outcome: Outcome): void {
    this.outcomes.set(key, outcome);
    this.#options.emit({ type: 'asset-finished', outcome });
  }

  #sayProgress(key: AssetKey): void {
    const progress = this.#progress.get(key);
    if (!progress) return;
    const { done, total, tally, ran, since } = progress;
    const leftMs = ran === 0 ? null : ((this.#now() - since) / ran) * (total - done);
    this.#options.emit({ type: 'progress', key, done, total, failed: tally.failed, leftMs });
  }

  #now(): number {
    return this.#options.workshop.now().getTime();
  }

  #sizeOf(pool: string): number {
    return Math.max(1, this.#options.pools?.[pool] ?? 1);
  }

  #manifest(key: AssetKey): AssetManifest {
    return this.#manifests.get(key) as AssetManifest;
  }

  /** A partition that is up to date, told without any waiting: there may be a hundred thousand of them. */
  #reusedAtOnce({ pieces: [piece, ...others] }: Unit): Outcome | null {
    if (!piece || piece.part === null || others.length > 0) return null;
    if (this.#options.workshop.signal.aborted || this.#failedUpstream(piece)) return null;
    const look = this.#lookAt(piece, (key, one) => this.#read(key, one));
    return look?.decision.action === 'reuse' ? this.#reused(piece, look.decision, this.#now()) : null;
  }

  async #bringUpToDate(unit: Unit): Promise<readonly Outcome[]> {
    return (await this.#isolated(unit)) ?? this.#outcomesOf(unit);
  }

  /** What a step came to in a process of its own; `undefined` where it runs here. */
  async #isolated({ manifest, pieces }: Unit): Promise<readonly Outcome[] | undefined> {
    const { isolate, emit, workshop } = this.#options;
    const [first] = pieces;
    if (!isolate || !first || !manifest.control.isolated || this.#failedUpstream(first)) return undefined;
    const asked = pieces.filter(({ isBeside }) => !isBeside).map((piece) => piece.manifest.key);
    const outcomes = await isolate(asked, first.part, (event) => {
      if (event.type !== 'step-finished' && event.type !== 'asset-finished') emit(event);
    });
    for (const piece of pieces) this.#indexes.get(piece.manifest.key)?.forget(piece.part ?? '');
    // What it said as it died, nobody has looked at.
    const redactor = new Redactor(secretsIn([manifest], workshop.env));
    return outcomes.map((outcome) => ({
      ...outcome,
      error: outcome.error && redactor.failure(outcome.error),
    }));
  }

  /** Looks at what a unit consists of, and runs what has to. */
  async #outcomesOf({ manifest, pieces }: Unit): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    const looks: Look[] = [];
    const startedAt = this.#now();
    for (const piece of pieces) {
      const blocker = this.#failedUpstream(piece);
      if (blocker) {
        const reasons: readonly Reason[] = [{ kind: 'upstream-failed', key: blocker }];
        if (!piece.isBeside) outcomes.push(this.#outcome(piece, startedAt, { status: 'blocked', reasons }));
        continue;
      }
      try {
        this.#options.workshop.signal.throwIfAborted();
        looks.push(await this.#look(piece));
      } catch (error) {
        if (!piece.isBeside) outcomes.push(this.#failure(piece, startedAt, [], error));
      }
    }
    const { toRun, others } = sorted(looks);
    outcomes.push(...this.#kept(others, startedAt));
    for (const stretch of this.#stretches(manifest, toRun)) outcomes.push(...(await this.#run(stretch)));
    return outcomes;
  }

  /** What is said of values that are there already. Of those that nobody asked for, nothing. */
  #kept(looks: readonly Look[], startedAt: number): Outcome[] {
    return looks.flatMap((look) =>
      look.isBeside || look.decision.action === 'run' ? [] : [this.#reused(look, look.decision, startedAt)],
    );
  }

  /** Partitions that follow each other: a ranged step is about a stretch without holes. */
  #stretches({ key, together }: AssetManifest, looks: readonly Look[]): readonly (readonly Look[])[] {
    if (together && looks.length > 0) return [looks];
    const set = this.#partitioning.set(key);
    const stretches: Look[][] = [];
    for (const look of looks) {
      const last = stretches.at(-1)?.at(-1);
      const follows = set && last && set.indexOf(look.part ?? '') === set.indexOf(last.part ?? '') + 1;
      if (follows) stretches.at(-1)?.push(look);
      else stretches.push([look]);
    }
    return stretches;
  }

  async #run(given: readonly Look[]): Promise<readonly Outcome[]> {
    const [{ manifest }] = given as readonly [Look, ...Look[]];
    const { workshop } = this.#options;
    const { signal } = workshop;
    const { key } = manifest;
    const startedAt = this.#now();
    const outcomes: Outcome[] = [];
    const announcements: string[] = [];
    const slots: Slot[] = [];
    const redactor = new Redactor(secretsIn([manifest], workshop.env));
    const emit = (event: RunEvent) =>
      this.#options.emit(
        event.type === 'step-retried' ? { ...event, error: redactor.failure(event.error) } : event,
      );
    try {
      // In one order everywhere, so that no two wait for each other.
      for (const name of [...new Set(given.map(lockOf))].sort()) {
        slots.push(await takeSlot(workshop.root, name, 1, signal));
      }
      // Another run may have had them in hand just before: what that made may be what is wanted.
      const again: Look[] = [];
      for (const piece of given) again.push(await this.#lookAgain(piece));
      const { toRun: looks, others } = sorted(again);
      outcomes.push(...this.#kept(others, startedAt));
      const [first] = looks;
      if (!first) return outcomes;
      for (const { manifest: own, part, decision } of looks) {
        emit({ type: 'step-started', key: own.key, partition: part, reasons: decision.reasons });
      }
      for (const { inputs } of looks) for (const input of Object.values(inputs)) await this.#verify(input);
      const partitions = looks.map(({ part }) => part).filter((part) => part !== null);
      const parts: StepPart[] = [];
      for (const { manifest: own, part, ingredients, inputs, reading, ...look } of looks) {
        parts.push({
          manifest: own,
          definition: await this.#definition(own.key),
          partition: part,
          actionKey: look.actionKey,
          ingredients,
          inputs,
          previous: reading.status === 'found' ? reading.record : null,
        });
      }
      const order: StepOrder = {
        log: loggerOf(key, first.part, redactor, emit),
        redactor,
        parts,
        partition: partitions.length > 0 ? this.#partitioning.describe(key, partitions) : null,
        announce: (said) => {
          const message = redactor.text(said);
          announcements.push(message);
          emit({ type: 'announcement', key, partition: first.part, message });
        },
      };
      const { pool } = manifest.control;
      if (pool !== null)
        slots.push(await takeSlot(workshop.root, `pool ${pool}`, this.#sizeOf(pool), signal));
      const definition = await this.#definition(key);
      const records = await attempts(
        { manifest, partition: first.part, definition, signal, random: Math.random, emit },
        (attempt) => runStep(order, { ...workshop, signal: attempt }),
      );
      looks.forEach((look, at) => {
        const said = look.manifest === manifest ? announcements : [];
        outcomes.push(this.#materialized(look, records[at] as AssetRecord, startedAt, said));
      });
      return outcomes;
    } catch (error) {
      const told = new Set(outcomes.map((outcome) => nameIn(outcome.key, outcome.partition)));
      for (const look of given) {
        if (told.has(idOf(look)) || look.isBeside) continue;
        // A ranged step publishes one after the other: those before the one that failed are made.
        const made = given.length > 1 && !manifest.together ? this.#madeNow(look) : null;
        if (made) {
          outcomes.push(this.#materialized(look, made, startedAt, []));
          continue;
        }
        this.#indexes.get(look.manifest.key)?.forget(look.part ?? '');
        const failure = this.#failure(look, startedAt, look.decision.reasons, error);
        outcomes.push({
          ...failure,
          announcements: look.manifest === manifest ? announcements : [],
          error: failure.error && redactor.failure(failure.error),
          checks: redactor.checks(failure.checks),
        });
      }
      return outcomes;
    } finally {
      for (const slot of slots) slot.release();
    }
  }

  /** The record of a value that this step has published; `null` where it has not. */
  #madeNow({ manifest: { key }, part, reading, ...look }: Look): AssetRecord | null {
    const now = readRecord(this.#options.workshop.root, key, part);
    if (now.status !== 'found' || now.record.actionKey !== look.actionKey) return null;
    const before = reading.status === 'found' ? reading.record.finishedAt : null;
    return now.record.runId === this.#options.workshop.runId && now.record.finishedAt !== before
      ? now.record
      : null;
  }

  #materialized(
    look: Look,
    record: AssetRecord,
    startedAt: number,
    announcements: readonly string[],
  ): Outcome {
    const { reading, decision, manifest } = look;
    const before = reading.status === 'found' ? reading.record.dataVersion : null;
    this.#verified.set(idOf(look), record.dataVersion);
    this.#indexes.get(manifest.key)?.made(record);
    return this.#outcome(look, startedAt, {
      status: 'materialized',
      reasons: decision.reasons,
      changed: before === null ? null : before !== record.dataVersion,
      checks: record.checks,
      announcements,
      ...size(record),
    });
  }

  #failure(piece: Piece, startedAt: number, reasons: readonly Reason[], error: unknown): Outcome {
    if (this.#options.workshop.signal.aborted) {
      return this.#outcome(piece, startedAt, { status: 'cancelled', reasons });
    }
    const { manifest } = piece;
    // Where one function makes several assets, they fail with the one whose checks did not pass.
    const isOwn = !manifest.together || (error instanceof CheckFailure && error.key === manifest.key);
    const checks = error instanceof CheckFailure && isOwn ? error.results : [];
    const redactor = new Redactor(secretsIn([manifest], this.#options.workshop.env));
    const failure = redactor.failure(toFailure(error));
    return this.#outcome(piece, startedAt, { status: 'failed', reasons, error: failure, checks });
  }

  #reused(
    piece: Piece,
    { record, reasons }: Extract<Decision, { action: 'reuse' }>,
    startedAt: number,
  ): Outcome {
    const { manifest, part } = piece;
    this.#verified.set(idOf(piece), record.dataVersion);
    // What the checks of a hundred thousand partitions said is in their records.
    const checks = part === null ? record.checks : [];
    const rest = { reasons, checks, ...size(record) };
    if (!this.#isOurs(manifest, record))
      return this.#outcome(piece, startedAt, { status: 'reused', changed: false, ...rest });
    this.#options.emit({ type: 'step-started', key: manifest.key, partition: part, reasons });
    return this.#outcome(piece, startedAt, { status: 'materialized', ...rest });
  }

  /** Whether a step of this run made a value with another one: in a process that was there before this one. */
  #isOurs({ together }: AssetManifest, { runId }: AssetRecord): boolean {
    return together !== undefined && runId === this.#options.workshop.runId;
  }

  #outcome(
    { manifest: { key }, part }: Piece,
    startedAt: number,
    rest: Pick<Outcome, 'status'> & Partial<Outcome>,
  ): Outcome {
    return {
      key,
      partition: part,
      reasons: [],
      changed: null,
      rowCount: null,
      bytes: null,
      error: null,
      checks: [],
      announcements: [],
      startedAt,
      finishedAt: this.#now(),
      ...rest,
    };
  }

  /** The same after a wait: what is remembered of records may be old. */
  #lookAgain(piece: Piece): Promise<Look> {
    const { manifest, part } = piece;
    this.#indexes.get(manifest.key)?.forget(part ?? '');
    for (const [alias, dep] of Object.entries(manifest.deps)) {
      const read = this.#partitioning.upstream(manifest, alias, part) ?? [];
      if (read.length <= REMEMBERED) for (const one of read) this.#indexes.get(dep)?.forget(one);
    }
    return this.#look(piece);
  }

  /** What a step would work with now, and whether it must run. */
  async #look(piece: Piece): Promise<Look> {
    for (let attempt = 0; ; attempt++) {
      let missing: string | undefined;
      let isOurs = false;
      const look = this.#lookAt(piece, (key, one) => {
        const record = this.#read(key, one);
        if (!record) {
          missing ??= nameOf(key, one);
          isOurs = this.#ends.has(nameIn(key, one));
          this.#indexes.get(key)?.forget(one ?? '');
        }
        return record;
      });
      if (look) return look;
      // What this run has brought up to date has no record for a moment while another run replaces it.
      if (!isOurs || attempt === REPLACED_WITHIN.attempts) {
        const facts = `${nameOf(piece.manifest.key, piece.part)} needs ${missing}, which is not materialized.`;
        throw new AssetError('UPSTREAM_MISSING', facts);
      }
      await sleep(REPLACED_WITHIN.pause);
    }
  }

  /** The same at once; `null` where an input has no record. */
  #lookAt(
    piece: Piece,
    recordOf: (key: AssetKey, partition: PartitionKey) => AssetRecord | null,
  ): Look | null {
    const { manifest, part } = piece;
    const { workshop, refresh } = this.#options;
    const { root } = workshop;
    let isWhole = true;
    const read = inputsOf(manifest, part, this.#partitioning, (key, one) => {
      const record = recordOf(key, one);
      if (!record) isWhole = false;
      return record?.dataVersion ?? null;
    });
    if (!isWhole) return null;
    const inputs = toStepInputs(read, this.#partitioning, recordOf);
    const ingredients: Ingredients = {
      inputs: read,
      env: hashEnv(manifest.env, workshop.env),
      config: configFor(manifest, workshop.env, workshop.runConfig),
      observedAt: observe(root, manifest, workshop.now(), false),
      partition:
        part === null
          ? null
          : { key: part, bounds: this.#partitioning.set(manifest.key)?.boundsOf(part) ?? null },
    };
    const index = part === null ? null : this.#index(manifest);
    const reading = index ? index.reading(part ?? '') : readRecord(root, manifest.key);
    const bytesOnDisk = ({ value }: AssetRecord) =>
      index ? index.bytesOnDisk(part ?? '') : workingCopyHash(root, value);
    const isMade = reading.status === 'found' && this.#isOurs(manifest, reading.record);
    // One call is enough: what it has made for this run is not forced again.
    const force = this.#isForced(manifest.key) && !isMade;
    const known = { ingredients, actionKey: actionKey(manifest, ingredients), reading };
    const recipe = { ingredients: () => ingredients, actionKey: () => known.actionKey };
    const decision = decide({ manifest, reading, recipe, force, refresh, bytesOnDisk });
    if (!isMade || decision.action === 'run') return { ...piece, inputs, ...known, decision };
    const reasons = madeWith(manifest.together?.find((key) => key !== manifest.key) ?? manifest.key);
    return { ...piece, inputs, ...known, decision: { ...decision, reasons } };
  }

  #isForced(key: AssetKey): boolean {
    const { force } = this.#options;
    return typeof force === 'boolean' ? force : force(key);
  }

  #failedUpstream(piece: Piece): AssetKey | undefined {
    for (const id of this.#before(piece)) {
      const end = this.#ends.get(id);
      // Name the asset that failed, not the last one that it stopped.
      if (end && STOPS.has(end.status)) return end.cause ?? (id.split(' ')[0] as AssetKey);
    }
    return undefined;
  }

  #read(key: AssetKey, part: PartitionKey): AssetRecord | null {
    const dep = this.#partitioning.manifest(key);
    const { root } = this.#options.workshop;
    const reading = part === null || !dep ? readRecord(root, key) : this.#index(dep).reading(part);
    return reading.status === 'found' ? reading.record : null;
  }

  #index(manifest: AssetManifest): RecordIndex {
    const known = this.#indexes.get(manifest.key) ?? new RecordIndex(this.#options.workshop.root, manifest);
    this.#indexes.set(manifest.key, known);
    return known;
  }

  /** An input that this run did not make itself is only used when its bytes are those of its record. */
  async #verify({ records }: StepInput): Promise<void> {
    for (const record of records) {
      const { key, partition, dataVersion } = record;
      const id = nameIn(key, partition);
      if (this.#verified.get(id) === dataVersion) continue;
      const isIntact =
        partition === null
          ? (await this.#options.workshop.store.state(record)) === 'intact'
          : this.#indexes.get(key)?.bytesOnDisk(partition) === dataVersion;
      this.#verified.set(id, isIntact ? dataVersion : null);
      if (!isIntact) throw notAsRecorded(record);
    }
  }

  async #definition(key: AssetKey): Promise<AnyAsset> {
    this.#definitions ??= this.#options.definitions([...this.#manifests.keys()]);
    const definition = (await this.#definitions).get(key);
    if (!definition) throw new AssetError('FRAMEWORK_BUG', `The definition of ${key} did not load.`);
    return definition;
  }
}

const STOPS = new Set<Outcome['status']>(['failed', 'blocked', 'cancelled']);

const madeWith = (key: AssetKey): readonly Reason[] => [{ kind: 'made-together', key }];

/** What has to run, and with it whatever else its function makes; then the others. Ranged steps make one by one. */
function sorted(looks: readonly Look[]): {
  readonly toRun: readonly Look[];
  readonly others: readonly Look[];
} {
  const stale = looks.filter(({ decision, isBeside }) => decision.action === 'run' && !isBeside);
  const [cause] = stale;
  if (!cause?.manifest.together)
    return { toRun: stale, others: looks.filter((look) => !stale.includes(look)) };
  const toRun = looks.map((look): Look =>
    look.decision.action === 'run'
      ? look
      : { ...look, decision: { action: 'run', reasons: madeWith(cause.manifest.key) } },
  );
  return { toRun, others: [] };
}

/** Neither keys nor the end of a key have a space. */
const nameIn = (key: AssetKey, part: PartitionKey): string => (part === null ? key : `${key} ${part}`);

const idOf = ({ manifest, part }: Piece): string => nameIn(manifest.key, part);

const nameOf = (key: AssetKey, part: PartitionKey): string => (part === null ? key : `${key} [${part}]`);

/** Locks that the partitions of an asset share: a file for each of a hundred thousand would be too many. */
const LOCKS = 64;

/** What one function makes has one lock. */
function lockOf({ manifest: { key, together }, part }: Piece): string {
  const name = `asset ${together?.[0] ?? key}`;
  return part === null ? name : `${name} ${Number.parseInt(hashText(part).slice(0, 8), 16) % LOCKS}`;
}

const nothingDynamic = ({ now }: Workshop) => ({
  now: now().getTime(),
  dynamicKeys: () => [],
  custom: () => null,
});

export function loggerOf(
  key: AssetKey,
  partition: PartitionKey,
  redactor: Redactor,
  emit: (event: RunEvent) => void,
): Logger {
  const at = (level: 'debug' | 'info' | 'warn') => (message: string) =>
    emit({ type: 'log', key, partition, level, message: redactor.text(message) });
  return { debug: at('debug'), info: at('info'), warn: at('warn') };
}

const size = ({ value }: AssetRecord) => ({ rowCount: value.rowCount, bytes: value.bytes });
