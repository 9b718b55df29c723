import type { MaterializationView } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { useAnswer } from '../../api/client.ts';
import { Card } from '../../ui/Card.tsx';
import { EmptyState, ErrorNote, Loading } from '../../ui/Notes.tsx';
import { bytes, plural, span, time } from '../../ui/labels.ts';
import { AssetLinks } from './Lead.tsx';
import styles from './History.module.css';

/** The server lists so many. */
const MOST = 50;

/** Each time that it was made, and from what: the lineage of what was there then. */
export function History({ group, name }: { readonly group: string; readonly name: string }) {
  const { data, error } = useAnswer('/api/assets/:group/:name/history', { group, name });
  if (error && !data) return <ErrorNote error={error} />;
  if (!data) return <Loading />;
  if (data.length === 0) return <EmptyState title="No materializations in the history" />;
  return (
    <Card flush title="Materializations" aside={`last ${data.length}`}>
      <ul className={styles.history}>
        {data.map((one, index) => (
          <Made
            key={one.id}
            asset={`${group}/${name}`}
            made={one}
            isOldest={data.length < MOST}
            before={data.slice(index + 1).find(({ partition }) => partition === one.partition)}
          />
        ))}
      </ul>
    </Card>
  );
}

const short = (version: string) => version.slice(0, 8);

interface MadeProps {
  /** Its key. */
  readonly asset: string;
  readonly made: MaterializationView;
  readonly before: MaterializationView | undefined;
  /** Where there is none before it, there never was one: otherwise the list does not go back so far. */
  readonly isOldest: boolean;
}

function Made({ asset, made, before, isOldest }: MadeProps) {
  const isSame = before?.dataVersion === made.dataVersion;
  return (
    <li>
      <details>
        <summary>
          <span>{time(made.at)}</span>
          {made.partition !== null && <code>{made.partition}</code>}
          <span>{made.rowCount === null ? '' : plural(made.rowCount, 'row')}</span>
          <span>{bytes(made.bytes)}</span>
          <span>{span(made.took)}</span>
          <span className={styles.change}>
            {before ? (isSame ? 'same data' : 'data changed') : isOldest ? 'first' : ''}
          </span>
        </summary>
        <div className={styles.open}>
          <p>
            Data <code>{short(made.dataVersion)}</code>, code <code>{short(made.codeVersion)}</code>
            {before && before.codeVersion !== made.codeVersion && ' (changed)'}.{' '}
            <Link to="/runs/$id" params={{ id: made.runId }}>
              The run
            </Link>
            {before && !isSame && (
              <>
                {' · '}
                <Link
                  to="/compare"
                  search={{
                    of: asset,
                    partition: made.partition ?? undefined,
                    from: `record:${before.id}`,
                    to: `record:${made.id}`,
                  }}
                >
                  Compare with the one before
                </Link>
              </>
            )}
          </p>
          {made.inputs.length > 0 && (
            <ul>
              {made.inputs.map(({ key, dataVersion }) => {
                const was = before?.inputs.find((input) => input.key === key)?.dataVersion;
                return (
                  <li key={key}>
                    <AssetLinks keys={[key]} /> <code>{short(dataVersion)}</code>{' '}
                    {was !== undefined && was !== dataVersion && (
                      <em>
                        was <code>{short(was)}</code>
                      </em>
                    )}
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      </details>
    </li>
  );
}
