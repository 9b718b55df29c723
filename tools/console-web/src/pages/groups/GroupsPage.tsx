import type { AssetView, GroupView, JobView, WorkspaceView } from '@nx-assets/console/wire';
import { useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useAnswer } from '../../api/client.ts';
import { filterAssets } from '../../api/filter.ts';
import { StatusFilter } from '../../shell/StatusFilter.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { NoMatches } from '../../shell/NoMatches.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { useRunningKeys } from '../../ui/asset-status.ts';
import { Group } from './Group.tsx';
import styles from './GroupsPage.module.css';

interface Shown {
  readonly group: GroupView;
  readonly assets: readonly AssetView[];
  readonly jobs: readonly JobView[];
}

/** Every group that has something in it, in the order in which data flows through them. */
function groupsOf(
  { groups, assets, jobs }: WorkspaceView,
  keys: ReadonlySet<string>,
  isFiltered: boolean,
): Shown[] {
  const order = [...new Set(assets.map(({ group }) => group))];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...groups]
    .sort((a, b) => rank(a.name) - rank(b.name))
    .map((group) => ({
      group,
      assets: assets.filter((asset) => asset.group === group.name && keys.has(asset.key)),
      jobs: isFiltered ? [] : jobs.filter(({ key }) => key.startsWith(`${group.name}/`)),
    }))
    .filter((one) => one.assets.length > 0 || one.jobs.length > 0);
}

export function GroupsPage() {
  useTitle('Groups');
  const { data, error } = useAnswer('/api/workspace', {});
  const { filter, chosen = '' } = useSearch({ from: '/groups' });
  const running = useRunningKeys();
  const shown = useMemo(
    () => (data ? groupsOf(data, filterAssets(data, filter).keys, (filter ?? '') !== '') : []),
    [data, filter],
  );
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.assets.length === 0 && data.jobs.length === 0) {
    return (
      <EmptyState title="No assets yet">
        A package with an <code>nx-assets</code> section in its package.json is a group, and each asset that
        it exports shows up here.
      </EmptyState>
    );
  }
  const ticked = new Set(chosen === '' ? [] : chosen.split(','));
  return (
    <div className={styles.groups}>
      <StatusFilter workspace={data} />
      {shown.length === 0 && <NoMatches />}
      {shown.map((one) => (
        <Group key={one.group.name} {...one} running={running} ticked={ticked} />
      ))}
    </div>
  );
}
