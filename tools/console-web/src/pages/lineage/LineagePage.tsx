import { useSearch } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useMemo } from 'react';
import { useAnswer } from '../../api/client.ts';
import { filterAssets } from '../../api/filter.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { Lineage } from '../../lineage/Lineage.tsx';
import { NoMatches } from '../../shell/NoMatches.tsx';
import { StatusFilter } from '../../shell/StatusFilter.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { AssetPanel } from '../asset/AssetPanel.tsx';
import styles from './LineagePage.module.css';

const HOPS = ['0', '1', '2', '3', '4', '5', 'all'];

export function LineagePage() {
  useTitle('Lineage');
  const { data, error } = useAnswer('/api/workspace', {});
  const { filter, asset, around, hops, collapsed, path } = useSearch({ from: '/lineage' });
  const narrow = useNarrow();
  const wanted = useMemo(
    () => data && { keys: filterAssets(data, filter).keys, around, hops, collapsed },
    [data, filter, around, hops, collapsed],
  );
  if (error && !data) return <ErrorNote error={error} />;
  if (!data || !wanted) return <Loading />;
  const chosen = data.assets.find(({ key }) => key === asset);
  return (
    <div className={styles.page}>
      <div className={styles.picture}>
        {data.assets.length === 0 ? (
          <EmptyState title="No assets yet" />
        ) : wanted.keys.size === 0 ? (
          <NoMatches />
        ) : (
          <Lineage
            workspace={data}
            wanted={wanted}
            pictureId={JSON.stringify([filter, around, hops])}
            chosen={asset}
            path={path}
          />
        )}
        <div className={styles.legend}>
          <StatusFilter workspace={data} />
        </div>
        {(around ?? chosen) && (
          <div className={styles.around}>
            <label>
              Around <code>{(around ?? asset)?.split('/')[1]}</code>{' '}
              <select
                value={around === undefined ? '' : (hops ?? '1')}
                onChange={({ target: { value } }) =>
                  narrow(
                    value === ''
                      ? { around: undefined, hops: undefined }
                      : { around: around ?? asset, hops: value },
                  )
                }
              >
                <option value="">show all assets</option>
                {[...new Set([...HOPS.slice(0, -1), ...(hops ? [hops] : []), 'all'])].map((one) => (
                  <option key={one} value={one}>
                    {one === 'all' ? 'everything connected' : `${one} ${one === '1' ? 'hop' : 'hops'}`}
                  </option>
                ))}
              </select>
            </label>
            {around !== undefined && (
              <button
                type="button"
                onClick={() => narrow({ around: undefined, hops: undefined })}
                aria-label="Show all assets"
              >
                <X size={14} />
              </button>
            )}
          </div>
        )}
      </div>
      {chosen && (
        <aside className={styles.panel} aria-label={chosen.key}>
          <AssetPanel assetKey={chosen.key} onClose={() => narrow({ asset: undefined, path: undefined })} />
        </aside>
      )}
    </div>
  );
}
