import { AssetError, milliseconds } from '@nx-assets/core';
import type { DownloadOptions } from '@nx-assets/http';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * How patient a request is, from the environment: `JSONPLACEHOLDER_TIMEOUT` (for one attempt, such as `10s`),
 * `JSONPLACEHOLDER_RETRIES` and `JSONPLACEHOLDER_MAX_BYTES`. What is not set is left to the download.
 *
 * They change whether data arrives and never what data, so the resource does not declare them: setting one
 * makes no asset run again.
 */
export function limitsOf(env: Env): Pick<DownloadOptions, 'timeout' | 'retries' | 'maxBytes'> {
  const timeout = duration(env, 'JSONPLACEHOLDER_TIMEOUT');
  const retries = wholeNumber(env, 'JSONPLACEHOLDER_RETRIES');
  const maxBytes = wholeNumber(env, 'JSONPLACEHOLDER_MAX_BYTES');
  return {
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  };
}

/** What a timer can wait: from a millisecond to 24 days. */
const LONGEST = 2 ** 31 - 1;

function duration(env: Env, name: string): number | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  try {
    return Math.min(Math.max(1, Math.round(milliseconds(text))), LONGEST);
  } catch (cause) {
    throw new AssetError('ASSET_OPTION_INVALID', `${name} is "${text}", which is not a duration.`, {
      remedy: 'Set it to a number with a unit, such as 10s, or unset it.',
      cause,
    });
  }
}

function wholeNumber(env: Env, name: string): number | undefined {
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new AssetError('ASSET_OPTION_INVALID', `${name} is "${text}", which is not a whole number.`, {
    remedy: 'Set it to a number such as 3, or unset it.',
  });
}
