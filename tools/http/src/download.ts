import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type Logger } from '@nx-assets/core';
import { parseAddress } from './address.ts';
import { attempt } from './attempt.ts';

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly log?: Logger;
  /** For one attempt, the body included. Milliseconds; default 30 000. */
  readonly timeout?: number;
  /** Attempts after the first one. Default 3. */
  readonly retries?: number;
  /** A body may not be larger, unpacked. Bytes; default 512 MiB. */
  readonly maxBytes?: number;
  /** Before the first retry; doubles with each. Milliseconds; default 250. */
  readonly backoff?: number;
  /** Between 0 and 1; stretches the waits, so that many clients do not come back at once. */
  readonly random?: () => number;
}

const MIB = 1024 * 1024;
/** Whatever `Retry-After` says: a run that hangs for an hour helps nobody. */
const LONGEST_WAIT = 30_000;

/**
 * GETs a JSON document into a file, a chunk at a time in memory. Network errors, cut off bodies, 429 and 5xx are
 * tried again, after a wait that doubles or that the server names.
 *
 * Credentials in the address are sent as a header, and they and the query stay out of messages.
 * Throws `HTTP_FAILED`, `HTTP_BODY_TOO_LARGE` or `HTTP_NOT_JSON`, and leaves no file then.
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions,
): Promise<{ bytes: number }> {
  const {
    signal,
    retries = 3,
    backoff = 250,
    timeout = 30_000,
    maxBytes = 512 * MIB,
    random = Math.random,
  } = options;
  const address = parseAddress(url);
  try {
    for (let attempts = 1; ; attempts++) {
      const outcome = await attempt(address, path, { signal, timeout, maxBytes });
      if ('bytes' in outcome) {
        checkLooksLikeJson(path, address.name);
        return outcome;
      }
      const { problem, retryAfter } = outcome;
      if (attempts > retries) {
        const count = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
        throw new AssetError('HTTP_FAILED', `GET ${address.name}: ${problem}, after ${count}.`);
      }
      const wait = Math.min(retryAfter ?? backoff * 2 ** (attempts - 1) * (1 + random()), LONGEST_WAIT);
      options.log?.warn(`GET ${address.name}: ${problem}; trying again in ${Math.round(wait)} ms`);
      await sleep(wait, undefined, { signal });
    }
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

/** A page of markup is what proxies and login walls answer with, whatever they call it. */
function checkLooksLikeJson(path: string, name: string): void {
  const start = Buffer.alloc(256);
  const file = openSync(path, 'r');
  const size = readSync(file, start);
  closeSync(file);
  if (start.toString('utf8', 0, size).trimStart().startsWith('<')) {
    throw new AssetError('HTTP_NOT_JSON', `GET ${name}: the body is a page of markup.`);
  }
}
