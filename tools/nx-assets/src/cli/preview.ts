import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AssetError, type AssetManifest, groupOf, type Json, nameOf } from '@nx-assets/core';
import { Redactor, secretsIn } from '@nx-assets/engine';
import { choosePartitions } from '@nx-assets/core/partitions';
import { colours as pc } from '@nx-assets/workspace/colours';
import { print, printJson } from './output.ts';
import type { PreviewFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { type Row, viewOf } from '@nx-assets/workspace/table-names';
import { EXIT } from './exit.ts';
import { count, table, type TableColumn } from '@nx-assets/workspace/format';
import type { ProcessContext } from '@nx-assets/workspace/run-context';
import { showControls } from '@nx-assets/workspace/terminal-text';

/** Longest cell of a table in the terminal. */
const CELL = 60;

/** Shows rows of a table, a document or a file, or what a query gives. */
export async function previewCommand(
  context: ProcessContext,
  word: string | undefined,
  flags: PreviewFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  const redactor = new Redactor(secretsIn(workspace.assets, context.env));
  if (flags.sql !== undefined) {
    if (word !== undefined) throw new AssetError('COMMAND_INVALID', 'Give an asset or --sql, not both.');
    const { query } = await import('@nx-assets/workspace/query-tables');
    // One more says that there are more; how many, only a run of the whole query would.
    const rows = await query(workspace, flags.sql, flags.limit + 1);
    return showRows(context, redactor.data(rows), null, flags);
  }
  if (word === undefined) throw new AssetError('COMMAND_INVALID', 'Give an asset, or --sql and a query.');
  const manifest = chooseOne(workspace, word);
  const part = await partOf(workspace, manifest, flags);
  const world = await workspace.world();
  const reading = world.reading(manifest.key, part);
  const { rowCount, bytes } = part === null ? await workspace.holds(manifest.key) : NO_TOTAL;
  if (part === null ? bytes === null : reading.status !== 'found') throw notThere(manifest);
  const path = reading.status === 'found' ? await workspace.store.locate(reading.record) : null;
  if (manifest.output.type === 'table') {
    if (part !== null && path === null) throw notThere(manifest);
    const { query } = await import('@nx-assets/workspace/query-tables');
    const { readParquet } = await import('@nx-assets/storage');
    const from = part === null ? `FROM ${viewOf(manifest.key)}` : `FROM ${readParquet(path ?? '')}`;
    const total = reading.status === 'found' ? reading.record.value.rowCount : rowCount;
    return showRows(context, redactor.data(await query(workspace, from, flags.limit)), total, flags);
  }
  if (path === null) throw notThere(manifest);
  const lines = redactor.data(await firstLines(path, flags.limit));
  if (flags.json) printJson(context, { lines });
  else print(context, lines.join('\n'));
  return EXIT.ok;
}

const NO_TOTAL = { rowCount: null, bytes: null };

/** The partition that is asked for: of a table all of them without the flag, of anything else the last. */
async function partOf(
  workspace: Workspace,
  { key, partitions, output }: AssetManifest,
  { partition }: PreviewFlags,
): Promise<string | null> {
  const set = (await workspace.partitioning()).set(key);
  if (!partitions || !set) {
    if (partition === undefined) return null;
    throw new AssetError('PARTITION_UNKNOWN', `${key} has no partitions.`, { remedy: 'Leave the flag out.' });
  }
  if (partition === undefined) return output.type === 'table' ? null : (set.keys.at(-1) ?? null);
  const [only, ...others] = choosePartitions(set, partition, key);
  if (only !== undefined && others.length === 0) return only;
  throw new AssetError('PARTITION_NOT_ONE', `${partition} is ${others.length + 1} partitions of ${key}.`, {
    remedy: 'Name one; or use --sql, where all of them are one table.',
  });
}

function notThere({ key }: AssetManifest): AssetError {
  return new AssetError('UPSTREAM_MISSING', `${key} is not materialized.`, {
    remedy: `Make it first: npx nx run ${groupOf(key)}:${nameOf(key)}`,
  });
}

function showRows(
  context: ProcessContext,
  found: readonly Row[],
  total: number | null,
  flags: PreviewFlags,
): number {
  const rows = found.slice(0, flags.limit);
  if (flags.json) {
    printJson(context, { rowCount: total, rows });
    return EXIT.ok;
  }
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) {
    print(context, 'No rows.');
    return EXIT.ok;
  }
  const isNumeric = (name: string) =>
    rows.every((row) => row[name] === null || typeof row[name] === 'number');
  const columns = names.map((name): TableColumn<Row> => ({
    title: name,
    align: isNumeric(name) ? 'right' : 'left',
    cell: (row) => textOf(row[name] ?? null),
  }));
  const more = total === null ? Math.sign(found.length - rows.length) : total - rows.length;
  const words = total === null ? '… more: --limit shows more of them' : `… ${count(more)} more`;
  const rest = more > 0 ? [pc.dim(words)] : [];
  print(context, [...table(columns, rows), ...rest].join('\n'));
  return EXIT.ok;
}

/** On one line. */
function textOf(value: Json): string {
  if (value === null) return pc.dim('null');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = showControls(text.replaceAll('\n', '⏎').replaceAll('\t', ' '));
  return line.length > CELL ? `${line.slice(0, CELL - 1)}…` : line;
}

async function firstLines(path: string, limit: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    lines.push(line);
    if (lines.length >= limit) break;
  }
  return lines;
}
