import type { AssetKey } from '@nx-assets/core';
import type { RunConfig } from '@nx-assets/core/config';

/** What the worker that checks configs is asked. */
export interface ConfigOrder {
  readonly root: string;
  readonly keys: readonly AssetKey[];
  readonly runConfig: RunConfig;
}

/** What it finds wrong. */
export interface ConfigAnswer {
  readonly problems: readonly string[];
}
