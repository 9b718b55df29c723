import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AssetError, type AssetManifest, identifier } from '@nx-assets/core';
import { Redactor, secretsIn } from '@nx-assets/engine';
import type { Workspace } from '@nx-assets/workspace/workspace';
import type { PreviewView } from '../wire/index.ts';
import { typeOf } from '@nx-assets/workspace/column-type';

export interface PreviewRequest {
  readonly offset: number;
  readonly limit: number;
  readonly sort: string | null;
  readonly descending: boolean;
  readonly partition: string | null;
}

/** Longest line of a document or file that is sent. */
const LINE = 2_000;

/** A page of what an asset holds. Secrets that it might hold are covered, and an asset that opted out stays closed. */
export async function previewView(
  workspace: Workspace,
  manifest: AssetManifest,
  request: PreviewRequest,
): Promise<PreviewView> {
  if (!manifest.preview) return none('This asset keeps its rows to itself: `preview: false`.');
  const redactor = new Redactor(secretsIn(workspace.assets, workspace.context.env));
  const parts = await partsOf(workspace, manifest, request.partition);
  const paths = await workspace.filesOf(manifest, parts);
  const [first] = paths;
  if (first === undefined) return none('It is not materialized yet.');
  if (manifest.output.type !== 'table') return redactor.data(await linesOf(first, request));
  const { columns } = manifest.output;
  if (request.sort !== null && !columns.some(({ name }) => name === request.sort))
    throw new AssetError('COMMAND_INVALID', `${manifest.key} has no column ${request.sort}.`);
  const { page } = await import('@nx-assets/workspace/query-tables');
  const { rows, total } = await page({ paths, columns }, orderOf(request), request);
  const described = columns.map((column) => ({ name: column.name, type: typeOf(column) }));
  return { kind: 'rows', columns: described, rows: redactor.data(rows), total, offset: request.offset };
}

const none = (because: string): PreviewView => ({ kind: 'none', because });

const orderOf = ({ sort, descending }: PreviewRequest): string =>
  sort === null ? '' : `ORDER BY ${identifier(sort)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`;

/** Of a table all partitions, where none is named; of anything else the newest. */
async function partsOf(
  workspace: Workspace,
  { key, partitions, output }: AssetManifest,
  partition: string | null,
): Promise<readonly (string | null)[]> {
  if (!partitions) return [null];
  const parts = (await workspace.partitioning()).partitionsOf(key);
  if (partition !== null) {
    if (parts.includes(partition)) return [partition];
    throw new AssetError('PARTITION_UNKNOWN', `${key} has no partition ${partition}.`, {
      remedy: 'See them on its page.',
    });
  }
  return output.type === 'table' ? parts : parts.slice(-1);
}

async function linesOf(path: string, { offset, limit }: PreviewRequest): Promise<PreviewView> {
  const lines: string[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (lines.length >= limit) return { kind: 'lines', lines, isWhole: false };
    if (number++ >= offset) lines.push(line.length > LINE ? `${line.slice(0, LINE)}…` : line);
  }
  return { kind: 'lines', lines, isWhole: true };
}
