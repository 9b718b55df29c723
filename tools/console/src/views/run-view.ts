import { hostname } from 'node:os';
import type { AssetKey } from '@nx-assets/core';
import { describeReasons, type Failure as StepFailure, type Reason } from '@nx-assets/engine';
import type { LogEvent, Run, Step } from '@nx-assets/event-log';
import type { Failure, RunView, StepView } from '../wire/index.ts';

/** A run as pages see it. */
export const runView = (run: Run): RunView => ({
  id: run.runId,
  status: run.status,
  startedAt: run.startedAt,
  finishedAt: run.finishedAt,
  command: ['nx', ...run.command],
  requested: run.requested,
  counts: run.steps,
  by: { pid: run.pid, host: run.host },
  isHere: run.host === hostname(),
});

/** Reasons in words. History keeps what was said then, whoever said it. */
const wordsOf = (reasons: unknown): string =>
  Array.isArray(reasons) ? describeReasons(reasons as readonly Reason[]) : '';

/** From which cache a step came. */
function sourceOf(reasons: unknown): StepView['source'] {
  if (!Array.isArray(reasons)) return null;
  const restored = (reasons as readonly Reason[]).find((reason) => reason.kind === 'restored');
  return restored?.from ?? null;
}

export function failureView(error: unknown, runId: string | null, at: number | null): Failure | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, message, stack, blame } = error as Partial<StepFailure>;
  // The code stands beside it already.
  const text =
    code !== undefined && message?.startsWith(`${code}: `) ? message.slice(code.length + 2) : message;
  return {
    code: code ?? 'FAILED',
    message: text ?? '',
    stack: stack ?? null,
    blame: blame ?? '',
    runId,
    at,
  };
}

export const stepView = (step: Step): StepView => ({
  runId: step.runId,
  key: step.key,
  partition: step.partition,
  status: step.status,
  attempt: step.attempt,
  startedAt: step.startedAt,
  finishedAt: step.finishedAt,
  why: wordsOf(step.reasons),
  source: sourceOf(step.reasons),
  changed: step.changed,
  rowCount: step.rowCount,
  bytes: step.bytes,
  failure: failureView(step.error, step.runId, step.finishedAt),
  logLines: step.logLines,
});

type StepEvent = Extract<LogEvent, { type: 'step-started' | 'step-retried' | 'step-finished' }>;

/** A step after one more event, from how it was. */
export function stepAfter(was: StepView | undefined, event: StepEvent): StepView {
  const { runId, key, partition, at } = event;
  const known: StepView = was ?? {
    runId,
    key,
    partition,
    status: 'running',
    attempt: 1,
    startedAt: at,
    finishedAt: null,
    why: '',
    source: null,
    changed: null,
    rowCount: null,
    bytes: null,
    failure: null,
    logLines: 0,
  };
  switch (event.type) {
    case 'step-started': {
      // A first attempt after others is of a process that was started again, as history has it, too.
      const startedAt = event.attempt > 1 ? known.startedAt : at;
      return { ...known, attempt: event.attempt, startedAt, why: wordsOf(event.reasons), failure: null };
    }
    case 'step-retried':
      return { ...known, attempt: event.attempt + 1, failure: failureView(event.error, runId, at) };
    case 'step-finished': {
      const { status, changed, rowCount, bytes } = event;
      const startedAt = Math.min(known.startedAt, event.startedAt);
      const failure = failureView(event.error, runId, at);
      const why = wordsOf(event.reasons) || known.why;
      const source = sourceOf(event.reasons);
      return { ...known, status, changed, rowCount, bytes, startedAt, why, source, failure, finishedAt: at };
    }
  }
}

export const stepName = (runId: string, key: AssetKey | string, partition: string | null): string =>
  `${runId} ${key} ${partition ?? ''}`;
