import { join } from 'node:path';
import { AssetError, type JsonDocument, type Logger, resource } from '@nx-assets/core';
import { download, type DownloadOptions } from '@nx-assets/http';
import { serveEmbedded } from './embedded.ts';
import { limitsOf } from './limits.ts';

/** The API's collections, each as a document on disk. */
export interface JsonPlaceholder {
  collection(
    name: 'users' | 'posts',
    step: { readonly scratch: string; readonly signal: AbortSignal; readonly log: Logger },
  ): Promise<JsonDocument>;
  /** Stops what serves the embedded data. */
  close(): Promise<void>;
}

/**
 * The JSONPlaceholder API: the one at `JSONPLACEHOLDER_URL`, otherwise its real data set, embedded and served
 * over HTTP on loopback.
 */
export const jsonplaceholder = resource<JsonPlaceholder>({
  description: 'The JSONPlaceholder API',
  env: ['JSONPLACEHOLDER_URL'],
  async open({ env, announce }) {
    const limits = limitsOf(env);
    const given = env.JSONPLACEHOLDER_URL?.trim();
    if (given) {
      const base = parseAddress(given);
      announce(`JSONPlaceholder: ${withoutSecrets(base)}`);
      return client(base, limits, async () => undefined);
    }
    const server = await serveEmbedded();
    announce('JSONPlaceholder: the embedded data set (set JSONPLACEHOLDER_URL to use an API)');
    return client(parseAddress(server.url), limits, server.close);
  },
  close: (api) => api.close(),
});

const client = (
  base: URL,
  limits: Partial<DownloadOptions>,
  close: () => Promise<void>,
): JsonPlaceholder => ({
  async collection(name, { scratch, signal, log }) {
    const path = join(scratch, `${name}.json`);
    const url = new URL(base);
    url.pathname = `${base.pathname.replace(/\/+$/, '')}/${name}`;
    await download(url.href, path, { ...limits, signal, log });
    return { type: 'json-document', path, source: withoutSecrets(url), uniqueBy: 'id' };
  },
  close,
});

function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new AssetError('ASSET_OPTION_INVALID', 'JSONPLACEHOLDER_URL is not an http or https address.', {
      remedy: 'Set it to something like http://host/path, or unset it to use the embedded data.',
    });
  }
  return url;
}

/** The address without what nobody should read in a log: credentials, and tokens in the query. */
const withoutSecrets = ({ origin, pathname }: URL): string => `${origin}${pathname.replace(/\/+$/, '')}`;
