import { AssetError } from '@nx-assets/core';

/** An address in two parts: what is asked for, and what may be read by anyone. */
export interface Address {
  /** Without credentials: `fetch` refuses them there. */
  readonly url: string;
  /** Credentials of the address, as a header. */
  readonly headers: Readonly<Record<string, string>>;
  /** For messages and logs: neither credentials nor the query, where tokens like to be. */
  readonly name: string;
}

/** Throws `HTTP_FAILED` for what is no http or https address, without repeating it: it may hold a secret. */
export function parseAddress(text: string): Address {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new AssetError('HTTP_FAILED', 'The address is not an http or https address.');
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const name = `${url.origin}${url.pathname}`;
  if (username === '' && password === '') return { url: url.href, headers: {}, name };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: url.href,
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    name,
  };
}
