import { AssetError } from '@nx-assets/core';
import type { Query } from '../api.ts';

/** A whole number of a query. Throws `COMMAND_INVALID` for what is none. */
export function numberIn(query: Query, name: string, otherwise: number, most: number): number {
  const text = query[name];
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0)
    throw new AssetError('COMMAND_INVALID', `${name} is no whole number.`);
  return Math.min(number, most);
}

const STATUSES = ['running', 'succeeded', 'failed', 'cancelled', 'lost'] as const;

/** The status of runs that a query names. Throws `COMMAND_INVALID` for what is none. */
export function statusIn(text: string): (typeof STATUSES)[number] {
  const status = STATUSES.find((one) => one === text);
  if (!status) throw new AssetError('COMMAND_INVALID', `Unknown status "${text}".`);
  return status;
}
