import type { CheckView } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { Age } from './Age.tsx';
import { CheckHistory, CheckMark, checkState } from './CheckMark.tsx';
import { RowsTable } from './RowsTable.tsx';
import styles from './Checks.module.css';

/** Checks, each with what it saw; those that did not pass come first and are open. */
export function Checks({ checks }: { readonly checks: readonly CheckView[] }) {
  const order = (check: CheckView) => (check.passed === false ? (check.severity === 'error' ? 0 : 1) : 2);
  return (
    <ul className={styles.checks}>
      {[...checks]
        .sort((a, b) => order(a) - order(b))
        .map((check) => (
          <li key={`${check.by} ${check.asset} ${check.name}`}>
            <details open={check.passed === false}>
              <summary>
                <CheckMark check={check} />
                <b>{check.name}</b>
                <span className={styles.says}>{check.description}</span>
                <CheckHistory last={check.last} />
                <span className={styles.age}>
                  <Age at={check.at} />
                </span>
              </summary>
              <Detail check={check} />
            </details>
          </li>
        ))}
    </ul>
  );
}

function Detail({ check }: { readonly check: CheckView }) {
  const { facts, rows, severity, by, asset, runId } = check;
  const known = Object.entries(facts);
  return (
    <div className={styles.detail}>
      <p>
        {checkState(check).word}.{' '}
        {severity === 'error' ? 'Error: a failure blocks publishing.' : 'Warn: a failure only warns.'}
        {by !== asset && (
          <>
            {' '}
            Asked by <code>{by}</code>.
          </>
        )}
        {runId && (
          <>
            {' '}
            <Link to="/runs/$id" params={{ id: runId }}>
              The run
            </Link>
          </>
        )}
      </p>
      {known.length > 0 && (
        <dl>
          {known.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {rows.length > 0 && <RowsTable rows={rows.map(asRow)} caption="Failing rows" />}
    </div>
  );
}

const asRow = (row: unknown): Readonly<Record<string, unknown>> =>
  typeof row === 'object' && row !== null && !Array.isArray(row)
    ? (row as Record<string, unknown>)
    : { value: row };
