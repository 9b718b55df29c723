import { type AnyAsset, isAsset } from './asset-model.ts';
import type { DefinitionScope } from './definition.ts';
import { AssetError } from './diagnostics.ts';
import type { AssetKey } from './key.ts';
import { needsStatus, parseSelection, select, unmatched } from './selection/index.ts';

/** Imported assets by their keys, and words as they are, with `or` between them. */
export function textOf(words: readonly (string | AnyAsset)[], { keyOf }: DefinitionScope): string {
  const texts = words.map((word) => (isAsset(word) ? keyOf(word) : word));
  return texts.length === 1 ? (texts[0] ?? '') : texts.map((text) => `(${text})`).join(' or ');
}

/**
 * What a definition selects, deps first as the assets are; `null` where that depends on how they stand. Throws
 * `SELECTION_INVALID`.
 */
export function chosenBy(text: string, { assets }: DefinitionScope): readonly AssetKey[] | null {
  const selection = parseSelection(text);
  const lost = unmatched(selection, assets);
  if (lost.length > 0) {
    const texts = lost.map(({ text, suggestion }) =>
      suggestion ? `${text} (did you mean ${suggestion}?)` : text,
    );
    throw new AssetError('SELECTION_INVALID', `No asset matches ${texts.join(', ')}.`, {
      remedy: 'See what there is with `nx-assets ls`.',
    });
  }
  return needsStatus(selection) ? null : [...select(selection, assets)];
}
