import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiServer, type Handler, materializeOne } from '@nx-assets/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { external } from './external.ts';
import { file } from './file.ts';
import type { Source } from './source.ts';
import { url } from './url.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const observe = async (source: Source) =>
  (await materializeOne(external({ description: 'd', source, freshness: { maxAge: '1h' } }))).value;

describe('an address', () => {
  let api: ApiServer;
  let asked: string[];
  let seen: (string | undefined)[];
  beforeAll(async () => {
    api = await ApiServer.start({});
  });
  beforeEach(() => ([asked, seen] = [[], []]));
  afterAll(() => api.stop());

  /** Serves `rates` with these headers; `head` is what it says to a HEAD. */
  const serve = (headers: OutgoingHttpHeaders, body = 'a,b\n1,2\n', head = 200) => {
    const handler: Handler = (request, response) => {
      asked.push(request.method ?? '');
      seen.push(request.headers.authorization ?? String(request.headers['x-key'] ?? ''));
      response.writeHead(request.method === 'HEAD' ? head : 200, headers);
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    api.collections.rates = handler;
    return url(`${api.url}/rates`);
  };
  const source = () => `${api.url}/rates`;
  const modified = 'Wed, 21 Oct 2026 07:28:00 GMT';

  test('is known by its ETag, from the head alone', async () => {
    const found = await observe(serve({ etag: '"v1"', 'last-modified': modified, 'content-length': 8 }));
    const modifiedAt = '2026-10-21T07:28:00.000Z';
    expect(found).toEqual({ source: source(), version: '"v1"', by: 'etag', modifiedAt, bytes: 8 });
    expect(asked).toEqual(['HEAD']);
  });

  test('else by when it was modified', async () => {
    const found = await observe(serve({ 'last-modified': modified }));
    expect(found).toMatchObject({ version: modified, by: 'last-modified' });
    expect(asked).toEqual(['HEAD']);
  });

  test('else by its bytes', async () => {
    const found = await observe(serve({}, 'text'));
    expect(found).toMatchObject({ version: sha256('text'), by: 'content', modifiedAt: null, bytes: 4 });
    expect(asked).toEqual(['HEAD', 'GET']);
    expect((await observe(serve({}, 'other'))).version).toBe(sha256('other'));
  });

  test.each([405, 501, 403, 404])('that answers a HEAD with %i is asked with GET', async (status) => {
    expect(await observe(serve({ etag: '"v1"' }, 'text', status))).toMatchObject({ version: '"v1"' });
    expect(asked).toEqual(['HEAD', 'GET']);
  });

  test('may come from the environment when it is asked, with headers and without its secrets', async () => {
    serve({ etag: '"v1"' });
    const address = () => `${api.url.replace('//', '//me:pw@')}/rates?token=abc`;
    api.collections['rates?token=abc'] = api.collections.rates;
    const found = await observe(url(address, { headers: { 'x-key': 'k' } }));
    expect(found.source).toBe(source());
    expect(seen).toEqual([`Basic ${Buffer.from('me:pw').toString('base64')}`]);
  });

  test.each([
    ['nothing is there', () => `${api.url}/nothing`, 'GET http://127.0.0.1:\\d+/nothing: status 404.'],
    ['nobody listens', () => 'http://127.0.0.1:9/x', 'HEAD http://127.0.0.1:9/x: '],
    ['it is no address', () => 'rates', 'The address is not an http or https address.'],
  ])('fails where %s', async (_why, address, message) => {
    const once = external({
      description: 'd',
      source: url(address),
      freshness: { maxAge: '1h' },
      retry: { attempts: 1 },
    });
    await expect(materializeOne(once)).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      facts: expect.stringMatching(new RegExp(message)) as string,
    });
  });

  test('is given up after its time', async () => {
    api.collections.slow = () => undefined;
    await expect(observe(url(`${api.url}/slow`, { timeout: 100 }))).rejects.toMatchObject({
      code: 'HTTP_FAILED',
    });
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'external-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is known by its bytes', async () => {
    const path = join(folder, 'rates.csv');
    writeFileSync(path, 'a,b\n');
    expect(await observe(file(path))).toEqual({
      source: path,
      version: sha256('a,b\n'),
      by: 'content',
      modifiedAt: null,
      bytes: 4,
    });
  });

  test('that is not there has a name and a remedy', async () => {
    await expect(observe(file('data/none.csv'))).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
      facts: expect.stringContaining('data/none.csv cannot be read') as string,
    });
  });
});

test('anything that has a version', async () => {
  const source: Source = { observe: () => ({ source: 'warehouse.orders', version: '42', by: 'custom' }) };
  expect(await observe(source)).toEqual({
    source: 'warehouse.orders',
    version: '42',
    by: 'custom',
    modifiedAt: null,
    bytes: null,
  });
});

test('the definition says that it is made elsewhere', () => {
  const source: Source = { observe: () => ({ source: 's', version: '1', by: 'custom' }) };
  const made = external({ description: 'd', source, freshness: { deadline: '0 9 * * *' }, kind: 'sftp' });
  expect(made).toMatchObject({ isExternal: true, kind: 'sftp', control: { attempts: 3 } });
});
