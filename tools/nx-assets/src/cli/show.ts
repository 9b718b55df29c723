import { type AssetManifest, type Column, groupOf, nameOf } from '@nx-assets/core';
import { describeFreshness, describeReasons } from '@nx-assets/engine';
import { partitionPaths } from '@nx-assets/storage/records';
import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import type { JsonFlag } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { assetStates, type StepFailure } from '@nx-assets/workspace/asset-status';
import { EXIT } from './exit.ts';
import { bytes, duration, plural, table } from '@nx-assets/workspace/format';
import { describeCounts } from '@nx-assets/workspace/partition-status';
import { signOf } from '@nx-assets/runner/report';
import { typeOf } from '@nx-assets/workspace/column-type';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Everything that is known of one asset. */
export async function showCommand(context: ProcessContext, word: string, flags: JsonFlag): Promise<number> {
  const workspace = await Workspace.open(context);
  const manifest = chooseOne(workspace, word);
  const { key, deps, output } = manifest;
  const state = (await assetStates(workspace)).get(key);
  const reading = workspace.reading(key);
  const record = reading.status === 'found' ? reading.record : null;
  const holding = await workspace.holds(key);
  const counts = state?.counts ?? null;
  const downstream = workspace.assets.filter((asset) => Object.values(asset.deps).includes(key));
  if (flags.json) {
    const facts = {
      status: state?.statuses,
      reasons: state?.step.reasons,
      failure: state?.failure ?? null,
      dataFrom: state?.dataFrom ?? null,
    };
    const checkedBy = workspace.assets.filter(({ checked }) => checked === key).map((asset) => asset.key);
    const edges = { downstream: downstream.map((asset) => asset.key), checkedBy };
    printJson(context, {
      asset: { ...manifest, ...facts, ...edges, record, ...(counts ? { counts, holding } : {}) },
    });
    return EXIT.ok;
  }
  const line = (title: string, text: string | null | undefined) =>
    text ? [`${pc.dim(title.padEnd(14))}${text}`] : [];
  const took = record ? Date.parse(record.finishedAt) - Date.parse(record.startedAt) : null;
  print(
    context,
    [
      `${pc.bold(key)}  ${state?.statuses.join(', ') ?? ''}`,
      manifest.description,
      '',
      ...line('why', state ? describeReasons(state.step.reasons) : ''),
      ...line(
        'failed',
        state?.failure && `${ago(state.failure.at, context.now())}: ${firstLine(state.failure)}`,
      ),
      ...line('kind', manifest.isExternal ? `${manifest.kind}, external` : manifest.kind),
      ...line('owner', manifest.owners.join(', ')),
      ...line('tags', manifest.tags.join(', ')),
      ...line('code', manifest.code.file),
      ...line('value', manifest.partitions ? partitionPaths(key, output, '<partition>').value : output.path),
      ...line(
        'size',
        holding.finishedAt &&
          [holding.rowCount !== null && plural(holding.rowCount, 'row'), bytes(holding.bytes)]
            .filter(Boolean)
            .join(', '),
      ),
      ...line('partitions', counts && describeCounts(counts)),
      ...line(
        'materialized',
        counts && holding.finishedAt && `last ${ago(holding.finishedAt, context.now())}`,
      ),
      ...line(
        'materialized',
        record && `${ago(record.finishedAt, context.now())} in ${duration(took)}, run ${record.runId}`,
      ),
      ...line('data version', record && ` ${record.dataVersion.slice(0, 12)}`),
      ...line('freshness', manifest.freshness && describeFreshness(manifest.freshness)),
      ...line('computed with', manifest.siblings?.filter((other) => other !== key).join(', ')),
      ...line(
        'depends on',
        [...Object.values(deps), ...(manifest.previous === undefined ? [] : ['its partition before'])].join(
          ', ',
        ),
      ),
      ...line('used by', downstream.map((asset) => asset.key).join(', ')),
      ...line('run it', `npx nx run ${groupOf(key)}:${nameOf(key)}`),
      ...(output.type === 'table' ? ['', ...schemaOf(output.columns)] : []),
      ...checksOf(workspace, manifest),
    ].join('\n'),
  );
  return EXIT.ok;
}

const firstLine = ({ error }: StepFailure): string => error.message.split('\n')[0] ?? error.code;

/** What must hold of it, who says so, and what came of it last. */
function checksOf(workspace: Workspace, manifest: AssetManifest): string[] {
  const by = [manifest, ...workspace.assets.filter(({ checked }) => checked === manifest.key)];
  const rows = by.flatMap(({ key, checks }) => {
    const reading = workspace.reading(key);
    const results = reading.status === 'found' ? reading.record.checks : [];
    return checks.map((check) => {
      const result = results.find(({ name }) => name === check.name);
      return { ...check, sign: result ? signOf(result) : pc.dim('◌'), by: key === manifest.key ? '' : key };
    });
  });
  if (rows.length === 0) return [];
  const lines = table(
    [
      { title: '  check', cell: ({ sign, name }) => `${sign} ${name}` },
      { title: 'description', cell: ({ description }) => description },
      { title: 'by', cell: (check) => check.by },
    ],
    rows,
  );
  return ['', ...lines];
}

const schemaOf = (columns: readonly Column[]): string[] =>
  table(
    [
      { title: 'column', cell: ({ name }) => name },
      { title: 'type', cell: typeOf },
      { title: '', cell: ({ nullable }) => (nullable ? 'or null' : '') },
    ],
    columns,
  );
