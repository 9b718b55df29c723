import type { Sent } from '@nx-assets/core';
import { type Address, describeNetworkError, retryAfterOf } from '@nx-assets/http';

/** What another attempt may fix, besides what servers are to blame for. */
const LATER = new Set([408, 425, 429]);

/** One POST of a JSON document. Never throws. */
export async function post(
  address: Address,
  body: string,
  headers: Readonly<Record<string, string>>,
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<Sent> {
  // What comes after the host is often the secret.
  const { host } = new URL(address.url);
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(address.url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...address.headers, ...headers },
      // A signed message goes to whom it is addressed, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    await response.body?.cancel();
    if (response.ok) return { status: 'delivered' };
    const problem = `${host} answered with status ${response.status}`;
    if (response.status < 500 && !LATER.has(response.status)) return { status: 'refused', problem };
    return { status: 'failed', problem, retryAfter: retryAfterOf(response.headers) };
  } catch (error) {
    if (signal.aborted) return { status: 'failed', problem: `${host} did not answer in time` };
    if (limit.aborted) return { status: 'failed', problem: `${host} did not answer within ${timeout} ms` };
    return { status: 'failed', problem: `${host}: ${describeNetworkError(error)}` };
  }
}
