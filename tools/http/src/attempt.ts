import { AssetError } from '@nx-assets/core';
import type { Address } from './address.ts';
import { follow } from './follow.ts';

/** What is asked, besides where. Made anew for each attempt: a signature has the time in it. */
export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

export type Attempt<T> =
  | { readonly done: T }
  /** What another attempt may fix, after `retryAfter` milliseconds where the server named a time. */
  | { readonly problem: string; readonly retryAfter?: number | undefined };

interface AttemptOptions<T> {
  readonly signal: AbortSignal;
  /** Milliseconds, the body included. */
  readonly timeout: number;
  /** Statuses that are an answer, though they say no. */
  readonly accepts?: readonly number[];
  read(response: Response): Promise<Attempt<T>>;
}

/** One request, and what `read` makes of its answer. Throws what another attempt would not fix. */
export async function attempt<T>(
  { url, name, headers: own }: Address,
  request: HttpRequest | (() => Promise<HttpRequest>),
  { signal, timeout, accepts = [], read }: AttemptOptions<T>,
): Promise<Attempt<T>> {
  const { method, headers, body = null } = typeof request === 'function' ? await request() : request;
  const limit = AbortSignal.timeout(timeout);
  try {
    const all = { method, headers: { ...own, ...headers }, body, signal: AbortSignal.any([signal, limit]) };
    const response = await follow(url, all, name);
    if (response.ok || accepts.includes(response.status)) return await read(response);
    await response.body?.cancel();
    const problem = `status ${response.status}`;
    if (response.status !== 429 && response.status < 500) {
      throw new AssetError('HTTP_FAILED', `${method} ${name}: ${problem}.`);
    }
    return { problem, retryAfter: retryAfterOf(response.headers) };
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return { problem: `no whole answer within ${timeout} ms` };
    if (error instanceof AssetError || isDiskError(error)) throw error;
    return { problem: describeNetworkError(error) };
  }
}

/** What is left to say of a body that came: whether it is all of it. */
export function wholeBody<T>({ headers }: Response, bytes: number, done: T): Attempt<T> {
  const expected = Number(headers.get('content-length') ?? bytes);
  const isPlain = !headers.has('content-encoding');
  return isPlain && bytes !== expected ? { problem: `only ${bytes} of ${expected} bytes came` } : { done };
}

/** A body in chunks, never more of it than `maxBytes`. Throws `HTTP_BODY_TOO_LARGE`. */
export async function* chunksOf(
  { body }: Response,
  maxBytes: number,
  what: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array<ArrayBuffer>>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new AssetError('HTTP_BODY_TOO_LARGE', `${what}: the body has more than ${maxBytes} bytes.`);
    }
    yield chunk;
  }
}

/** Milliseconds until the server wants to be asked again. A date is measured by the server's own clock. */
export function retryAfterOf(headers: Headers): number | undefined {
  const header = headers.get('retry-after');
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const wait = Date.parse(header) - Date.parse(headers.get('date') ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

// `fetch` fails with a TypeError and keeps the reason in its cause; a disk fails by itself.
const isDiskError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && 'code' in error;

/** What `fetch` says went wrong, in a few words. */
export function describeNetworkError(error: unknown): string {
  const { message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (message === 'terminated') return `the body was cut off (${cause?.message ?? message})`;
  return cause?.code ?? (cause?.message || message);
}
