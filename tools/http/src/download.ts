import { createWriteStream, openSync, readSync, closeSync, rmSync } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AssetError, type Logger } from '@nx-assets/core';

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly log?: Logger;
  /** For one attempt, the body included. Milliseconds; default 30 000. */
  readonly timeout?: number;
  /** Attempts after the first one. Default 3. */
  readonly retries?: number;
  /** A body may not be larger. Bytes; default 512 MiB. */
  readonly maxBytes?: number;
  /** Before the first retry; doubles with each. Milliseconds; default 250. */
  readonly backoff?: number;
  /** Between 0 and 1; stretches the waits, so that many clients do not come back at once. */
  readonly random?: () => number;
}

const MIB = 1024 * 1024;
const LONGEST_WAIT = 30_000;

/**
 * GETs a JSON document into a file, a chunk at a time in memory. Network errors, 429 and 5xx are tried again.
 *
 * Throws `HTTP_FAILED`, `HTTP_BODY_TOO_LARGE` or `HTTP_NOT_JSON`. Credentials in the address stay out of messages.
 */
export async function download(url: string, path: string, options: DownloadOptions): Promise<{ bytes: number }> {
  const { retries = 3, backoff = 250, random = Math.random } = options;
  const name = withoutSecrets(url);
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(url, path, options);
    if ('bytes' in outcome) {
      checkLooksLikeJson(path, name);
      return outcome;
    }
    rmSync(path, { force: true });
    options.signal.throwIfAborted();
    if (outcome.error) throw outcome.error;
    const attempts = attempt === 1 ? '' : ` after ${attempt} attempts`;
    if (!outcome.again || attempt > retries) {
      throw new AssetError('HTTP_FAILED', `GET ${name}: ${outcome.problem}${attempts}.`);
    }
    const wait = outcome.retryAfter ?? backoff * 2 ** (attempt - 1) * (1 + random());
    options.log?.warn(`GET ${name}: ${outcome.problem}; trying again in ${Math.round(wait)} ms`);
    await sleep(Math.min(wait, LONGEST_WAIT), undefined, { signal: options.signal });
  }
}

type Attempt =
  | { readonly bytes: number }
  | {
      readonly problem: string;
      readonly again: boolean;
      readonly retryAfter?: number | undefined;
      readonly error?: AssetError;
    };

async function tryOnce(url: string, path: string, options: DownloadOptions): Promise<Attempt> {
  const { timeout = 30_000, maxBytes = 512 * MIB } = options;
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([options.signal, limit]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const again = response.status === 429 || response.status >= 500;
      const retryAfter = secondsOf(response.headers.get('retry-after'));
      return { problem: `status ${response.status}`, again, retryAfter };
    }
    const type = response.headers.get('content-type') ?? '';
    if (type.includes('html')) {
      await response.body?.cancel();
      throw new AssetError('HTTP_NOT_JSON', `GET ${withoutSecrets(url)} answered with ${type}.`);
    }
    const bytes = await save(response, path, maxBytes, withoutSecrets(url));
    const expected = Number(response.headers.get('content-length') ?? bytes);
    const isPlain = !response.headers.has('content-encoding');
    if (isPlain && bytes !== expected) return { problem: `${bytes} of ${expected} bytes came`, again: true };
    return { bytes };
  } catch (error) {
    if (error instanceof AssetError) return { problem: '', again: false, error };
    if (limit.aborted) return { problem: `no answer within ${timeout} ms`, again: true };
    return { problem: describeNetworkError(error), again: true };
  }
}

async function save(response: Response, path: string, maxBytes: number, name: string): Promise<number> {
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) return done(null, chunk);
      done(new AssetError('HTTP_BODY_TOO_LARGE', `GET ${name} gives more than ${maxBytes} bytes.`));
    },
  });
  const body = response.body ? Readable.fromWeb(response.body) : Readable.from([]);
  await pipeline(body, guard, createWriteStream(path));
  return bytes;
}

/** `Retry-After` in milliseconds, where it is given in seconds. */
function secondsOf(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header) ? Number(header) * 1000 : undefined;
}

/** A page of markup is what proxies and login walls answer with. */
function checkLooksLikeJson(path: string, name: string): void {
  const start = Buffer.alloc(256);
  const file = openSync(path, 'r');
  const size = readSync(file, start);
  closeSync(file);
  if (start.toString('utf8', 0, size).trimStart().startsWith('<')) {
    rmSync(path, { force: true });
    throw new AssetError('HTTP_NOT_JSON', `GET ${name} answered with a page of markup.`);
  }
}

function describeNetworkError(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  return cause?.code ?? (cause?.message || message);
}

function withoutSecrets(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    return 'an address that is none';
  }
}
