import type { AssetView, GroupView } from '@nx-assets/console/wire';
import { ChevronsDownUp, ChevronsUpDown, Play } from 'lucide-react';
import { memo } from 'react';
import { source } from '../api/source.ts';
import { useRunAction } from '../shell/useRunAction.tsx';
import { Age } from '../ui/Age.tsx';
import { KindBadge } from '../ui/KindBadge.tsx';
import { RunMarks } from '../ui/RunMarks.tsx';
import { shown } from '../ui/asset-status.ts';
import { StatusCounts } from '../ui/StatusCounts.tsx';
import { type Mark, StatusMark } from '../ui/StatusMark.tsx';
import { count, plural } from '../ui/labels.ts';
import type { Box } from '../layout/index.ts';
import styles from './Cards.module.css';

const at = ({ x, y }: { readonly x: number; readonly y: number }) => ({ left: x, top: y });

interface CardProps {
  readonly asset: AssetView;
  readonly x: number;
  readonly y: number;
  readonly isRunning: boolean;
  readonly isDim: boolean;
  readonly isChosen: boolean;
  /** The one that Tab comes to. */
  readonly isActive: boolean;
  readonly onChoose: (key: string, withPath: boolean) => void;
  readonly onOpen: (key: string) => void;
}

/** One asset of the picture. */
export const Card = memo(function Card(props: CardProps) {
  const { asset, x, y, isRunning, isDim, isChosen, isActive, onChoose, onOpen } = props;
  const { key, name, kind, status, deps } = asset;
  const { mark, word, why } = shown(asset, isRunning);
  const looks = [styles.card, styles[mark], isDim && styles.dim, isChosen && styles.chosen];
  const from = deps.length > 0 ? `; upstream: ${deps.join(', ')}` : '';
  return (
    <button
      type="button"
      data-asset={key}
      data-dim={isDim || undefined}
      className={looks.filter(Boolean).join(' ')}
      style={at({ x, y })}
      tabIndex={isActive ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={`${key}, ${word}, ${kind}, ${count(status.rowCount)} rows${from}`}
      title={why ? `${word}: ${why}` : word}
      onClick={(event) => onChoose(key, event.shiftKey)}
      onDoubleClick={() => onOpen(key)}
    >
      <span className={styles.name}>
        <StatusMark mark={mark} size={15} />
        <b>{name}</b>
      </span>
      <span className={styles.facts}>
        <KindBadge kind={kind} />
        {status.madeAt === null ? (
          <em>no data yet</em>
        ) : (
          <>
            <RunMarks last={status.last} most={6} />
            <span>
              {status.partitions
                ? `${status.partitions.fresh}/${status.partitions.total}`
                : count(status.rowCount)}
            </span>
            <span className={styles.age}>
              <Age at={status.madeAt} />
            </span>
          </>
        )}
      </span>
    </button>
  );
});

interface ClosedGroupProps {
  readonly group: string;
  readonly assets: readonly AssetView[];
  readonly mark: Mark;
  readonly running: ReadonlySet<string>;
  readonly x: number;
  readonly y: number;
  readonly isDim: boolean;
  readonly isActive: boolean;
  readonly onOpen: (group: string) => void;
}

/** A group that is closed: one card for all of it. */
export function ClosedGroup({
  group,
  assets,
  mark,
  running,
  x,
  y,
  isDim,
  isActive,
  onOpen,
}: ClosedGroupProps) {
  return (
    <button
      type="button"
      data-asset={`group:${group}`}
      data-dim={isDim || undefined}
      className={[styles.card, styles[mark], isDim && styles.dim].filter(Boolean).join(' ')}
      style={at({ x, y })}
      tabIndex={isActive ? 0 : -1}
      aria-label={`Group ${group}, collapsed, ${plural(assets.length, 'asset')}`}
      onClick={() => onOpen(group)}
    >
      <span className={styles.name}>
        <StatusMark mark={mark} size={15} />
        <b>{plural(assets.length, 'asset')}</b>
      </span>
      <StatusCounts assets={assets} running={running} />
    </button>
  );
}

interface ContainerProps {
  readonly box: Box & { readonly name: string };
  readonly group: GroupView | undefined;
  readonly assets: readonly AssetView[];
  readonly running: ReadonlySet<string>;
  readonly isClosed: boolean;
  readonly onToggle: (group: string) => void;
}

const BAR = ['failed', 'stale', 'running', 'missing', 'fresh'] as const;

/** A group around its cards: its folder, how its assets stand, and a way to make them all. */
export function Container({ box, group, assets, running, isClosed, onToggle }: ContainerProps) {
  const { start, isBusy } = useRunAction();
  const { name, x, y, width, height } = box;
  const marks = assets.map((asset) => shown(asset, running.has(asset.key)).mark);
  const inBar = (mark: Mark): (typeof BAR)[number] =>
    mark === 'overdue' ? 'failed' : mark === 'due' ? 'stale' : mark === 'waiting' ? 'missing' : mark;
  const fresh = marks.filter((mark) => mark === 'fresh').length;
  return (
    <section className={styles.group} style={{ ...at({ x, y }), width, height }} aria-label={`Group ${name}`}>
      <header>
        <b>{name}</b>
        {width > 330 && <code>{group?.path}</code>}
        <span className={styles.bar} aria-hidden>
          {BAR.map((one) => {
            const amount = marks.filter((mark) => inBar(mark) === one).length;
            return amount > 0 && <i key={one} className={styles[one]} style={{ flexGrow: amount }} />;
          })}
        </span>
        <span aria-label={`${fresh} of ${assets.length} fresh`}>
          {fresh}/{assets.length}
        </span>
        <button
          type="button"
          onClick={() => onToggle(name)}
          aria-label={isClosed ? `Expand ${name}` : `Collapse ${name}`}
        >
          {isClosed ? <ChevronsUpDown size={13} /> : <ChevronsDownUp size={13} />}
        </button>
        {source.isLive && (
          <button
            type="button"
            disabled={isBusy}
            onClick={() => start({ assets: assets.map(({ key }) => key) })}
            aria-label={`Materialize ${name}`}
            title={`npx nx run ${name}:materialize`}
          >
            <Play size={12} />
          </button>
        )}
      </header>
    </section>
  );
}
