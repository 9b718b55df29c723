import type { Workspace } from './workspace.ts';
import { AssetError, type AssetKey, type AssetManifest } from '@nx-assets/core';
import { needsStatus, parseSelection, select, suggest, unmatched } from '@nx-assets/core/selection';
import { assetStates } from './asset-status.ts';

/**
 * The assets that a command line names, deps first; all where it names none. Several arguments are one selection with
 * `or` between them. Throws `SELECTION_INVALID`, also where a name names nothing.
 */
export async function chooseAssets(workspace: Workspace, given: readonly string[]): Promise<AssetKey[]> {
  const { assets, graph } = workspace;
  if (given.length === 0) return [...graph.order];
  const selection = parseSelection(
    given.length === 1 ? (given[0] ?? '') : given.map((text) => `(${text})`).join(' or '),
  );
  const lost = unmatched(selection, assets);
  if (lost.length > 0) {
    const texts = lost.map(({ text, suggestion }) =>
      suggestion ? `${text} (did you mean ${suggestion}?)` : text,
    );
    throw new AssetError('SELECTION_INVALID', `No asset matches ${texts.join(', ')}.`, {
      remedy: 'See what there is with `nx-assets ls`.',
    });
  }
  const states = needsStatus(selection) ? await assetStates(workspace) : null;
  const chosen = select(
    selection,
    assets.map((asset) => (states ? { ...asset, status: states.get(asset.key)?.statuses ?? [] } : asset)),
  );
  return graph.order.filter((key) => chosen.has(key));
}

/** The one asset that a word names: a key, or a name that only one group has. */
export function chooseOne(workspace: Workspace, word: string): AssetManifest {
  const found = workspace.assets.filter(({ key }) => key === word || key.endsWith(`/${word}`));
  const [only] = found;
  if (only && found.length === 1) return only;
  if (found.length > 1) {
    const keys = found.map(({ key }) => key).join(', ');
    throw new AssetError('SELECTION_INVALID', `${word} may be ${keys}.`, { remedy: 'Write the whole key.' });
  }
  const meant = suggest(
    word,
    workspace.assets.flatMap(({ key }) => [key, key.split('/')[1] ?? key]),
  );
  throw new AssetError(
    'SELECTION_INVALID',
    `There is no asset ${word}${meant ? ` (did you mean ${meant}?)` : ''}.`,
    {
      remedy: 'See what there is with `nx-assets ls`.',
    },
  );
}
