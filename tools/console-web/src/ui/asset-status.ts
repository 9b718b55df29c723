import type { AssetView, Status } from '@nx-assets/console/wire';
import { useMemo } from 'react';
import { useRunning } from '../api/live.ts';
import type { Mark } from './StatusMark.tsx';
import { STATUS_LABELS } from './labels.ts';

/** How an asset is shown: what runs now comes before how it stood. */
export interface Shown {
  readonly mark: Mark;
  readonly word: string;
  /** Why, in a few words; nothing for what is fresh. */
  readonly why: string;
}

/** Keys of assets that are being made now. */
export function useRunningKeys(): ReadonlySet<string> {
  const running = useRunning();
  return useMemo(() => new Set(running.map(({ key }) => key)), [running]);
}

const firstLine = (message: string): string => message.split('\n')[0] ?? '';

export function shown({ status }: AssetView, isRunning: boolean): Shown {
  if (isRunning) return { mark: 'running', word: STATUS_LABELS.running, why: '' };
  const first: Status = status.statuses[0] ?? 'missing';
  const { partitions, failure } = status;
  const parts = partitions && partitions.fresh < partitions.total ? countsOf(partitions) : '';
  const reason =
    first === 'fresh' ? '' : first === 'failed' && failure ? firstLine(failure.message) : status.why;
  return { mark: first, word: STATUS_LABELS[first], why: [parts, reason].filter(Boolean).join(': ') };
}

function countsOf({ total, missing, stale, failed }: NonNullable<AssetView['status']['partitions']>): string {
  const parts = [
    [failed, 'failed'],
    [missing, 'missing'],
    [stale, 'stale'],
  ] as const;
  const words = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  return `${words.join(', ')} of ${total}`;
}

/** The colour of what a status says, for words beside its mark: only exceptions have one. */
export const toneOf = (mark: Mark): 'failed' | 'stale' | 'running' | 'quiet' =>
  mark === 'failed' || mark === 'overdue'
    ? 'failed'
    : mark === 'stale' || mark === 'due'
      ? 'stale'
      : mark === 'running'
        ? 'running'
        : 'quiet';
