import type { AssetDetail, AssetView, WhyLink } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { FailureNote } from '../../ui/FailureNote.tsx';
import { STATUS_LABELS } from '../../ui/labels.ts';
import { StatusMark } from '../../ui/StatusMark.tsx';
import styles from './Lead.module.css';

/** What is wrong with it: the failure and what that blocks, or why it is not fresh. Nothing where nothing is. */
export function Lead({ detail, asset }: { readonly detail: AssetDetail; readonly asset: AssetView }) {
  const { failure, statuses } = asset.status;
  const isFresh = statuses[0] === 'fresh';
  if (!failure && isFresh) return null;
  return (
    <div className={styles.lead}>
      {failure && (
        <FailureNote
          failure={failure}
          title={
            failure.runId && (
              <Link to="/runs/$id" params={{ id: failure.runId }}>
                Failed in its last run
              </Link>
            )
          }
        >
          {detail.blocks.length > 0 && (
            <p>
              Blocks <AssetLinks keys={detail.blocks} />
            </p>
          )}
        </FailureNote>
      )}
      {!isFresh && (
        <section aria-label="Why it is not fresh" className={styles.why}>
          <Why link={detail.why} isFirst />
        </section>
      )}
    </div>
  );
}

export function AssetLinks({ keys }: { readonly keys: readonly string[] }) {
  return keys.map((key, index) => (
    <span key={key}>
      {index > 0 && ', '}
      <Link
        to="/assets/$group/$name"
        params={{ group: key.split('/')[0] ?? '', name: key.split('/')[1] ?? '' }}
        className="code"
      >
        {key}
      </Link>
    </span>
  ));
}

/** A link of the chain, and what it hangs on. */
function Why({ link, isFirst = false }: { readonly link: WhyLink; readonly isFirst?: boolean }) {
  // The failure has been said above; what it is besides that is said here.
  const status = link.statuses.find((one) => !isFirst || one !== 'failed') ?? link.statuses[0] ?? 'fresh';
  return (
    <div className={isFirst ? undefined : styles.upstream}>
      <p>
        <StatusMark mark={status} size={14} />{' '}
        {isFirst ? <b>{STATUS_LABELS[status]}</b> : <AssetLinks keys={[link.key]} />}
      </p>
      <ul>
        {link.reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {link.files.map(({ path, change }) => (
          <li key={path}>
            <code>{path}</code> {change}
          </li>
        ))}
      </ul>
      {link.upstream.map((one) => (
        <Why key={one.key} link={one} />
      ))}
    </div>
  );
}
