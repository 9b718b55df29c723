import { useParams, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { PartitionMap } from '../../partitions/PartitionMap.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { Card } from '../../ui/Card.tsx';
import { Checks } from '../../ui/Checks.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { Tabs } from '../../ui/Tabs.tsx';
import { AssetHead } from './AssetHead.tsx';
import { Facts } from './Facts.tsx';
import { History } from './History.tsx';
import { Lead } from './Lead.tsx';
import { Neighbours } from './Neighbours.tsx';
import { Plots } from './Plots.tsx';
import { Preview } from './Preview.tsx';
import { Schema } from './Schema.tsx';
import styles from './AssetPage.module.css';

/** Everything about one asset; what is wrong with it comes first. */
export function AssetPage() {
  const { group, name } = useParams({ from: '/assets/$group/$name' });
  const search = useSearch({ from: '/assets/$group/$name' });
  const { data, error } = useAnswer('/api/assets/:group/:name', { group, name });
  const workspace = useAnswer('/api/workspace', {});
  useTitle(`${group}/${name}`);
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  // The newest status is in the workspace: live events change it there.
  const asset = workspace.data?.assets.find(({ key }) => key === data.asset.key) ?? data.asset;
  const tabs = [
    { id: 'overview', title: 'Overview' },
    ...(data.columns ? [{ id: 'schema', title: 'Schema', note: String(data.columns.length) }] : []),
    { id: 'preview', title: 'Preview' },
    { id: 'checks', title: 'Checks', note: String(data.checks.length) },
    { id: 'history', title: 'History' },
    ...(asset.hasPartitions ? [{ id: 'partitions', title: 'Partitions' }] : []),
  ];
  const tab = tabs.find(({ id }) => id === search.tab)?.id ?? 'overview';
  return (
    <div className={styles.page}>
      <AssetHead asset={asset} detail={data} />
      <Tabs tabs={tabs} chosen={tab} />
      {tab === 'overview' && (
        <div className={styles.columns}>
          <div>
            <Lead detail={data} asset={asset} />
            <p className={styles.description}>{asset.description}</p>
            <Facts detail={data} />
          </div>
          <div>
            <Plots group={group} name={name} />
            <Neighbours detail={data} />
          </div>
        </div>
      )}
      {tab === 'schema' && data.columns && (
        <Card flush title="Columns" aside={data.record ? 'with statistics' : 'as defined'}>
          <Schema detail={data} />
        </Card>
      )}
      {tab === 'preview' && <Preview group={group} name={name} />}
      {tab === 'checks' &&
        (data.checks.length === 0 ? (
          <EmptyState title="No checks are defined" />
        ) : (
          <Card flush label="Checks">
            <Checks checks={data.checks} />
          </Card>
        ))}
      {tab === 'history' && <History group={group} name={name} />}
      {tab === 'partitions' && (
        <Card label="Partitions">
          <PartitionMap assetKey={asset.key} />
        </Card>
      )}
    </div>
  );
}
