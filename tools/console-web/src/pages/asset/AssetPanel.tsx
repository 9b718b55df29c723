import { Link } from '@tanstack/react-router';
import { ExternalLink, X } from 'lucide-react';
import { useAnswer } from '../../api/client.ts';
import { ErrorNote, Loading } from '../../ui/Notes.tsx';
import { AssetHead } from './AssetHead.tsx';
import { Facts } from './Facts.tsx';
import { Lead } from './Lead.tsx';
import { Neighbours } from './Neighbours.tsx';
import { Plots } from './Plots.tsx';
import { Schema } from './Schema.tsx';
import styles from './AssetPanel.module.css';

/** One asset beside the picture: the same as the first part of its page, in a narrow column. */
export function AssetPanel({
  assetKey,
  onClose,
}: {
  readonly assetKey: string;
  readonly onClose: () => void;
}) {
  const [group = '', name = ''] = assetKey.split('/');
  const { data, error } = useAnswer('/api/assets/:group/:name', { group, name });
  const workspace = useAnswer('/api/workspace', {});
  const asset = workspace.data?.assets.find(({ key }) => key === assetKey) ?? data?.asset;
  return (
    <div className={styles.panel}>
      <div className={styles.buttons}>
        <Link
          to="/assets/$group/$name"
          params={{ group, name }}
          aria-label="Open the asset page"
          title="Open the asset page"
        >
          <ExternalLink size={16} />
        </Link>
        <button type="button" onClick={onClose} aria-label="Close">
          <X size={17} />
        </button>
      </div>
      {error && <ErrorNote error={error} />}
      {!data && !error && <Loading />}
      {data && asset && (
        <>
          <AssetHead asset={asset} detail={data} />
          <Lead detail={data} asset={asset} />
          <p>{asset.description}</p>
          <Facts detail={data} />
          <Plots group={group} name={name} only={['Rows']} />
          {data.columns && (
            <div className={styles.schema}>
              <Schema detail={data} narrow />
            </div>
          )}
          <Neighbours detail={data} />
        </>
      )}
    </div>
  );
}
