import type { AnyAsset } from './asset-model.ts';
import type { DefinitionKey, AssetKey } from './key.ts';
import type { AssetManifest } from './manifest.ts';

/** What a group may export next to its assets. Like an asset, it is named by its export. */
export interface NamedDefinition<Facts extends { readonly type: string } = { readonly type: string }> {
  readonly type: Facts['type'];
  readonly description: string;
  /** Itself as plain data, for the manifest. Throws an `AssetError` where it names what is not there. */
  describe(scope: DefinitionScope): Facts;
}

/** What a definition may look at while it describes itself: the names of others, and all assets. */
export interface DefinitionScope {
  /** Throws `ASSET_DEP_NOT_EXPORTED`. */
  keyOf(asset: AnyAsset): AssetKey;
  /** Throws `DEFINITION_NOT_EXPORTED`. */
  keyOfOther(definition: NamedDefinition): DefinitionKey;
  readonly assets: readonly AssetManifest[];
}
