import type { AssetKey, Json } from '@nx-assets/core';
import type { Selectable } from 'kysely';
import type { LogEvent } from '../events.ts';
import type { Step, StepStatus, StoredEvent } from '../model.ts';
import type { StepsTable } from './schema.ts';

export const parse = (text: string): Json => JSON.parse(text) as Json;
export const partitionOf = (partition: string): string | null => (partition === '' ? null : partition);

/** `open` is what a step without an end is: it goes on, or its run is over. */
export function toStep(
  row: Selectable<StepsTable> & { readonly run_id: string },
  open: 'running' | 'lost',
): Step {
  return {
    runId: row.run_id,
    key: row.key as AssetKey,
    partition: partitionOf(row.partition),
    status: row.status === 'running' ? open : (row.status as StepStatus),
    attempt: row.attempt,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    reasons: parse(row.reasons),
    changed: row.changed === null ? null : row.changed === 1,
    rowCount: row.row_count,
    bytes: row.bytes,
    dataVersion: row.data_version,
    error: row.error === null ? null : parse(row.error),
    logLines: row.log_lines,
    droppedLines: row.dropped_lines,
  };
}

interface EventRow {
  readonly id: number;
  readonly run_id: string;
  readonly at: number;
  readonly type: string;
  readonly key: string | null;
  readonly partition: string | null;
  readonly payload: string;
}

export function toEvent({ id, run_id, at, type, key, partition, payload }: EventRow): StoredEvent {
  const step = key === null ? {} : { key, partition: partitionOf(partition ?? '') };
  return { id, event: { type, at, runId: run_id, ...step, ...(parse(payload) as object) } as LogEvent };
}
