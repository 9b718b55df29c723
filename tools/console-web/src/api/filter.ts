import type { AssetView, WorkspaceView } from '@nx-assets/console/wire';
import type { AssetKey } from '@nx-assets/core';
import { parseSelection, select } from '@nx-assets/core/selection';

/** What a filter in words chooses. Where it cannot be read, it chooses everything, and `problem` says what is wrong. */
interface Filtered {
  readonly keys: ReadonlySet<string>;
  readonly problem: string | null;
}

const toSelectable = (asset: AssetView) => ({
  key: asset.key as AssetKey,
  kind: asset.kind,
  owners: asset.owners,
  tags: asset.tags,
  deps: Object.fromEntries(asset.deps.map((dep) => [dep, dep as AssetKey])),
  status: asset.status.statuses,
});

/**
 * The same language as on a command line. A word that is no name yet finds every key that has it: people type, and want
 * to see something at every letter.
 */
export function filterAssets(
  { assets }: Pick<WorkspaceView, 'assets'>,
  filter: string | undefined,
): Filtered {
  const text = filter?.trim() ?? '';
  const all = () => new Set(assets.map(({ key }) => key));
  if (text === '') return { keys: all(), problem: null };
  if (/^[\w/-]+$/.test(text) && !assets.some(({ key, name }) => key === text || name === text)) {
    const found = assets.filter(({ key }) => key.toLowerCase().includes(text.toLowerCase()));
    return { keys: new Set(found.map(({ key }) => key)), problem: null };
  }
  try {
    return { keys: select(parseSelection(text), assets.map(toSelectable)), problem: null };
  } catch (error) {
    return { keys: all(), problem: error instanceof Error ? error.message : String(error) };
  }
}
