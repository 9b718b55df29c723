import type { AssetManifest } from './manifest.ts';
import type { OtherManifest } from './other-manifest.ts';

/** A package that holds definitions. */
export interface GroupManifest {
  readonly name: string;
  /** Folder from the workspace root. */
  readonly root: string;
  readonly description: string;
  readonly owner: string | null;
  readonly assets: readonly AssetManifest[];
  /** What it defines next to assets: jobs, and what starts them. */
  readonly others: readonly OtherManifest[];
}
