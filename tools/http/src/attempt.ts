import { closeSync, openSync, writeSync } from 'node:fs';
import { AssetError } from '@nx-assets/core';
import type { Address } from './address.ts';

export interface AttemptLimits {
  readonly signal: AbortSignal;
  /** Milliseconds, the body included. */
  readonly timeout: number;
  readonly maxBytes: number;
}

export type Attempt =
  | { readonly bytes: number }
  /** What another attempt may mend, after `retryAfter` milliseconds where the server named a time. */
  | { readonly problem: string; readonly retryAfter?: number | undefined };

/** One GET into a file. Throws what another attempt would not mend. */
export async function attempt(address: Address, path: string, limits: AttemptLimits): Promise<Attempt> {
  const { signal, timeout, maxBytes } = limits;
  const { name } = address;
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(address.url, {
      headers: { accept: 'application/json', ...address.headers },
      signal: AbortSignal.any([signal, limit]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      const problem = `status ${response.status}`;
      if (response.status !== 429 && response.status < 500) {
        throw new AssetError('HTTP_FAILED', `GET ${name}: ${problem}.`);
      }
      return { problem, retryAfter: retryAfterOf(response.headers) };
    }
    const type = response.headers.get('content-type') ?? '';
    if (/\bx?html\b/i.test(type)) {
      await response.body?.cancel();
      throw new AssetError('HTTP_NOT_JSON', `GET ${name}: status ${response.status}, but ${type}.`);
    }
    const bytes = await save(response, path, maxBytes, name);
    const expected = Number(response.headers.get('content-length') ?? bytes);
    const isPlain = !response.headers.has('content-encoding');
    if (isPlain && bytes !== expected) return { problem: `only ${bytes} of ${expected} bytes came` };
    return { bytes };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { problem: `no whole answer within ${timeout} ms` };
    if (error instanceof AssetError || isDiskError(error)) throw error;
    return { problem: describe(error) };
  }
}

/** Each chunk goes to the file as it comes: streams between would cost as much again as the transfer. */
async function save(response: Response, path: string, maxBytes: number, name: string): Promise<number> {
  const file = openSync(path, 'w');
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        throw new AssetError('HTTP_BODY_TOO_LARGE', `GET ${name}: the body has more than ${maxBytes} bytes.`);
      }
      for (let at = 0; at < chunk.length;) at += writeSync(file, chunk, at);
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}

/** Milliseconds until the server wants to be asked again. A date is measured by the server's own clock. */
function retryAfterOf(headers: Headers): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const wait = Date.parse(header) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

// `fetch` fails with a TypeError and keeps the reason in its cause; a disk fails by itself.
const isDiskError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && 'code' in error;

function describe(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (message === 'terminated') return `the body was cut off (${cause?.message ?? message})`;
  return cause?.code ?? (cause?.message || message);
}
