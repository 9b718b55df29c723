import { hostname } from 'node:os';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { EventOf, LogEvent } from '../events.ts';
import { cutMessage, droppedNote, MOST_LINES } from '../limits.ts';
import { processStart } from '../process.ts';

type StepEvent = Extract<LogEvent, { key: unknown }>;

/** The lines of one step, while a transaction is open. */
interface Lines {
  readonly step: number;
  kept: number;
  dropped: number;
  readonly before: number;
}

/**
 * Writes events, and what they say of runs and steps. Plain SQL, prepared once: it is called for each log line, and a
 * process that only writes never loads the query builder.
 */
export class Writer {
  readonly #statements: Statements;
  /** Both are of one transaction: between two, other processes write. */
  #runs = new Map<string, number>();
  #lines = new Map<string, Lines>();

  constructor(database: DatabaseSync) {
    this.#statements = prepare(database);
  }

  /** Must run inside a write transaction. */
  write(events: readonly LogEvent[]): void {
    this.#runs = new Map();
    this.#lines = new Map();
    for (const event of events) this.#writeOne(event);
    for (const { step, kept, dropped, before } of this.#lines.values()) {
      if (kept + dropped !== before) this.#statements.setLines.run(kept, dropped, step);
    }
  }

  #writeOne(event: LogEvent): void {
    const run = this.#run(event);
    switch (event.type) {
      case 'run-started':
        return this.#startRun(event);
      case 'run-finished':
        this.#statements.finishRun.run(event.at, event.status, run);
        return this.#insert(event);
      case 'step-started':
        this.#startStep(run, event);
        return this.#insert(event);
      case 'step-retried':
        this.#statements.retryStep.run(event.attempt, run, event.key, event.partition ?? '');
        return this.#insert(event);
      case 'step-finished':
        this.#finishStep(run, event);
        return this.#insert(event);
      case 'log':
        return this.#log(run, event);
      default:
        return this.#insert(event);
    }
  }

  #insert(event: LogEvent): void {
    const { at, runId, type, ...rest } = event;
    const run = this.#runs.get(runId) ?? null;
    if (!('key' in rest)) return void this.#statements.insert.run(run, at, type, null, null, json(rest));
    const { key, partition, ...payload } = rest;
    this.#statements.insert.run(run, at, type, key, partition ?? '', json(payload));
  }

  /** The number of a run. One that nobody has started yet belongs to this process until somebody does. */
  #run({ runId, at }: LogEvent): number {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const found = this.#statements.findRun.get(runId)?.['id'];
    const host = hostname();
    const start = found === undefined ? processStart(process.pid, host) : null;
    const run = Number(
      found ?? this.#statements.addRun.run(runId, at, '[]', '[]', process.pid, host, start).lastInsertRowid,
    );
    this.#runs.set(runId, run);
    return run;
  }

  #startRun(event: EventOf<'run-started'>): void {
    const { runId, at, command, requested, pid, host } = event;
    const start = processStart(pid, host);
    this.#statements.startRun.run(at, json(command), json(requested), pid, host, start, runId);
    this.#insert(event);
  }

  #startStep(run: number, event: EventOf<'step-started'>): void {
    const { key, partition, attempt, at, reasons } = event;
    this.#statements.startStep.run(run, key, partition ?? '', attempt, at, json(reasons));
  }

  #finishStep(run: number, event: EventOf<'step-finished'>): void {
    const { at, runId, key, partition, error } = event;
    const { dropped } = this.#linesOf(run, event);
    if (dropped > 0) {
      this.#insert({ type: 'log', at, runId, key, partition, level: 'warn', message: droppedNote(dropped) });
    }
    this.#statements.finishStep.run(
      event.status,
      event.startedAt,
      at,
      json(event.reasons),
      event.changed === null ? null : Number(event.changed),
      event.rowCount,
      event.bytes,
      event.dataVersion,
      error === null ? null : json(error),
      run,
      key,
      partition ?? '',
    );
  }

  #log(run: number, event: EventOf<'log'>): void {
    const lines = this.#linesOf(run, event);
    if (lines.kept >= MOST_LINES) {
      lines.dropped += 1;
      return;
    }
    lines.kept += 1;
    this.#insert({ ...event, message: cutMessage(event.message) });
  }

  /** Counts the lines of a step; one that nobody has started begins with its first event. */
  #linesOf(run: number, { key, partition, at }: StepEvent): Lines {
    const name = `${run} ${key} ${partition ?? ''}`;
    const known = this.#lines.get(name);
    if (known) return known;
    this.#statements.addStep.run(run, key, partition ?? '', at);
    const row = this.#statements.findLines.get(run, key, partition ?? '') as {
      id: number;
      log_lines: number;
      dropped_lines: number;
    };
    const { id: step, log_lines: kept, dropped_lines: dropped } = row;
    const lines = { step, kept, dropped, before: kept + dropped };
    this.#lines.set(name, lines);
    return lines;
  }
}

const json = (value: unknown): SQLInputValue => JSON.stringify(value);

const STATEMENTS = {
  findRun: 'select id from runs where run_id = ?',
  addRun: `insert into runs (run_id, started_at, command, requested, pid, host, process_start)
    values (?, ?, ?, ?, ?, ?, ?)`,
  startRun: `update runs set started_at = ?, command = ?, requested = ?, pid = ?, host = ?, process_start = ?, pruned = 0
    where run_id = ?`,
  finishRun: 'update runs set finished_at = ?, status = ? where id = ?',
  insert: 'insert into events (run, at, type, key, partition, payload) values (?, ?, ?, ?, ?, ?)',
  startStep: `insert into steps (run, key, partition, status, attempt, started_at, reasons)
    values (?, ?, ?, 'running', ?, ?, ?)
    on conflict do update set status = 'running', attempt = excluded.attempt, reasons = excluded.reasons,
      started_at = iif(excluded.attempt > 1, started_at, excluded.started_at), finished_at = null, error = null`,
  addStep: `insert into steps (run, key, partition, status, attempt, started_at, reasons)
    values (?, ?, ?, 'running', 1, ?, '[]') on conflict do nothing`,
  retryStep: 'update steps set attempt = ? + 1 where run = ? and key = ? and partition = ?',
  // Who ends a step that was cancelled does not know when it began.
  finishStep: `update steps set status = ?, started_at = min(started_at, ?), finished_at = ?, reasons = ?, changed = ?, row_count = ?,
    bytes = ?, data_version = ?, error = ? where run = ? and key = ? and partition = ?`,
  findLines: 'select id, log_lines, dropped_lines from steps where run = ? and key = ? and partition = ?',
  setLines: 'update steps set log_lines = ?, dropped_lines = ? where id = ?',
} as const;

type Statements = { readonly [K in keyof typeof STATEMENTS]: StatementSync };

function prepare(database: DatabaseSync): Statements {
  const prepared = Object.entries(STATEMENTS).map(([name, text]) => [name, database.prepare(text)]);
  return Object.fromEntries(prepared) as Statements;
}
