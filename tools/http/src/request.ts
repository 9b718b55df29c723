import type { Address } from './address.ts';
import { attempt, chunksOf, type HttpRequest, wholeBody } from './attempt.ts';
import { type RetryOptions, withRetries } from './retry.ts';

export interface RequestOptions extends RetryOptions {
  /** For one attempt, the body included. Milliseconds. */
  readonly timeout: number;
  /** A body may not be larger, unpacked. */
  readonly maxBytes: number;
  /** Statuses that are an answer, though they say no. Others but 2xx are refused. */
  readonly accepts?: readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/**
 * Asks, and gives the whole answer in memory. Network errors, cut off bodies, 429 and 5xx are tried again.
 * `request` may be a function that makes it for each attempt. Throws `HTTP_FAILED` or `HTTP_BODY_TOO_LARGE`.
 */
export function request(
  address: Address,
  method: string,
  asked: Omit<HttpRequest, 'method'> | (() => Promise<Omit<HttpRequest, 'method'>>),
  { accepts = [], timeout, maxBytes, ...retry }: RequestOptions,
): Promise<Answer> {
  const what = `${method} ${address.name}`;
  const make = async () => ({ ...(typeof asked === 'function' ? await asked() : asked), method });
  const read = async (response: Response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of chunksOf(response, maxBytes, what)) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { status, headers } = response;
    const answer = { status, headers, bytes };
    return method === 'HEAD' ? { done: answer } : wholeBody(response, bytes.length, answer);
  };
  return withRetries(
    what,
    () => attempt(address, make, { signal: retry.signal, timeout, accepts, read }),
    retry,
  );
}
