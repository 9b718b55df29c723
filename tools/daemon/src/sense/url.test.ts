import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AssetError } from '@nx-assets/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Sensing } from './test-support.ts';

let server: Server;
let answer: RequestListener;
let origin: string;
/** What was asked: method, path and the headers that name a state. */
let asked: (string | undefined)[][];
beforeEach(async () => {
  asked = [];
  server = createServer((request, response) => {
    const { headers } = request;
    asked.push([request.url, headers['if-none-match'], headers['if-modified-since']]);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const looksAt = (path: string) => new Sensing({ kind: 'url', address: `${origin}${path}` });
const failureOf = async (looks: Sensing, scope = {}): Promise<AssetError> => {
  const error = await looks.look(scope).then(
    () => null,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(AssetError);
  return error as AssetError;
};
/** Serves a page as servers do that know what they have. */
const page =
  (name: 'etag' | 'last-modified', version: string): RequestListener =>
  ({ headers }, response) => {
    const known = headers[name === 'etag' ? 'if-none-match' : 'if-modified-since'];
    response.writeHead(known === version ? 304 : 200, { [name]: version });
    response.end(known === version ? undefined : 'a page');
  };
const FIRST = 'first check: it remembers what is there';

describe('an address', () => {
  test('with an ETag is asked so that 304 is enough', async () => {
    const looks = looksAt('/page?token=secret');
    answer = page('etag', '"one"');
    expect(await looks.look()).toEqual([false, FIRST]);
    expect(await looks.look()).toEqual([false, 'unchanged: 304, by its ETag']);
    answer = page('etag', 'W/"two"');
    expect(await looks.look()).toEqual([true, 'it has changed, by its ETag']);
    expect(await looks.look()).toEqual([false, 'unchanged: 304, by its ETag']);
    const path = '/page?token=secret';
    expect(asked).toEqual([
      [path, undefined, undefined],
      [path, '"one"', undefined],
      [path, '"one"', undefined],
      [path, 'W/"two"', undefined],
    ]);
  });

  test('with a time is asked by that', async () => {
    const looks = looksAt('/');
    const [one, two] = ['Tue, 10 Mar 2026 12:00:00 GMT', 'Tue, 10 Mar 2026 13:00:00 GMT'];
    answer = page('last-modified', one);
    await looks.look();
    expect(await looks.look()).toEqual([false, 'unchanged: 304, by its Last-Modified']);
    answer = page('last-modified', two);
    expect(await looks.look()).toEqual([true, 'it has changed, by its Last-Modified']);
    expect(asked.map(([, , since]) => since)).toEqual([undefined, one, one]);
  });

  test('whose server never says 304 is the same where its ETag is', async () => {
    const looks = looksAt('/');
    answer = (_request, response) => void response.writeHead(200, { etag: '"one"' }).end(`${Math.random()}`);
    await looks.look();
    expect(await looks.look()).toEqual([false, 'unchanged, by its ETag']);
  });

  test('that says nothing of itself is looked at byte by byte', async () => {
    const looks = looksAt('/');
    let text = 'x'.repeat(300_000);
    answer = (_request, response) => void response.writeHead(200).end(text);
    await looks.look();
    expect(await looks.look()).toEqual([false, 'unchanged, by its bytes']);
    text = `${text.slice(0, -1)}y`;
    expect(await looks.look()).toEqual([true, 'it has changed, by its bytes']);
    expect(await looks.look()).toEqual([false, 'unchanged, by its bytes']);
    text = '';
    expect(await looks.look()).toEqual([true, 'it has changed, by its bytes']);
    expect(asked.every(([, etag, since]) => etag === undefined && since === undefined)).toBe(true);
  });

  test('may lead somewhere else', async () => {
    const looks = looksAt('/moved');
    const there = page('etag', '"one"');
    answer = (request, response) =>
      request.url === '/moved'
        ? void response.writeHead(302, { location: '/there' }).end()
        : there(request, response);
    expect(await looks.look()).toEqual([false, FIRST]);
    expect(await looks.look()).toEqual([false, 'unchanged: 304, by its ETag']);
  });
});

describe('an address that cannot be seen', () => {
  test.each([500, 404, 403])('by status %d is a failure, and the next look goes on', async (status) => {
    const looks = looksAt('/page?token=secret');
    answer = page('etag', '"one"');
    await looks.look();
    answer = (_request, response) => void response.writeHead(status, { etag: '"error"' }).end('no');
    const { code, facts, message } = await failureOf(looks);
    expect([code, facts]).toEqual(['HTTP_FAILED', `GET ${origin}/page: status ${status}.`]);
    expect(message).not.toContain('secret');
    answer = page('etag', '"one"');
    expect(await looks.look()).toEqual([false, 'unchanged: 304, by its ETag']);
    answer = page('etag', '"two"');
    expect((await looks.look())[0]).toBe(true);
  });

  test('at the first look is remembered by the first that sees it', async () => {
    const looks = looksAt('/');
    answer = (_request, response) => void response.writeHead(500).end();
    await failureOf(looks);
    answer = page('etag', '"one"');
    expect(await looks.look()).toEqual([false, FIRST]);
  });

  test('because nobody listens is a failure', async () => {
    const looks = looksAt('/page?token=secret');
    await new Promise((resolve) => server.close(resolve));
    const { facts } = await failureOf(looks);
    expect(facts).toBe(`GET ${origin}/page: ECONNREFUSED.`);
  });

  test('because it breaks off in the middle is a failure, and no change', async () => {
    const looks = looksAt('/');
    answer = (_request, response) => void response.writeHead(200, { 'content-length': 10 }).end('0123456789');
    await looks.look();
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('01234');
      setTimeout(() => response.destroy(), 20);
    };
    expect((await failureOf(looks)).code).toBe('HTTP_FAILED');
    answer = (_request, response) => void response.writeHead(200).end('0123456789');
    expect(await looks.look()).toEqual([false, 'unchanged, by its bytes']);
  });

  test('because it does not answer in time is a failure', async () => {
    const looks = looksAt('/');
    answer = () => undefined;
    const { facts } = await failureOf(looks, { signal: AbortSignal.timeout(50) });
    expect(facts).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/: .*(timeout|abort)/i);
  });
});
