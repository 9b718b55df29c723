import type { AssetDetail } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { shown, useRunningKeys } from '../../ui/asset-status.ts';
import { StatusMark } from '../../ui/StatusMark.tsx';
import styles from './Neighbours.module.css';

/** What it is made from, and what is made from it. */
export function Neighbours({ detail: { asset, downstream } }: { readonly detail: AssetDetail }) {
  return (
    <section className={styles.neighbours} aria-label="Neighbours">
      <h3>
        Neighbours
        <Link to="/lineage" search={{ asset: asset.key, around: asset.key }}>
          in the lineage
        </Link>
      </h3>
      <List title="Upstream" keys={[...asset.deps, ...asset.blockingChecks]} none="none: external data" />
      <List title="Downstream" keys={downstream} none="no assets" />
    </section>
  );
}

function List({
  title,
  keys,
  none,
}: {
  readonly title: string;
  readonly keys: readonly string[];
  readonly none: string;
}) {
  const { data } = useAnswer('/api/workspace', {});
  const running = useRunningKeys();
  return (
    <div>
      <p>{title}</p>
      <ul>
        {keys.map((key) => {
          const asset = data?.assets.find((one) => one.key === key);
          const look = asset && shown(asset, running.has(asset.key));
          const [group = '', name = ''] = key.split('/');
          return (
            <li key={key}>
              <Link to="/assets/$group/$name" params={{ group, name }}>
                {look && <StatusMark mark={look.mark} size={13} label={look.word} />} {key}
              </Link>
            </li>
          );
        })}
        {keys.length === 0 && <li className={styles.none}>{none}</li>}
      </ul>
    </div>
  );
}
