import { createHash } from 'node:crypto';
import type { ResourceScope } from '@nx-assets/core';
import { type Answer, parseAddress, request } from '@nx-assets/http';
import { AwsV4Signer } from 'aws4fetch';
import { byKey, checkKey } from './object-key.ts';
import type { ObjectInfo, ObjectStore } from './object-client.ts';
import type { StoreConfig } from './object-store-config.ts';

/** A bucket, or what is below a prefix of one. Every request is signed, its body included. */
export function openS3(config: StoreConfig, scope: Pick<ResourceScope, 'signal' | 'log'>): ObjectStore {
  const { bucket, prefix } = placeOf(config.url);
  const base = (config.endpoint ?? `https://s3.${config.region}.amazonaws.com`).replace(/\/+$/, '');
  const folder = `${base}/${encode(bucket)}`;
  const urlOf = (key: string) =>
    `${folder}/${[...prefix, ...checkKey(key).split('/')].map(encode).join('/')}`;

  const ask = (method: string, url: string, content?: string | Uint8Array): Promise<Answer> => {
    const body = content === undefined ? undefined : Uint8Array.from(Buffer.from(content));
    const sign = async () => {
      const signed = await new AwsV4Signer({
        method,
        url,
        service: 's3',
        region: config.region,
        accessKeyId: config.accessKeyId ?? '',
        secretAccessKey: config.secretAccessKey ?? '',
        ...(config.sessionToken === undefined ? {} : { sessionToken: config.sessionToken }),
        headers: { 'x-amz-content-sha256': sha256(body ?? '') },
      }).sign();
      const headers = Object.fromEntries(signed.headers);
      return body === undefined ? { headers } : { headers, body };
    };
    const { timeout, retries, backoff, maxBytes } = config;
    const accepts = method === 'PUT' || url.includes('?list-type=') ? [] : [404];
    return request(parseAddress(url), method, sign, {
      timeout,
      retries,
      backoff,
      maxBytes,
      accepts,
      ...scope,
    });
  };
  const get = async (key: string) => {
    const { status, headers, bytes } = await ask('GET', urlOf(key));
    return status === 404 ? null : { key, size: bytes.length, etag: etagOf(headers), bytes };
  };
  return {
    get,
    async head(key) {
      const { status, headers } = await ask('HEAD', urlOf(key));
      if (status === 404) return null;
      return { key, size: Number(headers.get('content-length')), etag: etagOf(headers) };
    },
    async put(key, content) {
      const { headers } = await ask('PUT', urlOf(key), content);
      return { key, size: Buffer.byteLength(content), etag: etagOf(headers) };
    },
    async list(wanted = '') {
      const root = prefix.map((part) => `${part}/`).join('');
      const found: ObjectInfo[] = [];
      for (let token: string | null = ''; token !== null;) {
        const next: string = token === '' ? '' : `&continuation-token=${encode(token)}`;
        const query = `list-type=2&encoding-type=url&prefix=${encode(root + wanted)}${next}`;
        const page = (await ask('GET', `${folder}?${query}`)).bytes.toString('utf8');
        found.push(...objectsOf(page).map((one) => ({ ...one, key: one.key.slice(root.length) })));
        token = textOf(page, 'NextContinuationToken');
      }
      return found.sort(byKey);
    },
    async delete(key) {
      await ask('DELETE', urlOf(key));
    },
  };
}

function placeOf(url: string): { bucket: string; prefix: string[] } {
  const [bucket = '', ...prefix] = url.slice('s3://'.length).split('/').filter(Boolean);
  return { bucket, prefix };
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

/** As a signature counts it: more is escaped than JavaScript does. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const etagOf = (headers: Headers): string => (headers.get('etag') ?? '').replaceAll('"', '');

/** Keys are asked for URL-encoded, so no text that a client has made is in this XML: no parser is needed. */
const objectsOf = (page: string): ObjectInfo[] =>
  [...page.matchAll(/<Contents>([\s\S]*?)<\/Contents>/g)].map(([, one = '']) => ({
    key: decodeURIComponent((textOf(one, 'Key') ?? '').replaceAll('+', ' ')),
    size: Number(textOf(one, 'Size')),
    etag: (textOf(one, 'ETag') ?? '').replaceAll('&quot;', '').replaceAll('&#34;', '').replaceAll('"', ''),
  }));

const textOf = (xml: string, tag: string): string | null =>
  new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1] ?? null;
