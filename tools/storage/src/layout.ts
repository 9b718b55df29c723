import { join } from 'node:path';
import { type AssetKey, groupOf, nameOf, type OutputManifest, PARTITION_IN_PATH } from '@nx-assets/core/data';

/** Workspace path of the folder that holds what was materialized. */
export const OUTPUT = 'output';
/** Workspace path of the folder for what can be made again: manifests, observations, run outcomes. */
export const STATE = '.nx/nx-assets';

const EXTENSION = { table: 'parquet', json: 'json' } as const;

/** Workspace path of an asset's value, or of that of one partition. The one place that decides it. */
export function valuePath(
  key: AssetKey,
  output: { type: OutputManifest['type']; path?: string },
  partition: string | null = null,
): string {
  if (output.type !== 'file') return `${placeOf(key, partition)}.${EXTENSION[output.type]}`;
  const path = `${OUTPUT}/${output.path}`;
  return partition === null ? path : path.replaceAll(PARTITION_IN_PATH, fileName(partition));
}

/** Workspace path of an asset's record, or of that of one partition. */
export const recordPath = (key: AssetKey, partition: string | null = null): string =>
  `${placeOf(key, partition)}${RECORD}`;

/** A key that stands for any, and that no file name changes. */
const ANY = 'any-partition';

/** The places of all partitions of an asset as one path: `placeholder` is where the file name of a partition goes. */
export const partitionPaths = (
  key: AssetKey,
  output: { type: OutputManifest['type']; path?: string },
  placeholder: string,
): { readonly value: string; readonly record: string } => ({
  value: valuePath(key, output, ANY).replaceAll(ANY, placeholder),
  record: recordPath(key, ANY).replaceAll(ANY, placeholder),
});

/** Workspace path of the folder in which the partitions of an asset lie. */
export const partitionsFolder = (key: AssetKey): string => `${OUTPUT}/${key}`;

const RECORD = '.record.json';

const placeOf = (key: AssetKey, partition: string | null): string =>
  partition === null ? `${OUTPUT}/${key}` : `${partitionsFolder(key)}/${fileName(partition)}`;

/** What every disk takes. */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_+-]*$/;

/**
 * What the files of a partition are called: its key, with every character escaped that some disk does not take. The
 * slash between two dimensions makes a folder.
 */
export const fileName = (partition: string): string =>
  PLAIN.test(partition) ? partition : escaped(partition);

const escaped = (partition: string): string =>
  partition
    .split('/')
    .map((part) =>
      encodeURIComponent(part)
        .replaceAll('%2B', '+')
        .replace(
          /^\.|[!'()*~]|\.(?=record$)|\.$/g,
          (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
        ),
    )
    .join('/');

/** Workspace path of the keys of a dynamic set of partitions. Nothing else has them, so it is no state. */
export const dynamicKeysPath = (name: string): string => `${OUTPUT}/.partitions/${name}.json`;

/** Workspace path of what the records of an asset's partitions say, in short. */
export const recordIndexPath = (key: AssetKey): string => `${STATE}/partitions/${key}.json`;

/** Workspace path of what a backfill is to do. */
export const backfillPath = (id: string): string => `${STATE}/backfills/${id}.json`;

/** Workspace path of the time at which data from outside was last asked for. */
export const observationPath = (key: AssetKey): string => `${STATE}/observations/${key}.json`;

/** Workspace path of what one run did, a JSON line for each step. */
export const outcomesPath = (runId: string): string => `${STATE}/runs/${runId}.jsonl`;

/** Workspace path of a message that was not delivered yet. */
export const outboxPath = (id: string): string => `${STATE}/outbox/${id}.json`;

/** Workspace path of what stands for one of several places that processes share. */
export const lockPath = (name: string, slot: number): string =>
  `${STATE}/locks/${encodeURIComponent(name)}-${slot}`;

/** Workspace path of a folder for one step alone. */
export const scratchPath = (runId: string, key: AssetKey, partition: string | null = null): string =>
  `${STATE}/scratch/${runId}/${groupOf(key)}.${nameOf(key)}${partition === null ? '' : `/${fileName(partition)}`}`;

/** Workspace path of the token that signs browsers in to the console. */
export const CONSOLE_TOKEN = `${STATE}/console-token`;

/** Workspace path of what the process of a request says. */
export const requestLogPath = (id: string): string => `${STATE}/automation/${encodeURIComponent(id)}.log`;

/** Workspace path of the partitions that a request is about, where they are many. */
export const requestPartitionsPath = (id: string): string =>
  `${STATE}/automation/${encodeURIComponent(id)}.partitions`;

export const absolute = (root: string, workspacePath: string): string => join(root, workspacePath);
