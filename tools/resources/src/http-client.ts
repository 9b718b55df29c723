import { AssetError, type Json, resource, type Resource, type ResourceScope } from '@nx-assets/core';
import { parseAddress, request, type RequestOptions } from '@nx-assets/http';
import { z } from 'zod';
import { asking, ASKING, type Definition } from './definition.ts';

const isPlain = (address: string): boolean => {
  const { username, password, search, hash } = new URL(address);
  return [username, password, search, hash].every((part) => part === '');
};

const config = z.object({
  /** Paths are below it. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isPlain, 'a user, a password, a query or a fragment is no part of it'),
  /** Sent as a bearer token. */
  token: z.string().min(1).optional(),
  headers: z.record(z.string(), z.string()).default({}),
  ...asking,
});

type Config = z.output<typeof config>;

export interface HttpClient {
  /** The JSON at a path, checked. Asked again after network errors, 429 and 5xx. */
  get<S extends z.ZodType>(path: string, schema: S, options?: GetOptions): Promise<z.output<S>>;
  /** Sends JSON. Asked once, unless another time does no harm. */
  post<S extends z.ZodType>(path: string, body: Json, schema: S, options?: PostOptions): Promise<z.output<S>>;
}

export interface GetOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
}

export interface PostOptions extends GetOptions {
  /** The server does the same thing twice without harm, so that it may be asked again. */
  readonly idempotent?: boolean;
}

/**
 * A client of an HTTP API that speaks JSON. Its methods throw `HTTP_FAILED`, `HTTP_BODY_TOO_LARGE`, `HTTP_NOT_JSON`, or
 * `VALUE_INVALID` for an answer that does not fit. No message holds a token, a header or a query.
 */
export const httpClient = (definition: Definition<typeof config>): Resource<HttpClient> =>
  resource({
    description: definition.description,
    config,
    values: definition.values,
    dataFree: [...ASKING, ...(definition.dataFree ?? [])],
    open({ config, signal, secret, log }) {
      if (config.token !== undefined) secret(config.token);
      return clientOf(config, { signal, log });
    },
  });

function clientOf(
  { baseUrl, token, headers: own, ...options }: Config,
  scope: Pick<ResourceScope, 'signal' | 'log'>,
): HttpClient {
  const headers = {
    accept: 'application/json',
    ...own,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const ask = async <S extends z.ZodType>(
    method: string,
    url: string,
    body: Json | undefined,
    schema: S,
    more: Partial<RequestOptions> = {},
  ): Promise<z.output<S>> => {
    const address = parseAddress(url);
    const sent =
      body === undefined ? { headers } : { headers: withType(headers), body: JSON.stringify(body) };
    const { bytes } = await request(address, method, sent, { ...options, ...more, ...scope });
    return validated(parse(bytes, `${method} ${address.name}`), schema, `${method} ${address.name}`);
  };
  return {
    get: (path, schema, { query } = {}) => ask('GET', urlOf(baseUrl, path, query), undefined, schema),
    post: (path, body, schema, { query, idempotent = false } = {}) =>
      ask('POST', urlOf(baseUrl, path, query), body, schema, idempotent ? {} : { retries: 0 }),
  };
}

const withType = (headers: Readonly<Record<string, string>>) => ({
  ...headers,
  'content-type': 'application/json',
});

/** Always below the base: a path from elsewhere must not carry the token to another server. */
function urlOf(base: string, path: string, query: GetOptions['query'] = {}): string {
  const folder = new URL(base);
  if (!folder.pathname.endsWith('/')) folder.pathname += '/';
  const url = new URL(folder);
  const target = URL.canParse(`./${path.replace(/^\/+/, '')}`, folder.href)
    ? new URL(`./${path.replace(/^\/+/, '')}`, folder.href)
    : null;
  if (target?.origin !== folder.origin || !target.pathname.startsWith(folder.pathname)) {
    throw new AssetError('HTTP_FAILED', 'A path leads out of the base address.', {
      remedy: 'Give a path below `baseUrl`, or another resource for the other address.',
    });
  }
  url.pathname = target.pathname;
  url.search = target.search === '' ? folder.search : target.search;
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

function parse(bytes: Buffer, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // What the parser says quotes the body, which nobody has looked at.
    throw new AssetError('HTTP_NOT_JSON', `${what}: the body is no JSON.`);
  }
}

function validated<S extends z.ZodType>(value: unknown, schema: S, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.map(String).join('.') || 'the answer';
  throw new AssetError('VALUE_INVALID', `${what}: ${at}: ${issue?.message}.`);
}
