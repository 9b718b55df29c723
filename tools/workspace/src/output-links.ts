import { readlinkSync } from 'node:fs';
import { AssetError, type AssetManifest } from '@nx-assets/core';
import { absolute, isLink, partitionsFolder, recordPath, valuePath } from '@nx-assets/storage/records';

/** Throws `OUTPUT_IS_LINK` where a folder that values lie in is a symbolic link: nothing has moved then. */
export function refuseOutputLinks(root: string, manifests: Iterable<AssetManifest>): void {
  const folders = new Set<string>();
  for (const { key, output, partitions } of manifests) {
    const paths = [valuePath(key, output), partitions ? `${partitionsFolder(key)}/any` : recordPath(key)];
    for (const path of paths) for (const folder of foldersOf(path)) folders.add(folder);
  }
  for (const folder of folders) {
    const path = absolute(root, folder);
    if (!isLink(path)) continue;
    throw new AssetError('OUTPUT_IS_LINK', `${folder} is a symbolic link to ${readlinkSync(path)}.`);
  }
}

/** The folders of a workspace path, the outermost first. */
const foldersOf = (path: string): string[] => {
  const names = path.split('/').slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join('/'));
};
