import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { AssetError, type AssetKey, type CheckResult, type Json, milliseconds } from '@nx-assets/core';
import type { Outcome, RunEvent } from '@nx-assets/engine';
import type { History, LogEvent, RunResult, StepResult } from '@nx-assets/event-log';
import { absolute, outcomesPath, readRecord } from '@nx-assets/storage/records';
import { isSubRun, parentRunId } from './run-id.ts';
import { openHistory, seenBy } from '@nx-assets/workspace/history';
import { say } from './terminal.ts';
import { pluginOptions } from '@nx-assets/workspace/plugin-options';
import type { RunContext } from '@nx-assets/workspace/run-context';

/** How many old runs a run removes when it ends. */
const PRUNED = 20;

/** What a step came to, Nx's part in it included. */
export type StepOutcome = Omit<Outcome, 'status' | 'announcements'> & { readonly status: StepResult };

/** Is there when a process of the run could not write the history. */
const givenUpPath = (root: string, runId: string): string =>
  `${absolute(root, outcomesPath(runId))}.no-history`;

/** Spares the other processes of a run what the first has tried: a locked history is waited for ten seconds. */
function giveUp(root: string, runId: string): void {
  try {
    writeFileSync(givenUpPath(root, runId), '');
  } catch {
    return; // then they try
  }
}

/**
 * What happens in one run, written down as it happens. History never stops a run: what goes wrong is said once.
 *
 * `record` does not wait. The first event is handed over at once; events that come while it is being kept are kept
 * together after it, in one transaction. Everything else waits, so after `end`, `flush` or `close` nothing is pending.
 */
export class RunHistory {
  readonly #context: RunContext;
  readonly #runId: string;
  /** A sub-run neither begins nor ends the run. */
  readonly #isSubRun: boolean;
  #log: History | null;
  /** Events that wait for those that are being kept now. */
  #pending: LogEvent[] = [];
  #isKeeping = false;
  #kept: Promise<void> = Promise.resolve();

  private constructor(context: RunContext, runId: string, log: History | null) {
    this.#context = context;
    this.#runId = parentRunId(runId);
    this.#isSubRun = isSubRun(runId);
    this.#log = log;
  }

