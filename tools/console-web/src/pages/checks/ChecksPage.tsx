import type { CheckView } from '@nx-assets/console/wire';
import { Link, useSearch } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { filterAssets } from '../../api/filter.ts';
import { useNarrow } from '../../api/useNarrow.ts';
import { useTitle } from '../../shell/useTitle.ts';
import { Card } from '../../ui/Card.tsx';
import { Checks } from '../../ui/Checks.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { type Mark, StatusMark } from '../../ui/StatusMark.tsx';
import { count, plural } from '../../ui/labels.ts';
import styles from './ChecksPage.module.css';

interface CheckState {
  /** In the address. */
  readonly name: string;
  readonly mark: Mark;
  readonly word: string;
  readonly fits: (check: CheckView) => boolean;
}

const STATES: readonly CheckState[] = [
  {
    name: 'failed',
    mark: 'failed',
    word: 'Failed',
    fits: ({ passed, severity }) => passed === false && severity === 'error',
  },
  {
    name: 'warns',
    mark: 'stale',
    word: 'Warning',
    fits: ({ passed, severity }) => passed === false && severity === 'warn',
  },
  { name: 'missing', mark: 'missing', word: 'Not run yet', fits: ({ passed }) => passed === null },
  { name: 'passed', mark: 'fresh', word: 'Passed', fits: ({ passed }) => passed === true },
];

/** What must hold, asset by asset; those with something that does not come first. */
export function ChecksPage() {
  useTitle('Checks');
  const { filter, state } = useSearch({ from: '/checks' });
  const narrow = useNarrow();
  const workspace = useAnswer('/api/workspace', {});
  const { data, error } = useAnswer('/api/checks', {});
  if (error && !data) return <ErrorNote error={error} />;
  if (!data || !workspace.data) return <Loading />;
  const { keys } = filterAssets(workspace.data, filter);
  const asked = data.filter(({ asset }) => keys.has(asset));
  const chosen = STATES.find(({ name }) => name === state);
  const byAsset = [...Map.groupBy(chosen ? asked.filter(chosen.fits) : asked, ({ asset }) => asset)];
  if (asked.length === 0) {
    return (
      <EmptyState
        title={data.length === 0 ? 'No asset has checks yet' : 'No asset with checks matches the filter'}
      >
        {data.length === 0 && <code>checks: [unique('id'), notNull('name')]</code>}
      </EmptyState>
    );
  }
  const bad = (asset: string) =>
    data.filter((check) => check.asset === asset && check.passed === false).length;
  return (
    <div className={styles.page}>
      <div className={styles.states} role="group" aria-label="Filter by result">
        <button type="button" aria-pressed={!chosen} onClick={() => narrow({ state: undefined })}>
          All <b>{count(asked.length)}</b>
        </button>
        {STATES.map(({ name, mark, word, fits }) => (
          <button
            key={name}
            type="button"
            aria-pressed={state === name}
            onClick={() => narrow({ state: state === name ? undefined : name })}
          >
            <StatusMark mark={mark} size={14} /> {word} <b>{count(asked.filter(fits).length)}</b>
          </button>
        ))}
      </div>
      {byAsset.length === 0 && <p className={styles.none}>No checks in this state.</p>}
      {byAsset
        .sort(([a], [b]) => bad(b) - bad(a))
        .map(([asset, checks]) => (
          <Card
            key={asset}
            flush
            title={
              <Link
                to="/assets/$group/$name"
                params={{ group: asset.split('/')[0] ?? '', name: asset.split('/')[1] ?? '' }}
                className="code"
              >
                {asset}
              </Link>
            }
            aside={
              bad(asset) > 0
                ? `${bad(asset)} of ${plural(checks.length, 'check')} failed`
                : plural(checks.length, 'check')
            }
          >
            <Checks checks={checks} />
          </Card>
        ))}
    </div>
  );
}
