import type { AssetView, GroupView, JobView } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { memo } from 'react';
import { source } from '../../api/source.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { useRunAction } from '../../shell/useRunAction.tsx';
import { Age } from '../../ui/Age.tsx';
import { Button } from '../../ui/Button.tsx';
import { Copyable } from '../../ui/Copyable.tsx';
import { KindBadge } from '../../ui/KindBadge.tsx';
import { RunMarks } from '../../ui/RunMarks.tsx';
import { shown } from '../../ui/asset-status.ts';
import { StatusText } from '../../ui/StatusText.tsx';
import { count } from '../../ui/labels.ts';
import { StatusCounts } from '../../ui/StatusCounts.tsx';
import styles from './Group.module.css';

interface GroupProps {
  readonly group: GroupView;
  readonly assets: readonly AssetView[];
  readonly jobs: readonly JobView[];
  readonly running: ReadonlySet<string>;
  readonly ticked: ReadonlySet<string>;
}

/** One package: who owns it, how its assets stand, and ways to bring them up to date. */
export function Group({ group, assets, jobs, running, ticked }: GroupProps) {
  const { start, isBusy } = useRunAction();
  return (
    <section className={styles.group} aria-labelledby={`group-${group.name}`}>
      <header>
        <h2 id={`group-${group.name}`}>
          <Link to="/lineage" search={{ filter: `group:${group.name}` }}>
            {group.name}
          </Link>
        </h2>
        <code title={group.description}>{group.path}</code>
        <span className={styles.owner}>{group.owner}</span>
        <StatusCounts assets={assets} running={running} />
        {source.isLive && assets.length > 0 && (
          <Button
            small
            disabled={isBusy}
            icon={<Play size={12} aria-hidden />}
            onClick={() => start({ assets: assets.map(({ key }) => key) })}
            aria-label={`Materialize ${assets.length} of ${group.name}`}
          >
            Materialize {assets.length}
          </Button>
        )}
      </header>
      <ul>
        {assets.map((asset) => (
          <Row
            key={asset.key}
            asset={asset}
            isRunning={running.has(asset.key)}
            isTicked={ticked.has(asset.key)}
          />
        ))}
        {jobs.map((job) => (
          <JobRow key={job.key} job={job} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly asset: AssetView;
  readonly isRunning: boolean;
  readonly isTicked: boolean;
}

/** There may be thousands, and an event changes a few. */
const Row = memo(function Row({ asset, isRunning, isTicked }: RowProps) {
  const { key, group, name, kind, status, description } = asset;
  const { start, isBusy } = useRunAction();
  const narrow = useNarrow();
  const tick = () =>
    narrow(({ chosen = '' }) => {
      const others = chosen.split(',').filter((one) => one !== '' && one !== key);
      return { chosen: [...others, ...(isTicked ? [] : [key])].join(',') };
    });
  return (
    <li className={styles.row}>
      {source.isLive && (
        <input type="checkbox" checked={isTicked} onChange={tick} aria-label={`Choose ${key}`} />
      )}
      <Link to="/assets/$group/$name" params={{ group, name }} className={styles.name} title={description}>
        {name}
      </Link>
      <span className={styles.kind}>
        <KindBadge kind={kind} />
      </span>
      <span className={styles.status}>
        <StatusText {...shown(asset, isRunning)} />
      </span>
      <RunMarks last={status.last} />
      <span className={styles.rows} title="rows">
        {count(status.rowCount)}
        <span className="visually-hidden"> rows</span>
      </span>
      <span className={styles.age}>
        <Age at={status.madeAt} />
      </span>
      {source.isLive && (
        <Button
          variant="quiet"
          small
          className={styles.run ?? ''}
          disabled={isBusy || isRunning}
          icon={<Play size={13} />}
          aria-label={`Materialize ${key}`}
          title={`npx nx run ${group}:${name}`}
          onClick={() => start({ assets: [key] })}
        />
      )}
    </li>
  );
});

function JobRow({ job }: { readonly job: JobView }) {
  const { start, isBusy } = useRunAction();
  return (
    <li className={styles.job}>
      <span className={styles.name}>{job.key.split('/')[1]}</span>
      <span className={styles.tag}>job</span>
      <span className={styles.status}>{job.description}</span>
      {job.schedule && <span className={styles.schedule}>{job.schedule}</span>}
      <Copyable text={job.command} />
      {source.isLive && (
        <Button
          small
          disabled={isBusy}
          icon={<Play size={12} aria-hidden />}
          aria-label={`Run job ${job.key}`}
          onClick={() => start({ assets: [], job: job.key })}
        >
          Run
        </Button>
      )}
    </li>
  );
}
