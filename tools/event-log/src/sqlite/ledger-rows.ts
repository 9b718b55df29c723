import type { Json } from '@nx-assets/core';
import type { Target } from '@nx-assets/core/automation';
import type { HeldLease, RunRequest, Tick } from '../automation.ts';

export interface LeaseRow {
  readonly epoch: number;
  readonly owner: string;
  readonly pid: number;
  readonly host: string;
  readonly process_start: string | null;
  readonly since: number;
  readonly expires_at: number;
}

export const toLease = (row: LeaseRow): HeldLease => {
  const { epoch, owner, pid, host, process_start: start, since, expires_at: expiresAt } = row;
  return { epoch, owner, pid, host, start, since, expiresAt };
};

export interface TickRow extends Omit<Tick, 'lastAt' | 'detail'> {
  readonly last_at: number;
  readonly detail: string | null;
}

export const toTick = ({ last_at: lastAt, detail, ...row }: TickRow): Tick => ({
  ...row,
  lastAt,
  detail: detail === null ? null : (JSON.parse(detail) as Json),
});

export interface RequestRow extends Pick<
  RunRequest,
  'id' | 'name' | 'at' | 'because' | 'status' | 'problem'
> {
  readonly created_at: number;
  readonly target: string;
  readonly pid: number | null;
  readonly host: string | null;
  readonly process_start: string | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly runs: string;
}

export const toRequest = (row: RequestRow): RunRequest => ({
  id: row.id,
  name: row.name,
  at: row.at,
  because: row.because,
  target: JSON.parse(row.target) as Target,
  createdAt: row.created_at,
  status: row.status,
  process: row.pid === null ? null : { pid: row.pid, host: row.host ?? '', start: row.process_start },
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  runs: JSON.parse(row.runs) as string[],
  problem: row.problem,
});
