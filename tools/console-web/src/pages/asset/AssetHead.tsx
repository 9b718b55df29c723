import type { AssetDetail, AssetView } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { source } from '../../api/source.ts';
import { useRunAction } from '../../shell/useRunAction.tsx';
import { Age } from '../../ui/Age.tsx';
import { Button } from '../../ui/Button.tsx';
import { KindBadge } from '../../ui/KindBadge.tsx';
import { shown, toneOf, useRunningKeys } from '../../ui/asset-status.ts';
import { StatusMark } from '../../ui/StatusMark.tsx';
import { bytes, count } from '../../ui/labels.ts';
import styles from './AssetHead.module.css';

/** Name, status in a word, and a way to make it. */
export function AssetHead({ asset, detail }: { readonly asset: AssetView; readonly detail: AssetDetail }) {
  const running = useRunningKeys();
  const { start, isBusy } = useRunAction();
  const { mark, word } = shown(asset, running.has(asset.key));
  const { status } = asset;
  return (
    <header className={styles.head}>
      <h2>
        <StatusMark mark={mark} size={20} />
        {asset.name}
      </h2>
      <p className={styles.line}>
        <KindBadge kind={asset.kind} />
        <Link to="/groups" search={{ filter: `group:${asset.group}` }}>
          {asset.group}
        </Link>
        <b className={styles[toneOf(mark)]}>{word}</b>
        {status.madeAt !== null && (
          <span>
            materialized <Age at={status.madeAt} /> ago
          </span>
        )}
        {status.rowCount !== null && <span>{count(status.rowCount)} rows</span>}
        {status.bytes !== null && <span>{bytes(status.bytes)}</span>}
      </p>
      {source.isLive && (
        <Button
          small
          disabled={isBusy || running.has(asset.key)}
          icon={<Play size={12} aria-hidden />}
          onClick={() => start({ assets: [asset.key] })}
          title={detail.command}
        >
          Materialize
        </Button>
      )}
    </header>
  );
}
