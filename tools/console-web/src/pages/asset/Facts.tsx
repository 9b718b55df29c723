import type { AssetDetail } from '@nx-assets/console/wire';
import { Link } from '@tanstack/react-router';
import { Copyable } from '../../ui/Copyable.tsx';
import { Value } from '../../ui/Value.tsx';
import { span } from '../../ui/labels.ts';
import { AssetLinks } from './Lead.tsx';
import styles from './Facts.module.css';

/** What a definition and the record say. */
export function Facts({ detail }: { readonly detail: AssetDetail }) {
  const { asset, record, command, path, freshness, resources, siblings, metadata } = detail;
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['Owners', asset.owners.join(', ')],
    ['Code', <Copyable key="code" text={asset.file} label="Copy the path" />],
    ['Run it', <Copyable key="command" text={command} />],
    ['Value', <Copyable key="path" text={path} label="Copy the path" />],
    ['Tags', asset.tags.join(', ')],
    ['Source', asset.isExternal ? 'external, only observed' : ''],
    ['Freshness', freshness],
    ['Automation', asset.automation],
    ['Resources', resources.join(', ')],
    ['Computed with', siblings.length > 0 && <AssetLinks keys={siblings} />],
    ['Checks on', asset.checked && <AssetLinks keys={[asset.checked]} />],
    [
      'Last materialized',
      record && (
        <>
          in {span(record.finishedAt - record.startedAt)}, by{' '}
          <Link to="/runs/$id" params={{ id: record.runId }}>
            this run
          </Link>
        </>
      ),
    ],
    ['Data version', record && <code>{record.dataVersion.slice(0, 12)}</code>],
    ['Code version', record && <code>{record.codeVersion.slice(0, 12)}</code>],
    ...Object.entries({ ...metadata, ...record?.metadata }).map(
      ([name, value]) => [name, <Value key={name} value={value} />] as const,
    ),
  ];
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => Boolean(value))
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
