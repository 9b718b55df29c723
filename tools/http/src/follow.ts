import { AssetError } from '@nx-assets/core';

/** As many as browsers follow. */
const MOST = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** What another server may know of a request: anything else may be, or be signed with, a secret. */
const HARMLESS = new Set(['accept', 'accept-encoding', 'accept-language', 'range', 'user-agent']);

export interface FollowedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer> | null;
  readonly signal: AbortSignal;
}

/**
 * Asks, and goes where the server sends it. To another origin go neither headers that may be secret nor a body. `name` stands
 * for the address in messages. Throws `HTTP_FAILED` where a body would have to go to another origin, or the way has no end.
 */
export async function follow(
  url: string,
  { method, headers, body = null, signal }: FollowedRequest,
  name: string,
): Promise<Response> {
  let target = new URL(url);
  let request = { method, headers, body };
  for (let hops = 0; hops <= MOST; hops++) {
    const response = await fetch(target, { ...request, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (!REDIRECTS.has(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = targetOf(location, target);
    if (next === null) throw failed(`${method} ${name}: it redirects to no address.`);
    // As browsers do: only 307 and 308 say that the same is to be asked again.
    const keepsMethod = response.status === 307 || response.status === 308 || isSafe(request.method);
    request = keepsMethod ? request : { ...request, method: 'GET', body: null };
    if (next.origin !== target.origin) {
      if (request.body !== null)
        throw failed(`${method} ${name}: it redirects to ${next.origin}, and a body does not go there.`);
      request = { ...request, headers: harmless(request.headers) };
    }
    target = next;
  }
  throw failed(`${method} ${name}: it redirects more than ${MOST} times.`);
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD';

const failed = (facts: string): AssetError => new AssetError('HTTP_FAILED', facts);

const harmless = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([header]) => HARMLESS.has(header.toLowerCase())));

/** Credentials in a `location` are none of ours. */
function targetOf(location: string, base: URL): URL | null {
  if (!URL.canParse(location, base.href)) return null;
  const url = new URL(location, base);
  url.username = '';
  url.password = '';
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}
