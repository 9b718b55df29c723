import {
  type AnyAsset,
  AssetError,
  type AssetKey,
  type AssetManifest,
  type OutputManifest,
} from '@nx-assets/core';
import { columnsOf } from '@nx-assets/storage';
import { partitionsFolder, recordPath, valuePath } from '@nx-assets/storage/records';

/** What dependents see of the value of an asset, and where it lies. */
export function outputOf(definition: AnyAsset, key: AssetKey): OutputManifest {
  const { output } = definition;
  switch (output.type) {
    case 'table':
      return { type: 'table', columns: columnsOf(output.schema), path: valuePath(key, output) };
    case 'json':
      return { type: 'json', path: valuePath(key, output) };
    case 'file':
      return { type: 'file', path: output.path };
  }
}

/** Every asset needs a value and a record of its own, and no file may stand where another needs a folder. */
export function checkOutputs(manifests: readonly AssetManifest[]): void {
  const owners = new Map<string, AssetKey>();
  const places = manifests.flatMap(({ key, output, partitions }) => {
    const paths = partitions
      ? [partitionsFolder(key), ...(output.type === 'file' ? [valuePath(key, output)] : [])]
      : [valuePath(key, output), recordPath(key)];
    return paths.map((path) => [path.toLowerCase(), key] as const);
  });
  for (const [path, key] of places) {
    const other = owners.get(path);
    if (other) throw new AssetError('ASSET_OUTPUT_CONFLICT', `${other} and ${key} both write ${path}.`);
    owners.set(path, key);
  }
  for (const [path, key] of places) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const other = owners.get(path.slice(0, end));
      if (!other) continue;
      const facts = `${other} writes the file ${path.slice(0, end)}, where ${key} needs a folder.`;
      throw new AssetError('ASSET_OUTPUT_CONFLICT', facts);
    }
  }
}
