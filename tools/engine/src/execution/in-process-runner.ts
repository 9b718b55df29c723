import { type AnyAsset, AssetError, type AssetKey } from '@nx-assets/core';
import type { Outcome, RunEvent } from '../events.ts';
import type { Partitioning } from '../partitioning.ts';
import { type Evaluation, Evaluator, type EvaluatorOptions } from './evaluate.ts';
import { type Keeping, keptOutcome, keptOutcomes } from './kept.ts';
import { makeStretch } from './make-stretch.ts';
import { failureOf } from './outcome.ts';
import type { PoolSizes } from './pools.ts';
import { Records } from './records.ts';
import type { StepEnvironment } from './step-environment.ts';
import type { StepRunner, StepScene, StepUnit } from './step-runner.ts';
import { divide, stretchesOf } from './to-run.ts';

export interface InProcessOptions {
  readonly environment: StepEnvironment;
  readonly partitioning: Partitioning;
  /** Compute even what is up to date. */
  readonly isForced: EvaluatorOptions['isForced'];
  /** Whether this run asked for data from outside again. */
  readonly refresh: boolean;
  readonly pools: PoolSizes;
  /** Whether this run has brought a value up to date, so that it comes back where another run replaces it. */
  readonly isDone?: EvaluatorOptions['isDone'];
  /** Loads the definitions. Called once, when the first step must run. */
  definitions(): Promise<ReadonlyMap<AssetKey, AnyAsset>>;
}

/** Runs units in this process, and remembers what it has seen of records and definitions. */
export class InProcessRunner implements StepRunner {
  readonly records: Records;
  readonly #options: InProcessOptions;
  readonly #evaluator: Evaluator;
  #definitions: Promise<ReadonlyMap<AssetKey, AnyAsset>> | undefined;

  constructor(options: InProcessOptions) {
    const { environment, partitioning, refresh, isForced, isDone = () => false } = options;
    this.#options = options;
    this.records = new Records(environment.root, environment.store, partitioning);
    const { records } = this;
    this.#evaluator = new Evaluator({ environment, partitioning, records, refresh, isForced, isDone });
  }

  /** A partition that is up to date, told without any waiting: there may be a hundred thousand of them. */
  keptAtOnce({ partitions: [first, ...others] }: StepUnit, emit: (event: RunEvent) => void): Outcome | null {
    if (!first || first.partition === null || others.length > 0) return null;
    const evaluation = this.#evaluator.evaluateNow(first);
    return evaluation && keptOutcome(evaluation, this.#now(), this.#keeping(emit));
  }

  async run(unit: StepUnit, { signal, emit }: StepScene): Promise<readonly Outcome[]> {
    const { partitioning, pools } = this.#options;
    const environment = { ...this.#options.environment, signal };
    const startedAt = this.#now();
    const outcomes: Outcome[] = [];
    const evaluations: Evaluation[] = [];
    for (const piece of unit.partitions) {
      try {
        signal.throwIfAborted();
        evaluations.push(await this.#evaluator.evaluate(piece));
      } catch (error) {
        if (!piece.coProduct) outcomes.push(failureOf(piece, startedAt, [], error, environment));
      }
    }
    const keeping = this.#keeping(emit);
    const { toRun, others } = divide(evaluations);
    outcomes.push(...keptOutcomes(others, startedAt, keeping));
    const { records } = this;
    const evaluator = this.#evaluator;
    const definition = (key: AssetKey) => this.#definition(key);
    const workbench = { environment, partitioning, pools, records, evaluator, keeping, definition, emit };
    for (const stretch of stretchesOf(unit.manifest, toRun, partitioning)) {
      outcomes.push(...(await makeStretch(stretch, workbench)));
    }
    return outcomes;
  }

  /** Keeps what was learned of records for the next run. */
  save(): void {
    this.records.save();
  }

  #keeping(emit: (event: RunEvent) => void): Keeping {
    return { records: this.records, evaluator: this.#evaluator, now: this.#options.environment.now, emit };
  }

  #now(): number {
    return this.#options.environment.now().getTime();
  }

  async #definition(key: AssetKey): Promise<AnyAsset> {
    this.#definitions ??= this.#options.definitions();
    const definition = (await this.#definitions).get(key);
    if (!definition) throw new AssetError('FRAMEWORK_BUG', `The definition of ${key} did not load.`);
    return definition;
  }
}
