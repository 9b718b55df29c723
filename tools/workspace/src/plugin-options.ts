import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from '@nx-assets/core';

/** What nx.json may say of the plugin. */
export interface PluginOptions {
  /** Path of the history, from the root. */
  readonly history?: string;
  /** How much of the history stays. Default: 1000 runs, and a year. */
  readonly retention?: { readonly runs?: number; readonly age?: Duration };
  /** How long webhooks and other hooks may take when a run has ended. Default: 10s. */
  readonly hooks?: { readonly deadline?: Duration };
  /** What becomes of a step that opens a file of the workspace that its asset does not declare in `reads`. Default: `warn`. */
  readonly undeclaredReads?: 'warn' | 'error';
  /** How many steps of each pool may run at the same time. */
  readonly pools?: Readonly<Record<string, number>>;
}

interface NxJson {
  readonly plugins?: readonly (string | { readonly plugin: string; readonly options?: PluginOptions })[];
}

/** The options of the plugin in the workspace. Nx hands them to some of our code, and not to all. */
export function pluginOptions(root: string): PluginOptions {
  try {
    const { plugins = [] } = JSON.parse(readFileSync(join(root, 'nx.json'), 'utf8')) as NxJson;
    const found = plugins.find((entry) => typeof entry === 'object' && entry.plugin === 'nx-assets');
    return typeof found === 'object' ? (found.options ?? {}) : {};
  } catch {
    return {}; // Nx itself has words for it
  }
}
