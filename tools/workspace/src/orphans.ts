import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AssetManifest } from '@nx-assets/core';
import type { Partitioning } from '@nx-assets/engine';
import { absolute, type AssetRecord, OUTPUT, recordPath, valuePath } from '@nx-assets/storage/records';

export interface Orphan {
  /** From the workspace root. */
  readonly path: string;
  readonly bytes: number;
}

/**
 * Records in output/ of assets that no group defines, and the values that they name. Only what a record names is ours:
 * any other file there is somebody else's and stays.
 */
export function findOrphans(
  root: string,
  assets: readonly AssetManifest[],
  partitioning: Partitioning,
): Orphan[] {
  const known = new Set(
    assets.flatMap(({ key, output }) =>
      partitioning.partitionsOf(key).flatMap((part) => [recordPath(key, part), valuePath(key, output, part)]),
    ),
  );
  const folder = absolute(root, OUTPUT);
  if (!existsSync(folder)) return [];
  const records = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => `${OUTPUT}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.record.json') && !known.has(path));
  const paths = records.flatMap((path) => {
    const value = valueOf(join(root, path), path);
    return value === null ? [] : [path, ...(known.has(value) ? [] : [value])];
  });
  return paths.flatMap((path) => {
    const stats = statSync(absolute(root, path), { throwIfNoEntry: false });
    return stats?.isFile() ? { path, bytes: stats.size } : [];
  });
}

/** The value that a record names; `null` for what is no record of its place. */
function valueOf(file: string, path: string): string | null {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as Partial<AssetRecord>;
    const value = record.value?.path;
    const place = record.key && recordPath(record.key, record.partition ?? null);
    const isOurs = path === place && value?.startsWith(`${OUTPUT}/`) === true;
    return isOurs && !value.split('/').includes('..') ? value : null;
  } catch {
    return null;
  }
}

export function removeOrphans(root: string, orphans: readonly Orphan[]): void {
  for (const { path } of orphans) rmSync(absolute(root, path), { force: true });
}
