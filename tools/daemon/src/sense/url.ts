import { createHash } from 'node:crypto';
import { AssetError } from '@nx-assets/core';
import { FIRST, type Sense, UNCHANGED } from './scope.ts';

/** What tells one state of an address from another. */
type Cursor = {
  readonly by: 'ETag' | 'Last-Modified' | 'bytes';
  readonly version: string;
};

const HEADERS = { ETag: 'if-none-match', 'Last-Modified': 'if-modified-since' } as const;

/**
 * Whether something else lies at an address. Names what it has seen, so that a server which knows that answers 304 and
 * sends nothing. Throws `HTTP_FAILED`.
 */
export const senseUrl: Sense<'url'> = async ({ address }, cursor, { signal }) => {
  const was = cursor as Cursor | undefined;
  const condition = was && was.by !== 'bytes' ? { [HEADERS[was.by]]: was.version } : {};
  const target = new URL(address);
  // The query is where tokens like to be.
  const name = `${target.origin}${target.pathname}`;
  const response = await ask(target, condition, name, signal);
  if (response.status === 304 && was) {
    await response.body?.cancel();
    return { because: `${UNCHANGED}: 304, by its ${was.by}` };
  }
  if (!response.ok) {
    await response.body?.cancel();
    throw new AssetError('HTTP_FAILED', `GET ${name}: status ${response.status}.`);
  }
  const seen = await seenIn(response, name);
  if (was === undefined) return { cursor: seen, because: FIRST };
  if (seen.by === was.by && seen.version === was.version)
    return { because: `${UNCHANGED}, by its ${seen.by}` };
  return { cursor: seen, requests: [{ because: `it has changed, by its ${seen.by}` }] };
};

async function ask(
  target: URL,
  headers: Readonly<Record<string, string>>,
  name: string,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(target, { headers, signal });
  } catch (error) {
    throw failed(name, error);
  }
}

async function seenIn(response: Response, name: string): Promise<Cursor> {
  for (const by of ['ETag', 'Last-Modified'] as const) {
    const version = response.headers.get(by);
    if (version === null) continue;
    await response.body?.cancel();
    return { by, version };
  }
  const hash = createHash('sha256');
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) hash.update(chunk);
  } catch (error) {
    throw failed(name, error);
  }
  return { by: 'bytes', version: hash.digest('hex') };
}

function failed(name: string, error: unknown): AssetError {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return new AssetError('HTTP_FAILED', `GET ${name}: ${cause?.code ?? message}.`, { cause: error });
}
