import { createHash } from 'node:crypto';
import { AssetError } from '@nx-assets/core';
import { type Address, follow, parseAddress } from '@nx-assets/http';
import type { Observation, Source } from './source.ts';

export interface UrlOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** For one request, the body included. Milliseconds; default 30 000. */
  readonly timeout?: number;
}

/**
 * What lies at an address: by its ETag; where it has none, by when it was modified; and where it says neither, by the
 * bytes of the answer. Asks for the head alone where that is enough.
 */
export function url(address: string | (() => string), options: UrlOptions = {}): Source {
  return {
    async observe({ signal }) {
      const parsed = parseAddress(typeof address === 'string' ? address : address());
      const ask = (method: 'HEAD' | 'GET') => request(method, parsed, options, signal);
      const head = await ask('HEAD');
      // Some answer every HEAD with a refusal.
      const seen = head.ok ? seenIn(head.headers) : null;
      if (seen) return { source: parsed.name, ...seen };
      const response = await ask('GET');
      if (!response.ok) throw new AssetError('HTTP_FAILED', `GET ${parsed.name}: status ${response.status}.`);
      const found = seenIn(response.headers);
      if (found) {
        await response.body?.cancel();
        return { source: parsed.name, ...found };
      }
      return { source: parsed.name, ...(await hashOf(response, parsed.name)), by: 'content' };
    },
  };
}

async function request(
  method: 'HEAD' | 'GET',
  { url: target, headers, name }: Address,
  options: UrlOptions,
  signal: AbortSignal,
): Promise<Response> {
  const limit = AbortSignal.timeout(options.timeout ?? 30_000);
  try {
    const all = { ...headers, ...options.headers };
    return await follow(target, { method, headers: all, signal: AbortSignal.any([signal, limit]) }, name);
  } catch (error) {
    signal.throwIfAborted();
    throw failed(`${method} ${name}`, error);
  }
}

function seenIn(headers: Headers): Pick<Observation, 'version' | 'by' | 'modifiedAt' | 'bytes'> | null {
  const etag = headers.get('etag');
  const modified = headers.get('last-modified');
  const length = headers.get('content-length');
  const time = Date.parse(modified ?? '');
  const facts = {
    modifiedAt: Number.isNaN(time) ? null : new Date(time).toISOString(),
    bytes: length === null ? null : Number(length),
  };
  if (etag) return { ...facts, version: etag, by: 'etag' };
  return modified ? { ...facts, version: modified, by: 'last-modified' } : null;
}

async function hashOf(response: Response, name: string): Promise<{ version: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  } catch (error) {
    throw failed(`GET ${name}`, error);
  }
  return { version: hash.digest('hex'), bytes };
}

function failed(what: string, error: unknown): AssetError {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return new AssetError('HTTP_FAILED', `${what}: ${cause?.code ?? message}.`, { cause: error });
}
