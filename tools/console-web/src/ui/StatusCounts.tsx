import type { AssetView } from '@nx-assets/console/wire';
import { shown } from './asset-status.ts';
import { type Mark, StatusMark } from './StatusMark.tsx';
import { STATUS_LABELS } from './labels.ts';
import styles from './StatusCounts.module.css';

const ORDER: readonly Mark[] = ['failed', 'overdue', 'due', 'stale', 'missing', 'running', 'fresh'];

export function countMarks(assets: readonly AssetView[], running: ReadonlySet<string>): Map<Mark, number> {
  const counts = new Map<Mark, number>();
  for (const asset of assets) {
    const { mark } = shown(asset, running.has(asset.key));
    counts.set(mark, (counts.get(mark) ?? 0) + 1);
  }
  return new Map(ORDER.flatMap((mark) => (counts.has(mark) ? [[mark, counts.get(mark) ?? 0] as const] : [])));
}

interface StatusCountsProps {
  readonly assets: readonly AssetView[];
  readonly running: ReadonlySet<string>;
}

/** How many assets have each status: a shape and a number each, and the word for who asks. */
export function StatusCounts({ assets, running }: StatusCountsProps) {
  return (
    <ul className={styles.counts}>
      {[...countMarks(assets, running)].map(([mark, amount]) => (
        <li key={mark} title={`${amount} ${STATUS_LABELS[mark as keyof typeof STATUS_LABELS]}`}>
          <StatusMark mark={mark} size={13} label={STATUS_LABELS[mark as keyof typeof STATUS_LABELS]} />{' '}
          {amount}
        </li>
      ))}
    </ul>
  );
}