  static async open(context: RunContext, runId: string): Promise<RunHistory> {
    const { root } = context;
    if (existsSync(givenUpPath(root, runId))) return new RunHistory(context, runId, null);
    try {
      const log = await openHistory(root);
      if (log.notice) say(context, log.notice);
      return new RunHistory(context, runId, log);
    } catch (error) {
      // Node without node:sqlite runs assets all the same.
      const isOldNode = (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_BUILTIN_MODULE';
      if (isOldNode) return new RunHistory(context, runId, null);
      giveUp(root, runId);
      say(
        context,
        `This run is not in the history: ${error instanceof Error ? error.message : String(error)}`,
      );
      return new RunHistory(context, runId, null);
    }
  }

  async begin(command: readonly string[], requested: readonly AssetKey[], at: number): Promise<void> {
    if (this.#isSubRun) return;
    const host = hostname();
    await this.#append([
      { ...this.#in(at), type: 'run-started', command, requested, pid: process.pid, host },
    ]);
  }

  /** Ends the run, with the steps that nobody else wrote down: those that Nx took from its cache or skipped. */
  async end(status: RunResult, others: readonly StepOutcome[], at: number): Promise<void> {
    await this.#append([
      ...others.flatMap((outcome) => this.#eventsOf(outcome)),
      ...(this.#isSubRun ? [] : [{ ...this.#in(at), type: 'run-finished', status } as const]),
    ]);
  }

  /** Removes what nx.json says is too much, a part of it each time: a run that ends must not wait for it. */
  async forget(now: number): Promise<void> {
    await this.flush();
    try {
      const { runs = 1_000, age = '365d' } = pluginOptions(this.#context.root).retention ?? {};
      await this.#log?.prune({ keepRuns: runs, atMost: PRUNED });
      await this.#log?.prune({ olderThan: now - milliseconds(age), atMost: PRUNED });
    } catch (error) {
      const reason = error instanceof AssetError ? error.facts : String(error);
      say(this.#context, `The history was not pruned: ${reason}`);
    }
  }

  /** Keeps what happened, in order, without being waited for. */
  record(event: RunEvent): void {
    const events = this.#eventsFor(event);
    if (events.length > 0) void this.#append(events);
  }

  #eventsFor(event: RunEvent): readonly LogEvent[] {
    const at = this.#context.now().getTime();
    switch (event.type) {
      case 'step-started': {
        const { reasons } = event;
        return [{ ...this.#step(event, at), type: 'step-started', attempt: 1, reasons: toJson(reasons) }];
      }
      case 'log':
        return [{ ...this.#step(event, at), type: 'log', level: event.level, message: event.message }];
      case 'step-retried': {
        const { attempt, error, waitMs } = event;
        return [{ ...this.#step(event, at), type: 'step-retried', attempt, error: toJson(error), waitMs }];
      }
      case 'announcement':
        return [{ ...this.#step(event, at), type: 'log', level: 'info', message: event.message }];
      case 'step-finished':
        return this.#eventsOf(event.outcome);
      case 'progress':
      case 'warning':
        return [];
      case 'asset-finished': {
        // Partitions that were up to date had no step; when none had, the asset gets one.
        const { counts } = event.outcome.partitions ?? { counts: { materialized: 1 } };
        const isQuiet = Object.keys(counts).every((status) => status === 'up-to-date');
        return isQuiet ? this.#eventsOf(event.outcome) : [];
      }
      case 'op-finished': {
        const { key, status, startedAt, finishedAt, error } = event.outcome;
        const nothing = { reasons: [], changed: null, rowCount: null, bytes: null, dataVersion: null };
        const result = { ...nothing, status, startedAt, error: error && toJson(error) };
        return [{ ...this.#step({ key, partition: null }, finishedAt), type: 'step-finished', ...result }];
      }
    }
  }

  /** What a check of an asset saw in the last runs in which it passed, the newest first. */
  async passedBefore(key: AssetKey, check: string, runs: number): Promise<CheckResult['facts'][]> {
    await this.flush();
    const found = await this.#log?.checks(key, { limit: runs, check, passed: true });
    return (found ?? []).map((one) => seenBy(one).facts);
  }

  /** Resolves when all that was recorded is kept, or given up. Before an exit of the process. */
  async flush(): Promise<void> {
    await this.#kept;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.#log?.close();
  }

  #eventsOf(outcome: StepOutcome): LogEvent[] {
    const { key, status, startedAt, finishedAt, reasons, changed, rowCount, bytes, error, checks } = outcome;
    const step = this.#step(outcome, finishedAt);
    const reading = readRecord(this.#context.root, key, outcome.partition);
    const record = reading.status === 'found' ? reading.record : null;
    const isThere = status === 'materialized' || status === 'up-to-date';
    const events: LogEvent[] = [
      {
        ...step,
        type: 'step-finished',
        startedAt,
        status,
        reasons: toJson(reasons),
        changed,
        rowCount,
        bytes,
        dataVersion: isThere ? (record?.dataVersion ?? null) : null,
        error: error && toJson(error),
      },
    ];
    if (status === 'materialized' && record) {
      const { dataVersion, actionKey, code } = record;
      const facts = {
        dataVersion,
        actionKey,
        codeVersion: code.version,
        rowCount,
        bytes,
        record: toJson(record),
      };
      events.push({ ...step, type: 'materialized', ...facts });
    }
    if (status === 'materialized' && record?.observedAt) {
      const { observedAt, dataVersion } = record;
      events.push({ ...step, type: 'observed', observedAt, dataVersion });
    }
    if (status === 'materialized' || status === 'failed') {
      for (const { name, severity, passed, facts, rows } of checks) {
        events.push({
          ...step,
          type: 'checked',
          check: name,
          severity,
          passed,
          facts: { seen: facts, rows },
        });
      }
    }
    return events;
  }

  #in(at: number): { readonly at: number; readonly runId: string } {
    return { at, runId: this.#runId };
  }

  #step({ key, partition }: Pick<Outcome, 'key' | 'partition'>, at: number) {
    return { ...this.#in(at), key, partition };
  }

  /** Resolves when these events are kept, or given up. Never rejects. */
  #append(events: readonly LogEvent[]): Promise<void> {
    this.#pending.push(...events);
    if (!this.#isKeeping) this.#kept = this.#keepAll();
    return this.#kept;
  }

  async #keepAll(): Promise<void> {
    this.#isKeeping = true;
    while (this.#log && this.#pending.length > 0) {
      const events = this.#pending;
      this.#pending = [];
      try {
        await this.#log.append(events);
      } catch (error) {
        this.#giveUp(error);
      }
    }
    this.#pending = [];
    this.#isKeeping = false;
  }

  #giveUp(error: unknown): void {
    this.#log = null;
    const reason = error instanceof AssetError ? error.facts : String(error);
    // After a damaged file a new one begins.
    if (error instanceof AssetError && error.code === 'STORAGE_WRITE_FAILED')
      giveUp(this.#context.root, this.#runId);
    say(this.#context, `The rest of this run is not in the history: ${reason}`);
  }
}

/** Plain data is JSON; the compiler does not see that of interfaces. */
const toJson = (data: object): Json => data as unknown as Json;
