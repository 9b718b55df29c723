import { Link, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { PartitionMap } from '../../partitions/PartitionMap.tsx';
import { useTitle } from '../../shell/useTitle.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { shown, useRunningKeys } from '../../ui/asset-status.ts';
import { StatusText } from '../../ui/StatusText.tsx';
import styles from './PartitionsPage.module.css';

/** Assets that are cut into partitions; one of them opened. */
export function PartitionsPage() {
  useTitle('Partitions');
  const { data, error } = useAnswer('/api/workspace', {});
  const { asset } = useSearch({ from: '/partitions' });
  const narrow = useNarrow();
  const running = useRunningKeys();
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  const cut = data.assets.filter(({ hasPartitions }) => hasPartitions);
  const [first] = cut;
  if (!first)
    return (
      <EmptyState title="No partitioned assets yet">Set the `partitions` option of an asset.</EmptyState>
    );
  const open = cut.find(({ key }) => key === asset) ?? first;
  return (
    <div className={styles.page}>
      <Card flush label="Assets with partitions">
        <ul className={styles.list}>
          {cut.map((one) => (
            <li key={one.key}>
              <button
                type="button"
                aria-pressed={one === open}
                onClick={() =>
                  narrow({ asset: one.key, state: undefined, place: undefined, range: undefined })
                }
              >
                <code>{one.key}</code>
                <StatusText {...shown(one, running.has(one.key))} />
              </button>
            </li>
          ))}
        </ul>
      </Card>
      <Card
        title={
          <Link to="/assets/$group/$name" params={{ group: open.group, name: open.name }} className="code">
            {open.key}
          </Link>
        }
        aside={open.description}
      >
        <PartitionMap key={open.key} assetKey={open.key} />
      </Card>
    </div>
  );
}
