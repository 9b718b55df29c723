import { AssetError } from '@nx-assets/core';
import type { RunRequest } from './wire/index.ts';

const wrong = (facts: string) => new AssetError('COMMAND_INVALID', facts);

/**
 * What a page asks to run, each part looked at. Whether such assets and partitions exist is for whoever starts it.
 *
 * Throws `COMMAND_INVALID`.
 */
export function requestFrom(given: unknown): RunRequest {
  if (typeof given !== 'object' || given === null) throw wrong('The request is no object.');
  const { assets, partition, only, force, refresh, job, again } = given as Readonly<Record<string, unknown>>;
  const isList = Array.isArray(assets) && assets.every((key) => typeof key === 'string');
  if (!isList && assets !== 'all' && assets !== 'stale')
    throw wrong('`assets` is a list of keys, "all" or "stale".');
  if (partition !== undefined && typeof partition !== 'string') throw wrong('`partition` is a text.');
  if (only !== undefined && only !== 'missing' && only !== 'stale' && only !== 'failed')
    throw wrong('`only` is "missing", "stale" or "failed".');
  if (job !== undefined && typeof job !== 'string') throw wrong('`job` is a text.');
  if (again !== undefined && typeof again !== 'string') throw wrong('`again` is the id of a run.');
  return {
    assets: isList ? (assets as string[]) : assets,
    ...(partition === undefined ? {} : { partition }),
    ...(only === undefined ? {} : { only }),
    ...(job === undefined ? {} : { job }),
    ...(again === undefined ? {} : { again }),
    force: force === true,
    refresh: refresh === true,
  };
}
