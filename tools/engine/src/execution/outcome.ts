import type { AssetKey } from '@nx-assets/core';
import type { AssetRecord } from '@nx-assets/storage/records';
import type { Outcome } from '../events.ts';
import { toFailure } from '../failure.ts';
import type { Reason } from '../reason.ts';
import { Redactor, secretsIn } from '../redact.ts';
import type { AssetPartition } from './asset-partition.ts';
import { CheckFailure } from './audit.ts';
import type { StepEnvironment } from './step-environment.ts';

/** What is said of one value, beginning with nothing. */
export const outcomeOf = (
  { manifest: { key }, partition }: AssetPartition,
  startedAt: number,
  finishedAt: number,
  rest: Pick<Outcome, 'status'> & Partial<Outcome>,
): Outcome => ({
  key,
  partition,
  reasons: [],
  changed: null,
  rowCount: null,
  bytes: null,
  error: null,
  checks: [],
  announcements: [],
  startedAt,
  finishedAt,
  ...rest,
});

/** Not run, because an upstream failed. */
export const blockedBy = (piece: AssetPartition, key: AssetKey, now: number): Outcome =>
  outcomeOf(piece, now, now, { status: 'blocked', reasons: [{ kind: 'upstream-failed', key }] });

/** What was thrown, as an outcome: of a step that was to end, it says that it was cancelled. */
export function failureOf(
  piece: AssetPartition,
  startedAt: number,
  reasons: readonly Reason[],
  error: unknown,
  { signal, env, now }: Pick<StepEnvironment, 'signal' | 'env' | 'now'>,
): Outcome {
  const finishedAt = now().getTime();
  if (signal.aborted) return outcomeOf(piece, startedAt, finishedAt, { status: 'cancelled', reasons });
  const { manifest } = piece;
  // Where one function makes several assets, they fail with the one whose checks did not pass.
  const isOwn = !manifest.siblings || (error instanceof CheckFailure && error.key === manifest.key);
  const checks = error instanceof CheckFailure && isOwn ? error.results : [];
  const failure = new Redactor(secretsIn([manifest], env)).failure(toFailure(error));
  return outcomeOf(piece, startedAt, finishedAt, { status: 'failed', reasons, error: failure, checks });
}

/** What an outcome says of a value that is there. */
export const sizeOf = ({ value }: AssetRecord): Pick<Outcome, 'rowCount' | 'bytes'> => ({
  rowCount: value.rowCount,
  bytes: value.bytes,
});
