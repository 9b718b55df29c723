import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { objectStore } from './object-store.ts';
import { using } from './test-support.ts';

const SECRET = 'se/cret+of 2026';
const stored = new Map<string, Buffer>();
const refusals: string[] = [];
let isBusy = false;

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('hex');

/** Signature Version 4, written from its description: the client's own code has no part in it. */
function isSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): boolean {
  const given = /Credential=key\/([^,]+), *SignedHeaders=([^,]+), *Signature=(\w+)/.exec(
    headers.authorization ?? '',
  );
  const [, scope = '', signed = '', signature] = given ?? [];
  const [path = '', query = ''] = url.split('?');
  const canonical = [
    method,
    path,
    query.split('&').filter(Boolean).sort().join('&'),
    ...signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    signed,
    sha256(body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>((by, part) => createHmac('sha256', by).update(part).digest(), `AWS4${SECRET}`);
  return createHmac('sha256', key).update(toSign).digest('hex') === signature;
}

function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  if (isBusy) {
    isBusy = false;
    return void response.writeHead(503, { 'retry-after': '0' }).end();
  }
  if (!isSigned(request, body)) {
    refusals.push(request.url ?? '');
    return void response.writeHead(403).end('<Error/>');
  }
  const url = new URL(request.url ?? '/', 'http://store');
  const key = decodeURIComponent(url.pathname.slice('/bucket/'.length));
  if (url.searchParams.has('list-type')) {
    const keys = [...stored.keys()]
      .sort()
      .filter((key) => key.startsWith(url.searchParams.get('prefix') ?? ''));
    const from = Number(url.searchParams.get('continuation-token') ?? 0);
    const objects = keys.slice(from, from + 2).map((key) => {
      const bytes = stored.get(key) as Buffer;
      return `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${bytes.length}</Size><ETag>&quot;${md5(bytes)}&quot;</ETag></Contents>`;
    });
    const next = from + 2 < keys.length ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : '';
    return void response.end(`<ListBucketResult>${objects.join('')}${next}</ListBucketResult>`);
  }
  if (request.method === 'PUT') stored.set(key, body);
  const bytes = stored.get(key);
  if (request.method === 'DELETE') {
    stored.delete(key);
    return void response.writeHead(204).end();
  }
  if (!bytes) return void response.writeHead(404).end();
  response.writeHead(200, {
    etag: `"${md5(bytes)}"`,
    'content-length': request.method === 'PUT' ? 0 : bytes.length,
  });
  response.end(request.method === 'GET' ? bytes : undefined);
}

let server: Server;
let endpoint = '';
const folder = mkdtempSync(join(tmpdir(), 'object-store-'));
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const s3 = (secretAccessKey = SECRET) =>
  objectStore({
    description: 'A bucket.',
    values: {
      default: { url: 's3://bucket/a prefix', endpoint, accessKeyId: 'key', secretAccessKey, backoff: 1 },
    },
  });
const stores = {
  file: () => objectStore({ description: 'A folder.', values: { default: { url: `file:${folder}/store` } } }),
  s3,
};

describe.each(['file', 's3'] as const)('%s', (kind) => {
  test('puts, gets, lists and deletes, whatever is in a key that it may hold', async () => {
    const keys = ['a/1.json', 'a/2 + ü&(x)!.json', "a/it's*=?#%.json", 'b.json'].sort();
    await using(stores[kind](), async (store) => {
      expect([await store.get('a/1.json'), await store.head('a/1.json')]).toEqual([null, null]);
      expect(await store.list()).toEqual([]);
      for (const key of keys) {
        const put = await store.put(key, `content of ${key}`);
        expect(await store.head(key)).toEqual(put);
        expect((await store.get(key))?.bytes.toString()).toBe(`content of ${key}`);
        expect(put.etag).toBe(md5(Buffer.from(`content of ${key}`)));
      }
      const all = await store.list();
      expect(all.map(({ key }) => key)).toEqual(keys);
      expect(all[0]).toEqual(await store.head(keys[0] ?? ''));
      expect((await store.list('a/')).length).toBe(3);
      const before = await store.head('b.json');
      expect((await store.put('b.json', new Uint8Array([0, 255]))).etag).not.toBe(before?.etag);
      await store.delete('b.json');
      await store.delete('b.json');
      expect(await store.get('b.json')).toBe(null);
    });
    expect(refusals).toEqual([]);
  });

  test.each(['', '/a', 'a/', 'a//b', '../a', 'a/./b', 'a\\b', 'a\nb'])('%j is no key', async (key) => {
    const put = using(stores[kind](), (store) => store.put(key, ''));
    await expect(put).rejects.toMatchObject({ code: 'ASSET_OPTION_INVALID' });
  });
});

test('a store that is busy is asked again, with a new signature', async () => {
  isBusy = true;
  await using(s3(), (store) => store.put('busy', 'x'));
  expect(isBusy).toBe(false);
});

test('a wrong secret is refused, and nothing says it', async () => {
  const secrets: string[] = [];
  const asked = using(s3('wrong-secret'), (store) => store.get('a'), { secrets });
  await expect(asked).rejects.toThrow(
    /^HTTP_FAILED: GET http:\/\/[^ ]+\/bucket\/a%20prefix\/a: status 403\./,
  );
  expect(secrets).toEqual(['wrong-secret']);
});

test('a bucket without keys is refused before anything is asked', async () => {
  const store = objectStore({ description: 'A bucket.', values: { default: { url: 's3://bucket' } } });
  await expect(using(store, () => Promise.resolve())).rejects.toThrow('needs `accessKeyId`');
});
