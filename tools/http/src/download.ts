import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { AssetError } from '@nx-assets/core';
import { parseAddress } from './address.ts';
import { attempt, chunksOf, wholeBody } from './attempt.ts';
import { type RetryOptions, withRetries } from './retry.ts';

export interface DownloadOptions extends RetryOptions {
  /** For one attempt, the body included. Milliseconds; default 30 000. */
  readonly timeout?: number;
  /** A body may not be larger, unpacked. Bytes; default 512 MiB. */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;

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
  { timeout = 30_000, maxBytes = 512 * MIB, ...retry }: DownloadOptions,
): Promise<{ bytes: number }> {
  const address = parseAddress(url);
  const what = `GET ${address.name}`;
  const request = { method: 'GET', headers: { accept: 'application/json' } };
  const read = async (response: Response) => {
    await refuseMarkup(response, what);
    const bytes = await save(response, path, maxBytes, what);
    return wholeBody(response, bytes, { bytes });
  };
  try {
    const { signal } = retry;
    const done = await withRetries(what, () => attempt(address, request, { signal, timeout, read }), retry);
    checkLooksLikeJson(path, address.name);
    return done;
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

async function refuseMarkup({ headers, status, body }: Response, what: string): Promise<void> {
  const type = headers.get('content-type') ?? '';
  if (!/\bx?html\b/i.test(type)) return;
  await body?.cancel();
  throw new AssetError('HTTP_NOT_JSON', `${what}: status ${status}, but ${type}.`);
}

/** Each chunk goes to the file as it comes: streams between would cost as much again as the transfer. */
async function save(response: Response, path: string, maxBytes: number, what: string): Promise<number> {
  const file = openSync(path, 'w');
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(response, maxBytes, what)) {
      bytes += chunk.length;
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
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
