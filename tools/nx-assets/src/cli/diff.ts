import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import type { JsonFlag } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { withHistory } from './runs.ts';
import { type AssetDiff, compare, recordIn, stateOf } from '@nx-assets/workspace/compare';
import { EXIT } from './exit.ts';
import { count, plural } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/** Compares two runs, or two records: rows, columns and statistics of every asset whose data differs. */
export async function diffCommand(
  context: ProcessContext,
  from: string,
  to: string,
  flags: JsonFlag,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const [before, after] = await withHistory(context, async (history) => [
    recordIn(from) ?? (await stateOf(from, workspace, history)),
    recordIn(to) ?? (await stateOf(to, workspace, history)),
  ]);
  const diffs: AssetDiff[] = [];
  for (const key of new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])) {
    const [was, now] = [before?.get(key), after?.get(key)];
    if (was?.dataVersion !== now?.dataVersion) diffs.push(await compare(key, was, now, workspace));
  }
  if (flags.json) printJson(context, { assets: diffs });
  else print(context, diffs.length === 0 ? 'No differences in the data.' : diffs.flatMap(render).join('\n'));
  return EXIT.ok;
}

function render({ key, status, rowCount, columns, statistics, rows }: AssetDiff): string[] {
  const [was, now] = rowCount;
  const counts = was === now ? plural(now ?? 0, 'row') : `${count(was) || 'no'} → ${count(now) || 'no'} rows`;
  const facts = [
    was === null && now === null ? '' : counts,
    rows ? `${pc.green(`+${count(rows.added)}`)} ${pc.red(`−${count(rows.removed)}`)}` : '',
  ].filter(Boolean);
  const list = (title: string, names: readonly string[]) =>
    names.length > 0 ? [`  columns ${title}: ${names.join(', ')}`] : [];
  return [
    `${pc.bold(key)}  ${status}  ${facts.join('  ')}`.trimEnd(),
    ...list('added', columns.added),
    ...list('removed', columns.removed),
    ...list('changed', columns.changed),
    ...statistics.map((one) => `  ${one.column}: ${one.was} → ${one.now}`),
  ];
}
