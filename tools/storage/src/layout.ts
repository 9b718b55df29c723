import { join } from 'node:path';
import { type AssetKey, groupOf, nameOf, type OutputManifest } from '@nx-assets/core';

/** Workspace path of the folder that holds what was materialized. */
export const OUTPUT = 'output';
/** Workspace path of the folder for what can be made again: manifests, observations, run outcomes. */
export const STATE = '.nx/nx-assets';

const EXTENSION = { table: 'parquet', json: 'json' } as const;

/** Workspace path of an asset's value. The one place that decides it. */
export function valuePath(key: AssetKey, output: { type: OutputManifest['type']; path?: string }): string {
  return output.type === 'file' ? `${OUTPUT}/${output.path}` : `${OUTPUT}/${key}.${EXTENSION[output.type]}`;
}

/** Workspace path of an asset's record. */
export const recordPath = (key: AssetKey): string => `${OUTPUT}/${key}.record.json`;

/** Workspace path of the time at which data from outside was last asked for. */
export const observationPath = (key: AssetKey): string => `${STATE}/observations/${key}.json`;

/** Workspace path of what one run did, a JSON line for each step. */
export const outcomesPath = (runId: string): string => `${STATE}/runs/${runId}.jsonl`;

/** Workspace path of what stands for one of several places that processes share. */
export const slotPath = (name: string, slot: number): string =>
  `${STATE}/locks/${encodeURIComponent(name)}-${slot}`;

/** Workspace path of a folder for one step alone. */
export const scratchPath = (runId: string, key: AssetKey): string =>
  `${STATE}/scratch/${runId}/${groupOf(key)}.${nameOf(key)}`;

export const absolute = (root: string, workspacePath: string): string => join(root, workspacePath);
